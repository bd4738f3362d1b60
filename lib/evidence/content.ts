/** Gathers what a pack is made of: journal, ledger, plan, runbook and raw files of one run. */
import * as z from 'zod';
import { sha256 } from '../canonical.ts';
import { serviceSchema, siteSchema } from '../config.ts';
import { type Receipt, receiptSchema } from '../gateway/protocol.ts';
import { type EventType, type JournalEvent, parseEvent } from '../run/events.ts';
import { type Plan, planSchema } from '../runbook/plan.ts';
import type { Blobs, Store } from '../store/store.ts';
import { EvidenceError } from './errors.ts';
import { type RawPlace, RUN_NAME, rawPlaces } from './layout.ts';
import { findRecord, type LedgerData, type LedgerLine, readLedger } from './ledger.ts';

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
  /** One unbroken stretch of the ledger, from `drill.opened` to this run's `run.closed`. */
  readonly ledger: readonly LedgerLine[];
  readonly opening: LedgerData<'drill.opened'>;
  readonly plan?: Plan;
  readonly planText?: string;
  readonly runbook?: string;
  /** What the plan was compiled with. */
  readonly configuration?: z.infer<typeof configurationSchema>;
  readonly raw: readonly RawFile[];
}

const configurationSchema = z.object({ service: serviceSchema, sites: z.array(siteSchema) });

export interface Sources {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly tenant: string;
}

/** Throws EV-RUN-OPEN before the run ended, EV-BLOB-LOST when a named file is not there. */
export async function readContent(run: string, sources: Sources): Promise<RunContent> {
  const journal = await readJournal(run, sources.store);
  const stretch = ledgerStretch(run, await readLedger(sources.store, sources.tenant));
  const planned = await readPlan(journal.events, sources.blobs);
  const raw = await Promise.all(
    rawPlaces(journal.events).map((place) => readRaw(place, sources.blobs)),
  );
  return { run, ...journal, ...stretch, ...planned, raw };
}

/** The journal up to `run.ended`; what was written behind it is not part of what was closed. */
export async function readJournal(
  run: string,
  store: Store,
): Promise<Pick<RunContent, 'lines' | 'events' | 'ended' | 'head'>> {
  if (!RUN_NAME.test(run))
    throw new EvidenceError('EV-RUN-NAME', {
      what: `Run "${run}".`,
      why: 'It cannot be a file name.',
    });
  const all = (await store.chain(`run:${run}`)).map(({ line }) => line);
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
  return { lines, events: parsed.slice(0, end + 1), ended, head: sha256(lines.at(-1) ?? '') };
}

/** The events of one type, in order. */
export function eventsOf<T extends EventType>(
  events: readonly JournalEvent[],
  type: T,
): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

function ledgerStretch(
  run: string,
  lines: readonly LedgerLine[],
): Pick<RunContent, 'ledger' | 'opening'> {
  const opened = findRecord(lines, 'drill.opened', (data) => data.run === run);
  const closed = findRecord(lines, 'run.closed', (data) => data.run === run);
  if (opened?.record.type !== 'drill.opened' || closed === undefined) {
    throw new EvidenceError('EV-RUN-OPEN', {
      what: `Run ${run}.`,
      why: 'The ledger has not closed it.',
    });
  }
  return {
    ledger: lines.slice(opened.record.seq - 1, closed.record.seq),
    opening: opened.record.data,
  };
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
