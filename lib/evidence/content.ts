/** Gathers what a pack is made of: journals, ledger, plans, runbooks and raw files of one drill. */
import * as z from 'zod';
import { sha256 } from '../canonical.ts';
import { policySchema, serviceSchema, siteSchema } from '../config.ts';
import { type Receipt, receiptSchema } from '../gateway/protocol.ts';
import { type EventType, type JournalEvent, parseEvent } from '../run/events.ts';
import { type Plan, planSchema } from '../runbook/plan.ts';
import type { Blobs, Store } from '../store/store.ts';
import { type Fork, readBranches } from './branches.ts';
import { EvidenceError } from './errors.ts';
import { type RawPlace, RUN_NAME, rawPlaces } from './layout.ts';
import { assertAllClosed, runsOf } from './ledger.ts';
import { dataOf, type LedgerData, type LedgerLine, readLedger } from './records.ts';

export type EventOf<T extends EventType> = Extract<JournalEvent, { type: T }>;

export interface RawFile extends RawPlace {
  readonly bytes: Buffer;
  /** The gateways' receipts in it: one for a call, several for an observation, else none. */
  readonly receipts: readonly Receipt[];
}

/** A run that has ended, with all its evidence. Everything a report may print is in here. */
export interface RunContent {
  readonly run: string;
  readonly lines: readonly string[];
  readonly events: readonly JournalEvent[];
  readonly ended: EventOf<'run.ended'>;
  /** SHA-256 of the journal's last line. */
  readonly head: string;
  /** Lines that another plane wrote after it had lost the run. */
  readonly forks: readonly Fork[];
  /** What was asked for, with what the runbook says of itself where that is known. */
  readonly opening: Omit<LedgerData<'drill.opened'>, 'wave'>;
  readonly plan?: Plan;
  readonly planText?: string;
  readonly runbook?: string;
  /** What the plan was compiled with. */
  readonly configuration?: z.infer<typeof configurationSchema>;
  readonly raw: readonly RawFile[];
}

/** A drill whose runs have all ended. */
export interface DrillContent {
  readonly drill: string;
  /** In the order in which they were opened; the first is the one that the drill was opened for. */
  readonly runs: readonly [RunContent, ...RunContent[]];
  /** One unbroken stretch of the ledger, from the drill's opening to its last `run.closed`. */
  readonly ledger: readonly LedgerLine[];
}

/** Of the policy what the report measures by; packs of earlier versions may lack it. */
const configurationSchema = z.object({
  service: serviceSchema,
  sites: z.array(siteSchema),
  policy: policySchema.pick({ tiers: true, law: true, rtoFrom: true }).strip().optional(),
});

export interface Sources {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly tenant: string;
}

/**
 * The whole drill that a run belongs to. Throws EV-RUN-OPEN before the run ended, EV-DRILL-OPEN while
 * another run of it is open, EV-BLOB-LOST when a named file is not there.
 */
export async function readDrill(run: string, sources: Sources): Promise<DrillContent> {
  const drill = openedIn(await readJournal(run, sources.store)).drill;
  const lines = await readLedger(sources.store, sources.tenant);
  const names = runsOf(lines, drill);
  if (!names.includes(run)) {
    throw new EvidenceError('EV-RUN-OPEN', { what: `Run ${run}.`, why: 'No ledger has it.' });
  }
  assertAllClosed(lines, drill);
  const header = headerOf(lines, drill);
  const runs: RunContent[] = [];
  for (const name of names) {
    const head = dataOf(lines, 'run.closed').find((data) => data.run === name)?.head;
    runs.push(await readRun(name, sources, { header, head }));
  }
  const [first, ...others] = runs;
  if (first === undefined) throw new TypeError(`${drill} has no run`);
  return { drill, runs: [first, ...others], ledger: stretchOf(lines, drill) };
}

type Header = LedgerData<'drill.opened'> | LedgerData<'drill.continued'> | undefined;

async function readRun(
  run: string,
  sources: Sources,
  { header, head }: { readonly header: Header; readonly head: string | undefined },
): Promise<RunContent> {
  const journal = await readJournal(run, sources.store, head);
  const { drill, service, runbook, requester } = openedIn(journal);
  // Of a run that joined, only the same runbook is known to be the one described.
  const described = header?.runbook === runbook ? header : undefined;
  const planned = await readPlan(journal.events, sources.blobs);
  const raw = await Promise.all(
    rawPlaces(journal.events).map((place) => readRaw(place, sources.blobs)),
  );
  const opening = {
    ...{ drill, run, service, runbook, requester },
    ...(described?.title === undefined ? {} : { title: described.title }),
    ...(described?.drillType === undefined ? {} : { drillType: described.drillType }),
  };
  return { run, ...journal, opening, ...planned, raw };
}

