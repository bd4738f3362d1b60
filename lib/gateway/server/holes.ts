/** Late-bound values: filled by the gateway alone, from what this run provably made. */
import { sha256 } from '../../canonical.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { GuardReading } from '../protocol.ts';
import type { Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { assertReadable } from './reads.ts';
import { standingOf } from './standing.ts';

/** A call with all holes filled, or none to send since what it names was never made. */
export type Filled =
  | { readonly needed: true; readonly path: string; readonly body?: unknown }
  | { readonly needed: false; readonly why: string };

/** How long a lost create may still turn up in a listing: the limit of a job. */
const LOST_SETTLES_MS = 60_000;

/** Rejects with GW-HOLE when a value cannot be taken for certain. */
export async function fillHoles(parts: Parts, put: Put): Promise<Filled> {
  const { plan, call } = put;
  const values = new Map<string, string>();
  for (const hole of call.holes) {
    const maker = plan.calls.find(({ id }) => id === hole.call);
    if (maker === undefined) throw refusal(call, hole.call, 'It is not in the plan.');
    const value = await valueFrom(parts, { put, maker, pointer: hole.pointer });
    if (value === undefined) return { needed: false, why: `${maker.id} made nothing.` };
    if (!/^[A-Za-z0-9-]{1,64}$/.test(value)) throw refusal(call, maker.id, 'Its value is no id.');
    if (call.method === 'DELETE' && !(await isStillOurs(parts, { put, maker, value }))) {
      return { needed: false, why: `What ${maker.id} made is gone.` };
    }
    values.set(hole.name, value);
  }
  const path = filled(call.path, values) as string;
  return {
    needed: true,
    path,
    ...(call.body === undefined ? {} : { body: filled(call.body, values) }),
  };
}

interface Source {
  readonly put: Put;
  readonly maker: PlanCall;
  readonly pointer: string;
}

/**
 * From the stored answer, at another site from its gateway's receipt; after a lost one from the
 * gateway's own listing by key. Undefined: never made, and the listing agrees, so that a call that
 * cleans up has nothing to do.
 */
async function valueFrom(parts: Parts, source: Source): Promise<string | undefined> {
  const { put, maker, pointer } = source;
  const { plan, call } = put;
  const { standing, receipt, acceptedAt } = standingOf(parts, plan, maker);
  if (standing === 'well' && receipt !== undefined) {
    const value = at(parsed(receipt.body), pointer);
    if (typeof value === 'string') return value;
    throw refusal(call, maker.id, `Its answer has no text at ${pointer}.`);
  }
  if (standing === 'accepted') throw refusal(call, maker.id, 'It is on its way.');
  // What another site has of it, only that site can look for.
  if (maker.site !== call.site) {
    if (standing === 'not-needed' && call.phase !== 'forward') return undefined;
    throw refusal(call, maker.id, `By the receipts of ${maker.site} it is ${standing}.`);
  }
  const found = await listByKey(parts, maker, put.looks);
  const sentLongAgo = acceptedAt === undefined || parts.clock.now() - acceptedAt > LOST_SETTLES_MS;
  if (found.length === 0 && call.phase !== 'forward' && sentLongAgo) return undefined;
  const mayBeOurs = standing === 'lost' || standing === 'unclear';
  const [only] = found;
  if (mayBeOurs && only !== undefined && found.length === 1) return only;
  throw refusal(call, maker.id, `It is ${standing}, and ${found.length} objects have its key.`);
}

/**
 * What is deleted carries the key of this run at this very moment: an answer alone could name
 * another's. False when nothing carries it any more; rejects when something else does.
 */
async function isStillOurs(
  parts: Parts,
  { put, maker, value }: { put: Put; maker: PlanCall; value: string },
): Promise<boolean> {
  const { call, looks } = put;
  const found = await listByKey(parts, maker, looks);
  if (found.every((id) => id === value) && found.length < 2) return found.length === 1;
  const why = `Its answer names ${value}, its key is on ${found.join(', ')}.`;
  throw refusal(call, maker.id, why);
}

/** Ids of all objects that carry the key of what `maker` creates. Rejects on any doubt. */
export async function listByKey(
  parts: Parts,
  maker: PlanCall,
  looks: GuardReading[],
): Promise<string[]> {
  const { creates, target } = maker;
  if (creates === undefined) throw refusal(maker, maker.id, 'It creates nothing under a key.');
  assertReadable({ target, path: creates.listPath }, parts.folder.settings);
  const answer = await parts.targets.find(target).get(creates.listPath);
  const body = answer.status === 200 ? parsed(answer.body) : undefined;
  const list = at(body, creates.list);
  if (!Array.isArray(list)) {
    throw refusal(maker, maker.id, `GET ${creates.listPath} answers ${answer.status}, no list.`);
  }
  // OpenStack says by `<list>_links` that there is another page: this one proves nothing.
  if (at(body, `${creates.list}_links`) !== undefined) {
    throw refusal(maker, maker.id, `GET ${creates.listPath} answers only a part of the list.`);
  }
  const ours = list.filter((entry) => at(entry, creates.keyField) === creates.key);
  const ids = ours.map((entry) => {
    const id = at(entry, creates.id);
    if (typeof id === 'string') return id;
    throw refusal(maker, maker.id, `An object with its key has no id at ${creates.id}.`);
  });
  const seen = { path: creates.listPath, status: answer.status, answerHash: sha256(answer.body) };
  looks.push({ id: `made:${maker.id}`, ...seen, holds: true, reading: ids });
  return ids;
}

/** The value at a JSON pointer (RFC 6901), or undefined. */
function at(value: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<unknown>((inner, step) => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return Object.hasOwn(inner, name) ? (inner as Record<string, unknown>)[name] : undefined;
  }, value);
}

function filled(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replaceAll(/\{\{(.*?)\}\}/g, (text, name: string) => values.get(name) ?? text);
  }
  if (Array.isArray(value)) return value.map((inner) => filled(inner, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, filled(inner, values)]),
  );
}

/** Parsed JSON, or the text when it is none. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

const refusal = (call: PlanCall, source: string, why: string): GatewayError =>
  new GatewayError('GW-HOLE', `${call.id} cannot take what it needs from ${source}.`, { why });
