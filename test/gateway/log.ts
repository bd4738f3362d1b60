/** A gateway of which only the log matters: what it may do by its lines, without messages and targets. */
import { hashOf, sha256 } from '../../lib/canonical.ts';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import { GatewayError, gatewayCodes } from '../../lib/gateway/errors.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import type { PutCall, Receipt } from '../../lib/gateway/protocol.ts';
import { signReceipt } from '../../lib/gateway/receipt.ts';
import { openBook } from '../../lib/gateway/server/book.ts';
import { type assertMayPut, findCall, type Put } from '../../lib/gateway/server/checks.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import type { PlanCall } from '../../lib/runbook/plan.ts';
import { calls, drillPlan } from './plan.ts';
import { gatewayFolder, newPair, statementsOf } from './support.ts';

type Parts = Parameters<typeof assertMayPut>[0];
export const main = newPair();
const far = newPair();
const bare = { guards: [], holes: [], after: [] };
export const split = { ...calls.split, ...bare };
export const release = { ...calls.release, ...bare, after: ['split.group'] };
export const foreign = { ...calls.foreign, ...bare };
/** Worse than what the approvals cover. */
export const grave: PlanCall = {
  ...split,
  ...{ id: 'split.grave', step: 'grave', class: 'data' },
  path: split.path.replace('split', 'restore'),
};
export const back: PlanCall = { ...split, id: 'back.group', step: 'back', phase: 'undo' };
export const backAtMain: PlanCall = { ...foreign, id: 'back.main', step: 'back', phase: 'undo' };
export const tidy: PlanCall = { ...split, id: 'tidy.group', step: 'tidy', phase: 'always' };
export const plan = drillPlan({
  class: 'data',
  calls: [split, release, foreign, grave, back, backAtMain, tidy],
});
export const planHash = hashOf(plan);
export const END_MS = 3_600_000;
export const WITHIN_MS = plan.approval.runWithinMs;

export interface World {
  readonly parts: Parts;
  readonly clock: ManualClock;
  readonly written: Entry[];
  /** Time when it opened, ms; approvals end `END_MS` later. */
  readonly start: number;
  /** Writes a line; `hangs` = the disk does not come back to it. */
  log(entry: Entry, hangs?: boolean): Promise<void>;
  sent(callId: string, attempt?: number, change?: object): Promise<void>;
  answered(callId: string, status: number, attempt?: number): Promise<void>;
}

export async function open(covered: 'copy' | 'none' | 'nobody' = 'copy'): Promise<World> {
  const clock = manualClock();
  const start = clock.now();
  const written: Entry[] = [];
  let hangs = false;
  const append = async (entry: Entry): Promise<void> => {
    if (hangs) return new Promise(() => {});
    written.push(entry);
  };
  const count = () => written.length;
  const book = openBook({ incarnation: 'i-1', entries: [], count, append, close: async () => {} });
  const base = gatewayFolder();
  const peers = [
    { site: 'far', publicKey: far.publicKey },
    { site: 'main', publicKey: main.publicKey },
  ];
  const folder = { ...base, trust: { ...base.trust, peers } };
  const some: Pick<Parts, 'book' | 'clock' | 'folder'> = { book, clock, folder };
  const world: World = {
    ...{ parts: some as Parts, clock, written, start },
    log: async (entry, hanging = false) => {
      hangs = hanging;
      const done = book.write(entry);
      hangs = false;
      if (!hanging) await done;
    },
    sent: (callId, attempt = 1, change = {}) => {
      const key = callKey({ run: plan.run, callId, attempt });
      const intent = { key, planHash, callId, attempt, epoch: 1 };
      return world.log({ type: 'accepted', at: clock.now(), ...intent, ...change });
    },
    answered: (callId, status, attempt = 1) => {
      const answer = receipt(callId, { gateway: 'dr', status }, attempt);
      return world.log({
        type: 'answered',
        at: clock.now(),
        key: answer.key ?? '',
        receipt: answer,
      });
    },
  };
  await world.log({ type: 'plan', at: start, planHash, plan, runbook: 'x', config: {} });
  if (covered === 'nobody') return world;
  const statements = statementsOf({ plan, planHash, clock }, { class: covered });
  const notAfter = start + END_MS;
  await world.log({ type: 'approvals', at: start, planHash, statements, covered, notAfter });
  return world;
}

export function receipt(callId: string, change: Partial<Receipt> = {}, attempt = 1): Receipt {
  const key = callKey({ run: plan.run, callId, attempt });
  const answer = { status: 202, body: '{}', answerHash: sha256('{}') };
  return signReceipt(
    {
      ...{ v: 1, gateway: 'main', incarnation: 'i-9', counter: 4, kind: 'call', planHash, callId },
      ...{ key, target: 'array:1', method: 'PUT', path: '/x', requestHash: 'x', ...answer },
      ...{ sentAt: 1, receivedAt: 2, simulated: true, guards: [], ...change },
    },
    main.privateKey,
  );
}

export const putOf = (
  { parts, clock }: World,
  callId: string,
  change: Partial<PutCall> = {},
): Put => {
  const body = { planHash, callId, attempt: 1, epoch: 1, putBy: clock.now(), ...change };
  return findCall(parts, callKey({ run: plan.run, callId, attempt: body.attempt }), body);
};

const means = new Map(Object.entries(gatewayCodes).map(([code, one]) => [code, one.means]));

/** `yes`, or code, what and the why that is its own of the refusal. */
export const said = (look: () => unknown): string => {
  try {
    look();
    return 'yes';
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { code, what, why } = error;
    return [code, what, ...(why === means.get(code) ? [] : [why])].join(' | ');
  }
};

/** Another plan of the same run. */
export const other = drillPlan({ unit: 'ELSE' });
export const otherHash = hashOf(other);
export const skipOf = (step: string, hash = planHash): Entry => ({
  ...{ type: 'skip', at: 1, planHash: hash, step, statements: [] },
});
