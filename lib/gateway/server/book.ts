/** What the gateway knows: its log, folded. Nothing is known here that is not on the disk. */
import { canonical, sha256 } from '../../canonical.ts';
import type { DangerClass, Plan } from '../../runbook/plan.ts';
import type { GatewayError } from '../errors.ts';
import type { KeyRecord, PutCall, Receipt, SignedStatement } from '../protocol.ts';
import { type Abroad, emptyAbroad, noteAbroad } from './abroad.ts';
import type { Disk } from './disk.ts';
import type { Entry } from './entries.ts';
import { emptyMemory, type Memory, remember } from './memory.ts';

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

/** An announced holder of a protection unit. */
export type Holder = Pick<Extract<Entry, { type: 'epoch' }>, 'unit' | 'epoch' | 'planHash' | 'run'>;

/** `lines` begin with line `from`; earlier ones are in the archive. */
export interface Kept {
  readonly from: number;
  readonly have: number;
  /** SHA-256 of the last line. */
  readonly tail: string;
  readonly lines: readonly string[];
}

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
  /** The plan of this run that has sent calls, if there is one. */
  planOfRun(run: string): string | undefined;
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
}

/** The log, folded: every line has its place here and nothing else has. */
interface Pages {
  readonly plans: Map<string, Plan>;
  readonly approvals: Map<string, Approvals>;
  readonly sent: Map<string, Sent>;
  readonly voids: Set<string>;
  readonly epochs: Map<string, number>;
  readonly holders: Map<string, Holder>;
  readonly runs: Map<string, string>;
  readonly journals: Map<string, Kept>;
  readonly forks: Map<string, Extract<Entry, { type: 'fork' }>[]>;
  readonly memory: Memory;
  readonly abroad: Abroad;
}

const NO_JOURNAL: Kept = { from: 1, have: 0, tail: '', lines: [] };

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
    holders: new Map(),
    runs: new Map(),
    journals: new Map(),
    forks: new Map(),
    memory: emptyMemory(),
    abroad: emptyAbroad(),
  };
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
      [...pages.sent.values()].filter(({ record }) => record.planHash === planHash),
    planOfRun: (run) => pages.runs.get(run),
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
    write: async (entry) => {
      // An epoch counts while it is being written: nothing older slips in before it.
      if (entry.type === 'epoch' || entry.type === 'peer-epochs') apply(pages, entry);
      await disk.append(entry);
      apply(pages, entry);
    },
  };
}

function apply(pages: Pages, entry: Entry): void {
  remember(pages.memory, entry);
  noteAbroad(pages.abroad, entry);
  switch (entry.type) {
    case 'born':
    case 'segment':
      return;
    case 'closed':
      recall(pages, entry);
      return;
    case 'lines':
      keepLines(pages, entry);
      return;
    case 'fork':
      pages.forks.set(entry.run, [...(pages.forks.get(entry.run) ?? []), entry]);
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
      return;
    case 'epoch':
      holdUnit(pages, entry);
      return;
    case 'peer-epochs':
      for (const told of entry.epochs) seeEpoch(pages, told);
      return;
    case 'grant':
      seeEpoch(pages, { unit: entry.unit, epoch: entry.grant.epoch });
  }
}

type Told = Extract<Entry, { type: 'peer-epochs' }>['epochs'][number];

/** An epoch that another gateway knows, with its holder if that was announced there. */
function seeEpoch(pages: Pages, { unit, epoch, planHash, run }: Told): void {
  if (planHash !== undefined && run !== undefined) holdUnit(pages, { unit, epoch, planHash, run });
  pages.epochs.set(unit, Math.max(epoch, pages.epochs.get(unit) ?? 0));
}

/** Never back: an older announcement that came late changes nothing. */
function holdUnit(pages: Pages, { unit, epoch, planHash, run }: Holder): void {
  const known = pages.epochs.get(unit) ?? 0;
  const holder = pages.holders.get(unit);
  if (epoch < known || (holder !== undefined && epoch <= holder.epoch)) return;
  pages.epochs.set(unit, epoch);
  pages.holders.set(unit, { unit, epoch, planHash, run });
}

/** What a closed run did stays known: its keys, its plan, its epoch, how far its journal was. */
function recall(pages: Pages, entry: Extract<Entry, { type: 'closed' }>): void {
  const { run, unit, epoch, planHash, journal, sent } = entry;
  pages.epochs.set(unit, Math.max(epoch, pages.epochs.get(unit) ?? 0));
  if (planHash !== undefined) pages.runs.set(run, planHash);
  for (const { record, retry } of sent) {
    pages.sent.set(record.key, { record, ...(retry === undefined ? {} : { retry }) });
  }
  if (journal !== undefined) {
    const { have, tail } = journal;
    pages.journals.set(run, { from: have + 1, have, tail, lines: [] });
  }
}

function keepLines(pages: Pages, { run, lines }: Extract<Entry, { type: 'lines' }>): void {
  const kept = pages.journals.get(run) ?? NO_JOURNAL;
  const have = kept.have + lines.length;
  const tail = sha256(lines.at(-1) ?? '');
  pages.journals.set(run, { from: kept.from, have, tail, lines: [...kept.lines, ...lines] });
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
