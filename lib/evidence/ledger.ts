/**
 * The ledger of a company: one chain of small records that numbers drills without gaps and links
 * them under any concurrency. A run's first event carries the hash of its `run.opened` record.
 */
import * as z from 'zod';
import { canonical, sha256 } from '../canonical.ts';
import { type Clock, iso } from '../clock.ts';
import type { Random } from '../random.ts';
import { planSchema, textSchema } from '../runbook/plan.ts';
import type { Store } from '../store/store.ts';
import { EvidenceError } from './errors.ts';

/** `prev` of the very first record. */
export const GENESIS = '0'.repeat(64);

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const result = z.enum(['passed', 'failed', 'aborted', 'denied', 'expired', 'voided']);

const openingShape = {
  run: z.string(),
  /** Ids of service and runbook as the requester named them. */
  service: z.string(),
  runbook: z.string(),
  /** Random employee id, or `drillbook`. */
  requester: z.string(),
};
const description = { title: textSchema, drillType: planSchema.shape.drillType };
const closingShape = { run: z.string(), head: hash, events: z.int(), result };

export interface Opening {
  readonly run: string;
  readonly service: string;
  readonly runbook: string;
  readonly requester: string;
}

/** `head` is the SHA-256 of the line of `run.ended`, `events` its number. */
export interface Closing {
  readonly drill: string;
  readonly run: string;
  readonly head: string;
  readonly events: number;
  readonly result: string;
}

/** What the runbook says of itself; recorded at opening, so that it is known without a plan. */
export type Description = z.infer<z.ZodObject<typeof description>>;

/** SHA-256 of `MANIFEST.sha256` and of its signature: enough to find every byte of the pack. */
const sealingSchema = z.strictObject({ packHash: hash, signature: hash, result });
export type Sealing = z.infer<typeof sealingSchema> & { readonly drill: string };

const reportFile = z.strictObject({ path: z.string(), sha256: hash });
export type ReportFile = z.infer<typeof reportFile>;

const drill = { drill: z.string() };
const envelope = {
  v: z.literal(1),
  seq: z.int().positive(),
  ts: z.string(),
  id: z.string(),
  prev: hash,
};

export const ledgerRecordSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...envelope,
    type: z.literal('drill.opened'),
    data: z.strictObject({ ...drill, ...openingShape, ...z.object(description).partial().shape }),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('run.opened'),
    data: z.strictObject({ ...drill, run: z.string() }),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('run.closed'),
    data: z.strictObject({ ...drill, ...closingShape }),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('drill.closed'),
    data: sealingSchema.extend(drill),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('report.generated'),
    data: z.strictObject({ ...drill, files: z.array(reportFile) }),
  }),
]);
export type LedgerRecord = z.infer<typeof ledgerRecordSchema>;
export type LedgerType = LedgerRecord['type'];
export type LedgerData<T extends LedgerType> = Extract<LedgerRecord, { type: T }>['data'];
type Draft = { [T in LedgerType]: { type: T; data: LedgerData<T> } }[LedgerType];

/** A record as stored: `hash` is the SHA-256 of `line`. */
export interface LedgerLine {
  readonly record: LedgerRecord;
  readonly line: string;
  readonly hash: string;
}

export interface LedgerWorld {
  readonly store: Store;
  readonly tenant: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Title and type of a runbook by its id; undefined when it cannot be read. */
  readonly describe?: (runbook: string) => Promise<Description | undefined>;
}

/** Every call is idempotent: after a crash the same call returns the record of the first. */
export interface Ledger {
  /** Numbers the drill and opens its run; `hash` is `prev` of the run's first event. */
  openDrill(opening: Opening): Promise<{ drill: string; hash: string }>;
  /** After `run.ended` is in the journal. */
  closeRun(closing: Closing): Promise<{ hash: string }>;
  /** After the pack is written: pins the manifest, then names the reports. */
  closeDrill(sealing: Sealing, files: readonly ReportFile[]): Promise<{ hash: string }>;
}

