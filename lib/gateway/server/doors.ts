/** The doors: who knocks is verified first, and every answer, a refusal too, is signed. */
import * as z from 'zod';
import { canonical } from '../../canonical.ts';
import { DrillbookError } from '../../errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../../http.ts';
import type { Random } from '../../random.ts';
import { GatewayError } from '../errors.ts';
import {
  approvalsSchema,
  askSchema,
  epochSchema,
  type Health,
  journalSchema,
  putCallSchema,
  readSchema,
  registerSchema,
  skipSchema,
} from '../protocol.ts';
import { grantAskSchema, peerEpochsSchema } from '../protocol-peers.ts';
import { signAnswer } from '../signatures.ts';
import { answersIn, SERVED } from '../versions.ts';
import { approve } from './approvals.ts';
import { amnesiaOf, assertArmed } from './arming.ts';
import type { Calls } from './calls.ts';
import { announceEpoch, epochsOf } from './epochs.ts';
import type { Parts } from './gateway.ts';
import { giveGrant } from './grants.ts';
import { type Caller, openGuardian } from './guardian.ts';
import { openJournals } from './journals.ts';
import { assertSize } from './limits.ts';
import { registerPlan } from './plans.ts';
import { assertReadable } from './reads.ts';
import { sealReceipt } from './receipts.ts';
import { skipStep } from './skips.ts';

const keySchema = askSchema.extend({ key: z.string().regex(/^[0-9a-f]{64}$/) });

interface Door {
  readonly method: string;
  /** Matched against the whole path; a group is handed to `answer`. */
  readonly path: RegExp;
  readonly status: number;
  /** Whose door it is; without it those of control planes. Looking is for peers too. */
  readonly for?: Caller['kind'] | 'any';
  answer(body: unknown, name: string, caller: Caller): Promise<unknown>;
}

/** The HTTP handler of one gateway. */
export function openDoors(
  parts: Parts,
  { calls, random }: { readonly calls: Calls; readonly random: Random },
): Http {
  const doors = doorsOf(parts, calls);
  const guardian = openGuardian(parts);
  const signer = { keyId: parts.folder.key.keyId, privateKey: parts.folder.key.privateKey };

  async function answerTo(request: HttpRequest): Promise<HttpResponse> {
    try {
      assertSize(request);
      const caller = await guardian.admit(request);
      const inItsVersion = answersIn(request);
      const { door, name } = doorFor(doors, request);
      assertTheirs(door, caller);
      return json(door.status, inItsVersion(await door.answer(bodyOf(request), name, caller)));
    } catch (error) {
      if (error instanceof GatewayError && error.status < 500) {
        return json(error.status, error.toRefusal());
      }
      throw error;
    }
  }

  return async (request) => {
    try {
      const answer = await answerTo(request);
      const stamp = { signer, createdMs: parts.clock.now(), nonce: random(16) };
      return signAnswer(answer, request, stamp);
    } catch (error) {
      // Not signed: the other side must take it for no answer at all, because that is what it is.
      parts.say(error instanceof DrillbookError ? error.message : `fault: ${String(error)}`);
      return { status: 500, headers: {}, body: '' };
    }
  };
}

function doorsOf(parts: Parts, calls: Calls): readonly Door[] {
  const post = (path: RegExp, answer: Door['answer'], status = 200): Door => ({
    ...{ method: 'POST', path, status, answer },
  });
  const open = (door: Door): Door => ({ ...door, for: 'any' });
  const get = (path: RegExp, answer: Door['answer']): Door =>
    open({ method: 'GET', path, status: 200, answer });
  const journals = openJournals(parts);
  /** A gateway that lost its memory changes nothing and promises nothing. */
  const armed =
    (answer: Door['answer']): Door['answer'] =>
    async (body, name, caller) => {
      assertArmed(parts);
      return answer(body, name, caller);
    };
  return [
    post(
      /^\/v1\/plans$/,
      armed((body) => registerPlan(parts, fits(registerSchema, body))),
    ),
    post(
      /^\/v1\/approvals$/,
      armed((body) => approve(parts, fits(approvalsSchema, body))),
    ),
    post(
      /^\/v1\/skips$/,
      armed((body) => skipStep(parts, fits(skipSchema, body))),
    ),
    post(
      /^\/v1\/epochs$/,
      armed((body) => announceEpoch(parts, fits(epochSchema, body))),
    ),
    post(/^\/v1\/asks$/, (body) => calls.ask(fits(keySchema, body))),
    open(post(/^\/v1\/journal$/, (body) => journals.keep(fits(journalSchema, body)))),
    open(post(/^\/v1\/reads$/, (body) => read(parts, fits(readSchema, body)))),
    {
      method: 'PUT',
      path: /^\/v1\/calls\/([0-9a-f]{64})$/,
      status: 202,
      answer: armed((body, key) => calls.put(key, fits(putCallSchema, body))),
    },
    ...peerDoors(parts),
    get(/^\/v1\/health$/, async () => health(parts)),
    get(/^\/v1\/clock$/, async () => ({ nowMs: parts.clock.now() })),
  ];
}