function openedIn({ events }: Pick<RunContent, 'events'>) {
  const [opened] = eventsOf(events, 'run.opened');
  if (opened === undefined) throw new TypeError('a journal begins with run.opened');
  return opened.data;
}

const headerOf = (lines: readonly LedgerLine[], drill: string): Header =>
  [...dataOf(lines, 'drill.opened'), ...dataOf(lines, 'drill.continued')].find(
    (data) => data.drill === drill,
  );

function stretchOf(lines: readonly LedgerLine[], drill: string): LedgerLine[] {
  const of = ({ record }: LedgerLine) => 'drill' in record.data && record.data.drill === drill;
  const first = lines.findIndex(of);
  const last = lines.findLastIndex((line) => of(line) && line.record.type === 'run.closed');
  return lines.slice(first, last + 1);
}

/**
 * The journal up to `run.ended`; what was written behind it is not part of what was closed.
 * `closedHead` is the head that the ledger closed the run with, once it has.
 */
export async function readJournal(
  run: string,
  store: Store,
  closedHead?: string,
): Promise<Pick<RunContent, 'lines' | 'events' | 'ended' | 'head' | 'forks'>> {
  if (!RUN_NAME.test(run))
    throw new EvidenceError('EV-RUN-NAME', {
      what: `Run "${run}".`,
      why: 'It cannot be a file name.',
    });
  const { lines: all, forks } = await readBranches(run, store, closedHead);
  const parsed = all.map(parseEvent);
  const end = parsed.findIndex(({ type }) => type === 'run.ended');
  const ended = parsed[end];
  if (ended?.type !== 'run.ended') {
    throw new EvidenceError('EV-RUN-OPEN', {
      what: `Run ${run}.`,
      why: 'Its journal has no run.ended.',
    });
  }
  const lines = all.slice(0, end + 1);
  const events = parsed.slice(0, end + 1);
  return { lines, events, ended, head: sha256(lines.at(-1) ?? ''), forks };
}

/** The events of one type, in order. */
export function eventsOf<T extends EventType>(
  events: readonly JournalEvent[],
  type: T,
): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

async function readPlan(
  events: readonly JournalEvent[],
  blobs: Blobs,
): Promise<Pick<RunContent, 'plan' | 'planText' | 'runbook' | 'configuration'>> {
  const resolved = eventsOf(events, 'plan.resolved').at(-1);
  if (resolved === undefined) return {};
  const labelled = async (label: string): Promise<string> => {
    const named = resolved.evidence.find((evidence) => evidence.label === label);
    if (named !== undefined) return (await blob(blobs, named.sha256, label)).toString('utf8');
    throw new EvidenceError('EV-BLOB-LOST', {
      what: `Event ${resolved.seq}.`,
      why: `It names no ${label}.`,
    });
  };
  const planText = await labelled('plan');
  return {
    planText,
    plan: planSchema.parse(JSON.parse(planText)),
    runbook: await labelled('runbook'),
    configuration: configurationSchema.parse(JSON.parse(await labelled('configuration'))),
  };
}

async function readRaw(place: RawPlace, blobs: Blobs): Promise<RawFile> {
  const bytes = await blob(blobs, place.evidence.sha256, place.path);
  const json = place.evidence.media === 'application/json';
  // A broken receipt is kept as a file; the verifier names it.
  const parsed = json ? claimedReceipts(bytes).map((item) => receiptSchema.safeParse(item)) : [];
  const receipts = parsed.flatMap(({ data }) => (data === undefined ? [] : [data]));
  return { ...place, bytes, receipts };
}

async function blob(blobs: Blobs, name: string, what: string): Promise<Buffer> {
  try {
    const bytes = await blobs.get(name);
    if (sha256(bytes) === name) return bytes;
  } catch (cause) {
    throw new EvidenceError(
      'EV-BLOB-LOST',
      { what: `${what}: ${name}.`, why: 'The store does not give it back.' },
      { cause },
    );
  }
  throw new EvidenceError('EV-BLOB-LOST', {
    what: `${what}: ${name}.`,
    why: 'The bytes have another hash.',
  });
}

/** What claims to be a receipt in a JSON file: the file itself, or items of its list. */
export function claimedReceipts(bytes: Buffer): unknown[] {
  const value = jsonIn(bytes);
  return (Array.isArray(value) ? value : [value]).filter((item: unknown) => isReceipt(item));
}

const isReceipt = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'gateway' in item && 'signature' in item;

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // Kept as it was received; a file that is no JSON holds no receipt.
    return undefined;
  }
}