export function createLedger(world: LedgerWorld): Ledger {
  return {
    openDrill: (opening) => openDrill(opening, world),

    async closeRun({ drill, run, head, events, result: word }) {
      const data = { drill, run, head, events, result: result.parse(word) };
      const line = await appendLedger((lines) => {
        const found = findRecord(lines, 'run.closed', (closed) => closed.run === run);
        if (found !== undefined) return found;
        const mine = (of: LedgerData<'run.opened'>) => of.run === run && of.drill === drill;
        if (findRecord(lines, 'run.opened', mine) !== undefined)
          return { type: 'run.closed', data };
        throw new EvidenceError('EV-RUN-OPEN', {
          what: `Run ${run} of ${drill}.`,
          why: 'It was never opened.',
        });
      }, world);
      return { hash: line.hash };
    },

    async closeDrill(sealing, files) {
      const line = await appendLedger(
        (lines) =>
          findRecord(lines, 'drill.closed', (data) => data.drill === sealing.drill) ?? {
            type: 'drill.closed',
            data: sealing,
          },
        world,
      );
      await appendLedger(
        (lines) =>
          findRecord(lines, 'report.generated', (data) => data.drill === sealing.drill) ?? {
            type: 'report.generated',
            data: { drill: sealing.drill, files: [...files] },
          },
        world,
      );
      return { hash: line.hash };
    },
  };
}

async function openDrill(opening: Opening, world: LedgerWorld) {
  const { run, service, runbook, requester } = opening;
  const described = await world.describe?.(runbook);
  const opened = await appendLedger((lines) => {
    const found = findRecord(lines, 'drill.opened', (data) => data.run === run);
    if (found !== undefined) return found;
    const number = nextNumber(lines, world.clock);
    const data = { run, service, runbook, requester, ...described, drill: number };
    return { type: 'drill.opened', data };
  }, world);
  const number = opened.record.data.drill;
  const line = await appendLedger(
    (lines) =>
      findRecord(lines, 'run.opened', (data) => data.run === run) ?? {
        type: 'run.opened',
        data: { drill: number, run },
      },
    world,
  );
  return { drill: number, hash: line.hash };
}

/** Writers that may lose a race one after another; more is a fault, not a race. */
const ATTEMPTS = 200;

/**
 * Appends what `next` wants after reading the ledger as it stands, or returns the record `next`
 * found there. Asked again with the newer ledger when another writer took the place.
 */
export async function appendLedger(
  next: (lines: readonly LedgerLine[]) => LedgerLine | Draft,
  world: LedgerWorld,
): Promise<LedgerLine> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const lines = await readLedger(world.store, world.tenant);
    const wanted = next(lines);
    if ('line' in wanted) return wanted;
    const record = ledgerRecordSchema.parse({
      v: 1,
      seq: lines.length + 1,
      ts: iso(world.clock.now()),
      id: world.random(16),
      prev: lines.at(-1)?.hash ?? GENESIS,
      ...wanted,
    });
    const line = canonical(record);
    const { seq, id } = record;
    if ((await world.store.append(chainOf(world.tenant), { seq, id, line })) === 'stored') {
      return { record, line, hash: sha256(line) };
    }
  }
  throw new EvidenceError('EV-LEDGER-BUSY', {
    what: `Ledger of ${world.tenant}.`,
    why: `${ATTEMPTS} attempts.`,
  });
}

/** All records, checked to be one chain. */
export async function readLedger(store: Store, tenant: string): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for (const item of await store.chain(chainOf(tenant))) {
    const record = ledgerRecordSchema.parse(JSON.parse(item.line));
    const prev = lines.at(-1)?.hash ?? GENESIS;
    if (record.seq !== lines.length + 1 || record.prev !== prev) {
      throw new EvidenceError('EV-LEDGER-BROKEN', {
        what: `Ledger of ${tenant}, record ${lines.length + 1}.`,
        why: 'Number or hash of the record before does not follow.',
      });
    }
    lines.push({ record, line: item.line, hash: sha256(item.line) });
  }
  return lines;
}

/** The first record of a type whose data fits. */
export function findRecord<T extends LedgerType>(
  lines: readonly LedgerLine[],
  type: T,
  fits: (data: LedgerData<T>) => boolean,
): LedgerLine | undefined {
  return lines.find(({ record }) => record.type === type && fits(record.data as LedgerData<T>));
}

const chainOf = (tenant: string): string => `ledger:${tenant}`;

/** `DR-<year>-NNN`; the year is Korea's, where the drill is counted. */
function nextNumber(lines: readonly LedgerLine[], clock: Clock): string {
  const year = new Date(clock.now() + 9 * 3_600_000).getUTCFullYear();
  const prefix = `DR-${year}-`;
  const before = lines.filter(
    ({ record }) => record.type === 'drill.opened' && record.data.drill.startsWith(prefix),
  );
  return prefix + String(before.length + 1).padStart(3, '0');
}
