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
  type Health,
  putCallSchema,
  readSchema,
  registerSchema,
} from '../protocol.ts';
import { signAnswer } from '../signatures.ts';
import { approve } from './approvals.ts';
import type { Calls } from './calls.ts';
import type { Parts } from './gateway.ts';
import { openGuardian } from './guardian.ts';
import { registerPlan } from './plans.ts';
import { assertReadable } from './reads.ts';
import { sealReceipt } from './receipts.ts';

const keySchema = askSchema.extend({ key: z.string().regex(/^[0-9a-f]{64}$/) });

interface Door {
  readonly method: string;
  /** Matched against the whole path; a group is handed to `answer`. */
  readonly path: RegExp;
  readonly status: number;
  answer(body: unknown, name: string): Promise<unknown>;
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
      await guardian.admit(request);
      const { door, name } = doorFor(doors, request);
      return json(door.status, await door.answer(bodyOf(request), name));
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
      return await signAnswer(answer, request, stamp);
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
  return [
    post(/^\/v1\/plans$/, (body) => registerPlan(parts, fits(registerSchema, body))),
    post(/^\/v1\/approvals$/, (body) => approve(parts, fits(approvalsSchema, body))),
    post(/^\/v1\/asks$/, (body) => calls.ask(fits(keySchema, body).key)),
    post(/^\/v1\/reads$/, (body) => read(parts, fits(readSchema, body))),
    {
      method: 'PUT',
      path: /^\/v1\/calls\/([0-9a-f]{64})$/,
      status: 202,
      answer: (body, key) => calls.put(key, fits(putCallSchema, body)),
    },
    { method: 'GET', path: /^\/v1\/health$/, status: 200, answer: async () => health(parts) },
    {
      method: 'GET',
      path: /^\/v1\/clock$/,
      status: 200,
      answer: async () => ({ nowMs: parts.clock.now() }),
    },
  ];
}

async function read(parts: Parts, wanted: z.infer<typeof readSchema>) {
  assertReadable(wanted, parts.folder.settings.probes.urls);
  const target = parts.targets.find(wanted.target);
  const sentAt = parts.clock.now();
  const answer = await target.get(wanted.path);
  const receivedAt = parts.clock.now();
  const request = { ...wanted, method: 'GET' };
  return sealReceipt(parts, { kind: 'read', request, answer, sentAt, receivedAt });
}

function health({ folder, book, targets, clock }: Parts): Health {
  return {
    site: folder.settings.site,
    version: 1,
    incarnation: book.incarnation,
    counter: book.count(),
    nowMs: clock.now(),
    keyId: folder.key.keyId,
    drillable: folder.settings.drillable,
    targets: [...targets.names],
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
