/** What the gateway knows: its log, folded. Nothing is known here that is not on the disk. */
import type { Plan } from '../../runbook/plan.ts';
import type { GatewayError } from '../errors.ts';
import type { Receipt } from '../protocol.ts';
import type { Abroad } from './abroad.ts';
import type { Disk } from './disk.ts';
import type { Entry } from './entries.ts';
import type { Memory } from './memory.ts';
import {
  type Approvals,
  apply,
  emptyPages,
  finish,
  type Holder,
  type Kept,
  NO_JOURNAL,
  type Pages,
  type Sent,
} from './pages.ts';

export interface Book {
  /** That of the disk, or the one two people began when they armed the gateway again. */
  readonly incarnation: string;
  /** What it knows of itself. */
  readonly memory: Memory;
  /** What it keeps of the gateways of other sites. */
  readonly abroad: Abroad;
  /** Two people signed that this step is skipped. */
  skipped(planHash: string, step: string): boolean;
  count(): number;
  plan(planHash: string): Plan | undefined;
  /** All that are registered here, oldest first. */
  plans(): readonly { readonly planHash: string; readonly plan: Plan }[];
  approvals(planHash: string): Approvals | undefined;
  sent(key: string): Sent | undefined;
  isVoid(key: string): boolean;
  /** All sent calls of a plan, oldest first. */
  sentOf(planHash: string): readonly Sent[];
  /** By id of call, when it was first accepted (ms): of `sentOf` what is asked before each call. */
  begun(planHash: string): ReadonlyMap<string, number | undefined>;
  /** The plan of this run that has sent calls, or is about to, if there is one. */
  planOfRun(run: string): string | undefined;
  /** It was registered here before the gateway was armed again. */
  isOlder(run: string): boolean;
  /** Highest epoch accepted for a protection unit, 0 when there was none. */
  epoch(unit: string): number;
  epochs(): readonly (readonly [unit: string, epoch: number])[];
  /** The announced holder of a unit's newest epoch; undefined when a newer one was only seen. */
  holder(unit: string): Holder | undefined;
  holders(): readonly Holder[];
  /** What is kept of a run's journal. */
  journal(run: string): Kept;
  /** Lines of other histories of the run. */
  forks(run: string): readonly Extract<Entry, { type: 'fork' }>[];
  /** The receipt of a call of a closed run, from the archive. */
  archived(key: string): Promise<Receipt | undefined>;
  /** Why nothing can be written now. */
  trouble(): GatewayError | undefined;
  write(entry: Entry): Promise<void>;
  /** What is being written down: nobody was told of it, and whatever it would forbid waits for it. */
  coming(): readonly Entry[];
  /** Its answer is not on the disk: from here on the call is what a start would make of it. */
  giveUp(key: string): void;
}

/**
 * A call accepted by a process that is gone, and not answered in the log, is `lost` for ever: it may
 * have been sent.
 */
export function openBook(disk: Disk): Book {
  const pages = emptyPages();
  const coming = new Set<Entry>();
  for (const entry of disk.entries) apply(pages, entry);
  for (const [key, { record }] of pages.sent) {
    if (record.state === 'accepted') finish(pages, { key, change: { state: 'lost' } });
  }
  return {
    get incarnation() {
      return pages.memory.armings.at(-1)?.begins ?? disk.incarnation;
    },
    memory: pages.memory,
    abroad: pages.abroad,
    skipped: (planHash, step) => pages.memory.skips.has(`${planHash} ${step}`),
    count: () => disk.count(),
    plan: (planHash) => pages.plans.get(planHash),
    plans: () => [...pages.plans].map(([planHash, plan]) => ({ planHash, plan })),
    approvals: (planHash) => pages.approvals.get(planHash),
    sent: (key) => pages.sent.get(key),
    isVoid: (key) => pages.voids.has(key),
    sentOf: (planHash) =>
      [...(pages.keys.get(planHash) ?? [])].flatMap((key) => pages.sent.get(key) ?? []),
    begun: (planHash) => pages.begun.get(planHash) ?? new Map(),
    isOlder: (run) => pages.older.has(run),
    planOfRun: (run) => pages.runs.get(run) ?? beginningOf(pages, run, coming),
    epoch: (unit) => pages.epochs.get(unit) ?? 0,
    epochs: () => [...pages.epochs],
    holder: (unit) => {
      const holder = pages.holders.get(unit);
      return holder?.epoch === pages.epochs.get(unit) ? holder : undefined;
    },
    holders: () => [...pages.holders.values()],
    journal: (run) => pages.journals.get(run) ?? NO_JOURNAL,
    forks: (run) => pages.forks.get(run) ?? [],
    archived: async (key) => (await disk.archived?.(key))?.receipt,
    trouble: () => disk.trouble?.(),
    write: writing(pages, disk, coming),
    coming: () => [...coming],
    giveUp: (key) => finish(pages, { key, change: { state: 'lost' } }),
  };
}

/** What is on the disk is known in the same moment in which it is not coming any more. */
function writing(pages: Pages, disk: Disk, coming: Set<Entry>): Book['write'] {
  return async (entry) => {
    // An epoch counts while it is being written: nothing older slips in before it.
    if (entry.type === 'epoch' || entry.type === 'peer-epochs') apply(pages, entry);
    coming.add(entry);
    try {
      await disk.append(entry);
      apply(pages, entry);
    } finally {
      coming.delete(entry);
    }
  };
}

/** The plan of a run whose first call is being written down. */
const beginningOf = (pages: Pages, run: string, coming: ReadonlySet<Entry>): string | undefined =>
  [...coming]
    .flatMap((entry) => (entry.type === 'accepted' ? [entry.planHash] : []))
    .find((planHash) => pages.plans.get(planHash)?.run === run);
