/** What the gateway knows: its log, folded. Nothing is known here that is not on the disk. */
import { canonical } from '../../canonical.ts';
import type { Plan, PlanCall } from '../../runbook/plan.ts';
import { callKey } from '../keys.ts';
import type { DangerClass } from '../../runbook/plan.ts';
import type { KeyRecord, PutCall, Receipt, SignedStatement } from '../protocol.ts';
import type { Disk } from './disk.ts';
import type { Entry } from './entries.ts';

export interface Approvals {
  readonly statements: readonly SignedStatement[];
  readonly covered: DangerClass;
  readonly notAfter: number;
}

/** One put that was accepted, or found not to be needed. */
export interface Sent {
  readonly record: KeyRecord;
  readonly retry?: PutCall['retry'];
  readonly receipt?: Receipt;
}

export interface Book {
  readonly incarnation: string;
  count(): number;
  plan(planHash: string): Plan | undefined;
  approvals(planHash: string): Approvals | undefined;
  sent(key: string): Sent | undefined;
  isVoid(key: string): boolean;
  /** All sent calls of a plan, oldest first. */
  sentOf(planHash: string): readonly Sent[];
  /** The plan of this run that has sent calls, if there is one. */
  planOfRun(run: string): string | undefined;
  /** Highest epoch accepted for a protection unit, 0 when there was none. */
  epoch(unit: string): number;
  write(entry: Entry): Promise<void>;
}

/**
 * A call accepted by a process that is gone, and not answered in the log, is `lost` for ever: it may
 * have been sent.
 */
export function openBook(disk: Disk): Book {
  const plans = new Map<string, Plan>();
  const approvals = new Map<string, Approvals>();
  const sent = new Map<string, Sent>();
  const voids = new Set<string>();
  const epochs = new Map<string, number>();
  const runs = new Map<string, string>();

  function begin(entry: Extract<Entry, { callId: string }>): void {
    const { key, planHash, callId, attempt, epoch, at } = entry;
    const plan = plans.get(planHash);
    if (plan !== undefined) {
      epochs.set(plan.unit, Math.max(epoch, epochs.get(plan.unit) ?? 0));
      if (entry.type === 'accepted') runs.set(plan.run, planHash);
    }
    const record: KeyRecord = {
      ...{ key, planHash, callId, attempt, epoch },
      ...(entry.type === 'accepted'
        ? { state: 'accepted', acceptedAt: at }
        : { state: 'answered', answeredAt: at }),
    };
    const extra = entry.type === 'not-needed' ? { receipt: entry.receipt } : { retry: entry.retry };
    sent.set(key, { record, ...(extra as Partial<Sent>) });
  }

  function finish(key: string, change: Partial<KeyRecord>, receipt?: Receipt): void {
    const was = sent.get(key);
    if (was === undefined) return;
    const record = { ...was.record, ...change };
    sent.set(key, { ...was, record, ...(receipt === undefined ? {} : { receipt }) });
  }

  function apply(entry: Entry): void {
    if (entry.type === 'plan') plans.set(entry.planHash, entry.plan);
    if (entry.type === 'approvals') approvals.set(entry.planHash, entry);
    if (entry.type === 'accepted' || entry.type === 'not-needed') begin(entry);
    if (entry.type === 'answered') {
      finish(entry.key, { state: 'answered', answeredAt: entry.at }, entry.receipt);
    }
    if (entry.type === 'lost') finish(entry.key, { state: 'lost' });
    if (entry.type === 'void') voids.add(entry.key);
  }

  for (const entry of disk.entries) apply(entry);
  for (const [key, { record }] of sent) if (record.state === 'accepted') finish(key, { state: 'lost' });

  return {
    incarnation: disk.incarnation,
    count: () => disk.count(),
    plan: (planHash) => plans.get(planHash),
    approvals: (planHash) => approvals.get(planHash),
    sent: (key) => sent.get(key),
    isVoid: (key) => voids.has(key),
    sentOf: (planHash) => [...sent.values()].filter(({ record }) => record.planHash === planHash),
    planOfRun: (run) => runs.get(run),
    epoch: (unit) => epochs.get(unit) ?? 0,
    write: async (entry) => {
      await disk.append(entry);
      apply(entry);
    },
  };
}

/**
 * What became of a call over all its attempts: `well` = answered as wanted, `refused` = the target
 * said 4xx or 503, `unclear` = another answer, `never` = no attempt is known here.
 */
export type Standing =
  | 'never' | 'void' | 'refused' | 'unclear' | 'lost' | 'accepted' | 'well' | 'not-needed';

/** Rising: one attempt that may have worked outweighs later ones that did not. */
const order: readonly Standing[] = [
  'never', 'void', 'refused', 'unclear', 'lost', 'accepted', 'well', 'not-needed',
];

export function standingOf(book: Book, plan: Plan, call: PlanCall): { standing: Standing; sent?: Sent } {
  let best: { standing: Standing; sent?: Sent } = { standing: 'never' };
  for (let attempt = 1; ; attempt++) {
    const key = callKey({ run: plan.run, callId: call.id, attempt });
    const sent = book.sent(key);
    if (sent === undefined && !book.isVoid(key)) return best;
    const standing = sent === undefined ? 'void' : standingOfOne(sent, call);
    if (order.indexOf(standing) >= order.indexOf(best.standing)) {
      best = { standing, ...(sent === undefined ? {} : { sent }) };
    }
  }
}

/** A DELETE that finds nothing has reached what it wanted. */
export function standingOfOne({ record, receipt }: Sent, call: PlanCall): Standing {
  if (record.state !== 'answered' || receipt === undefined) {
    return record.state === 'accepted' ? 'accepted' : 'lost';
  }
  if (receipt.kind === 'not-needed') return 'not-needed';
  const { status } = receipt;
  if (status >= 200 && status < 300) return 'well';
  if (status === 404 && call.method === 'DELETE') return 'well';
  return (status >= 400 && status < 500) || status === 503 ? 'refused' : 'unclear';
}

/** Whether the same statements were verified and stored before. */
export const sameStatements = (a: readonly SignedStatement[], b: readonly SignedStatement[]): boolean =>
  canonical(a) === canonical(b);
