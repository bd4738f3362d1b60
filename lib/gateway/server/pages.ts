/** The gateway's log, folded: each kind of line changes its pages, and nothing else does. */
import { sha256 } from '../../canonical.ts';
import type { DangerClass, Plan } from '../../runbook/plan.ts';
import type { KeyRecord, PutCall, Receipt, SignedStatement } from '../protocol.ts';
import { type Abroad, emptyAbroad, noteAbroad } from './abroad.ts';
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

/** The log, folded: every line has its place here and nothing else has. */
export interface Pages {
  readonly plans: Map<string, Plan>;
  readonly approvals: Map<string, Approvals>;
  readonly sent: Map<string, Sent>;
  /** Of a plan, the keys in `sent`, in their order. */
  readonly keys: Map<string, Set<string>>;
  readonly begun: Map<string, Map<string, number | undefined>>;
  readonly voids: Set<string>;
  readonly epochs: Map<string, number>;
  readonly holders: Map<string, Holder>;
  readonly runs: Map<string, string>;
  readonly older: Set<string>;
  readonly journals: Map<string, Kept>;
  readonly forks: Map<string, Extract<Entry, { type: 'fork' }>[]>;
  readonly memory: Memory;
  readonly abroad: Abroad;
}

export const NO_JOURNAL: Kept = { from: 1, have: 0, tail: '', lines: [] };

export const emptyPages = (): Pages => ({
  plans: new Map(),
  approvals: new Map(),
  sent: new Map(),
  keys: new Map(),
  begun: new Map(),
  voids: new Set(),
  epochs: new Map(),
  holders: new Map(),
  runs: new Map(),
  older: new Set(),
  journals: new Map(),
  forks: new Map(),
  memory: emptyMemory(),
  abroad: emptyAbroad(),
});

export function apply(pages: Pages, entry: Entry): void {
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
    case 'armed':
      for (const { run } of pages.plans.values()) pages.older.add(run);
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
      finish(pages, { ...entry, change: { state: 'answered', answeredAt: entry.at } });
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
    note(pages, { record, ...(retry === undefined ? {} : { retry }) });
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
  note(pages, { record, ...retry });
}

/** A call that was sent, with what is asked of all calls of its plan before each next one. */
function note(pages: Pages, sent: Sent): void {
  const { key, planHash, callId, acceptedAt } = sent.record;
  pages.sent.set(key, sent);
  const keys = pages.keys.get(planHash) ?? new Set();
  pages.keys.set(planHash, keys.add(key));
  const begun = pages.begun.get(planHash) ?? new Map<string, number | undefined>();
  pages.begun.set(planHash, begun.set(callId, begun.get(callId) ?? acceptedAt));
}

interface Finish {
  readonly key: string;
  readonly change: Partial<KeyRecord>;
  readonly receipt?: Receipt;
}

export function finish(pages: Pages, { key, change, receipt }: Finish): void {
  const was = pages.sent.get(key);
  if (was === undefined) return;
  const record = { ...was.record, ...change };
  pages.sent.set(key, { ...was, record, ...(receipt === undefined ? {} : { receipt }) });
}