/** Doors for the gateways of other sites; a control plane cannot speak for one. */
function peerDoors(parts: Parts): readonly Door[] {
  const door = (path: RegExp, work: (site: string, body: unknown) => Promise<unknown>): Door => ({
    ...{ method: 'POST', path, status: 200, for: 'peer' },
    answer: async (body, _name, caller) => {
      assertArmed(parts);
      return work(caller.kind === 'peer' ? caller.site : '', body);
    },
  });
  return [
    door(/^\/v1\/peers\/epochs$/, (site, body) =>
      parts.peers.hear(site, fits(peerEpochsSchema, body)),
    ),
    door(/^\/v1\/grants$/, (site, body) => giveGrant(parts, site, fits(grantAskSchema, body))),
  ];
}

/** Throws GW-PEER-DOOR. */
function assertTheirs(door: Door, caller: Caller): void {
  if (door.for === 'any' || (door.for ?? 'control') === caller.kind) return;
  const who = caller.kind === 'peer' ? `gateway ${caller.site}` : `control plane ${caller.id}`;
  throw new GatewayError('GW-PEER-DOOR', `This door is not for ${who}.`);
}

async function read(parts: Parts, wanted: z.infer<typeof readSchema>) {
  assertReadable(wanted, parts.folder.settings);
  const target = parts.targets.find(wanted.target);
  const sentAt = parts.clock.now();
  const answer = await target.get(wanted.path);
  const receivedAt = parts.clock.now();
  const request = { ...wanted, method: 'GET' };
  return sealReceipt(parts, { kind: 'read', request, answer, sentAt, receivedAt });
}

function health({ folder, book, targets, clock, certificate }: Parts): Health {
  const trouble = book.trouble();
  const forgot = amnesiaOf(book);
  const shown = certificate?.();
  const { tasks = [] } = folder;
  return {
    site: folder.settings.site,
    version: 1,
    versions: [...SERVED],
    incarnation: book.incarnation,
    counter: book.count(),
    nowMs: clock.now(),
    keyId: folder.key.keyId,
    drillable: folder.settings.drillable,
    targets: [...targets.names],
    ...(tasks.length === 0 ? {} : { tasks: tasks.map(({ published }) => published) }),
    armed: forgot === undefined,
    ...(forgot === undefined ? {} : { why: forgot }),
    ended: book.memory.armings.map(({ ends }) => ends),
    ...(shown === undefined ? {} : { certificate: { name: shown.name, until: shown.until } }),
    epochs: epochsOf(book),
    ...(trouble === undefined ? {} : { disk: trouble.code }),
  };
}

function doorFor(doors: readonly Door[], request: HttpRequest): { door: Door; name: string } {
  const { pathname, search } = new URL(request.url);
  for (const door of doors) {
    const match = door.path.exec(pathname);
    if (match && door.method === request.method && search === '')
      return { door, name: match[1] ?? '' };
  }
  throw new GatewayError('GW-DOOR', `There is no ${request.method} ${pathname}.`);
}

function bodyOf({ body }: HttpRequest): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    const value: unknown = JSON.parse(body);
    if (canonical(value) === body) return value;
  } catch (cause) {
    throw new GatewayError('GW-BODY', 'The body is no JSON.', { cause });
  }
  throw new GatewayError('GW-BODY', 'The body is not in canonical form.');
}

function fits<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new GatewayError('GW-BODY', z.prettifyError(result.error));
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: canonical(body),
});
