/** What the gateway knows: its log, folded. Nothing is known here that is not on the disk. */
import { canonical } from '../../canonical.ts';
import type { DangerClass, Plan } from '../../runbook/plan.ts';
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

/** The log, folded: every line has its place here and nothing else has. */
interface Pages {
  readonly plans: Map<string, Plan>;
  readonly approvals: Map<string, Approvals>;
  readonly sent: Map<string, Sent>;
  readonly voids: Set<string>;
  readonly epochs: Map<string, number>;
  readonly runs: Map<string, string>;
}

/**
 * A call accepted by a process that is gone, and not answered in the log, is `lost` for ever: it may
 * have been sent.
 */
export function openBook(disk: Disk): Book {
  const pages: Pages = {
    plans: new Map(),
    approvals: new Map(),
    sent: new Map(),
    voids: new Set(),
    epochs: new Map(),
    runs: new Map(),
  };
  for (const entry of disk.entries) apply(pages, entry);
  for (const [key, { record }] of pages.sent) {
    if (record.state === 'accepted') finish(pages, { key, change: { state: 'lost' } });
  }
  return {
    incarnation: disk.incarnation,
    count: () => disk.count(),
    plan: (planHash) => pages.plans.get(planHash),
    approvals: (planHash) => pages.approvals.get(planHash),
    sent: (key) => pages.sent.get(key),
    isVoid: (key) => pages.voids.has(key),
    sentOf: (planHash) =>
      [...pages.sent.values()].filter(({ record }) => record.planHash === planHash),
    planOfRun: (run) => pages.runs.get(run),
    epoch: (unit) => pages.epochs.get(unit) ?? 0,
    write: async (entry) => {
      await disk.append(entry);
      apply(pages, entry);
    },
  };
}

function apply(pages: Pages, entry: Entry): void {
  switch (entry.type) {
    case 'born':
      return;
    case 'plan':
      pages.plans.set(entry.planHash, entry.plan);
      return;
    case 'approvals':
      pages.approvals.set(entry.planHash, entry);
      return;
    case 'accepted':
      begin(pages, entry, { state: 'accepted', acceptedAt: entry.at });
      return;
    case 'not-needed':
      begin(pages, entry, { state: 'answered', answeredAt: entry.at });
      finish(pages, { key: entry.key, change: {}, receipt: entry.receipt });
      return;
    case 'answered':
      finish(pages, {
        key: entry.key,
        change: { state: 'answered', answeredAt: entry.at },
        receipt: entry.receipt,
      });
      return;
    case 'lost':
      finish(pages, { key: entry.key, change: { state: 'lost' } });
      return;
    case 'void':
      pages.voids.add(entry.key);
  }
}

type Intent = Extract<Entry, { type: 'accepted' | 'not-needed' }>;

function begin(
  pages: Pages,
  entry: Intent,
  state: Pick<KeyRecord, 'state' | 'acceptedAt' | 'answeredAt'>,
): void {
  const { key, planHash, callId, attempt, epoch } = entry;
  const plan = pages.plans.get(planHash);
  if (plan !== undefined) {
    pages.epochs.set(plan.unit, Math.max(epoch, pages.epochs.get(plan.unit) ?? 0));
    if (entry.type === 'accepted') pages.runs.set(plan.run, planHash);
  }
  const retry =
    entry.type === 'accepted' && entry.retry !== undefined ? { retry: entry.retry } : {};
  const record = { key, planHash, callId, attempt, epoch, ...state };
  pages.sent.set(key, { record, ...retry });
}

interface Finish {
  readonly key: string;
  readonly change: Partial<KeyRecord>;
  readonly receipt?: Receipt;
}

function finish(pages: Pages, { key, change, receipt }: Finish): void {
  const was = pages.sent.get(key);
  if (was === undefined) return;
  const record = { ...was.record, ...change };
  pages.sent.set(key, { ...was, record, ...(receipt === undefined ? {} : { receipt }) });
}

/** Whether the same statements were verified and stored before. */
export const sameStatements = (
  a: readonly SignedStatement[],
  b: readonly SignedStatement[],
): boolean => canonical(a) === canonical(b);
