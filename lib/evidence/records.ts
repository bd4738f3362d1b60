/**
 * The records of the ledger and how one is put behind the others: a chain of small records per
 * company, `prev` being the SHA-256 of the line before.
 */
import * as z from 'zod';
import { canonical, sha256 } from '../canonical.ts';
import { type Clock, iso } from '../clock.ts';
import type { Random } from '../random.ts';
import { runResults } from '../run/event-data.ts';
import { planSchema, textSchema } from '../runbook/plan.ts';
import type { RunbookData } from '../runbook/schema.ts';
import type { Store } from '../store/store.ts';
import { EvidenceError } from './errors.ts';

/** `prev` of the very first record. */
export const GENESIS = '0'.repeat(64);

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const drill = { drill: z.string() };
const openingShape = {
  ...drill,
  run: z.string(),
  /** Ids of service and runbook as the requester named them. */
  service: z.string(),
  runbook: z.string(),
  /** Random employee id, or `drillbook`. */
  requester: z.string(),
};
const description = {
  title: textSchema,
  drillType: planSchema.shape.drillType,
  /** Runbook whose run belongs to the drill as well: it is not over before that one was run. */
  followedBy: z.string().optional(),
};

/** What the runbook says of itself; recorded at opening, so that it is known without a plan. */
export type Description = z.infer<z.ZodObject<typeof description>>;

export const describeRunbook = ({ title, drillType, ...more }: RunbookData): Description => ({
  title,
  drillType,
  ...(more['followed-by'] === undefined ? {} : { followedBy: more['followed-by'] }),
});

const described = { ...openingShape, ...z.object(description).partial().shape };

/** SHA-256 of `MANIFEST.sha256` and of its signature: enough to find every byte of the pack. */
export const sealingShape = { packHash: hash, signature: hash, result: z.enum(runResults) };
const reportFile = z.strictObject({ path: z.string(), sha256: hash });
export type ReportFile = z.infer<typeof reportFile>;

/** Type of a record -> what it says. Old ledgers are read for ever: a new field is optional. */
const data = {
  /** Numbers a drill and names its first run. Runs of one wave are runs of one drill. */
  'drill.opened': z.strictObject({ ...described, wave: z.string().optional() }),
  /** `runbook` of a run that brings a drill of two runs to its end. */
  'run.opened': z.strictObject({ ...drill, run: z.string(), runbook: z.string().optional() }),
  'run.closed': z.strictObject({
    ...drill,
    run: z.string(),
    head: hash,
    events: z.int(),
    result: z.enum(runResults),
  }),
  'drill.closed': z.strictObject({ ...sealingShape, ...drill }),
  'report.generated': z.strictObject({ ...drill, files: z.array(reportFile) }),
  /** A ledger that was begun elsewhere goes on here: `opened` is the hash of its `run.opened`. */
  'drill.continued': z.strictObject({ ...described, site: z.string(), opened: hash }),
  /** The ledger kept at `site` while it was cut off: how long it is, and its last hash. */
  'ledger.joined': z.strictObject({ site: z.string(), records: z.int(), head: hash }),
  /** A drill numbered while cut off has its number in the order of all from here on. */
  'drill.joined': z.strictObject({ ...drill, offline: z.string(), site: z.string(), head: hash }),
};
type LedgerShapes = typeof data;
export type LedgerType = keyof LedgerShapes;
export type LedgerData<T extends LedgerType> = z.infer<LedgerShapes[T]>;

const envelope = {
  v: z.literal(1),
  seq: z.int().positive(),
  ts: z.string(),
  id: z.string(),
  prev: hash,
};
const record = <T extends LedgerType>(type: T) =>
  z.strictObject({ ...envelope, type: z.literal(type), data: data[type] });

export const ledgerRecordSchema = z.discriminatedUnion('type', [
  record('drill.opened'),
  record('run.opened'),
  record('run.closed'),
  record('drill.closed'),
  record('report.generated'),
  record('drill.continued'),
  record('ledger.joined'),
  record('drill.joined'),
]);
export type LedgerRecord = z.infer<typeof ledgerRecordSchema>;
export type Draft = { [T in LedgerType]: { type: T; data: LedgerData<T> } }[LedgerType];

/** A record as stored: `hash` is the SHA-256 of `line`. */
export interface LedgerLine {
  readonly record: LedgerRecord;
  readonly line: string;
  readonly hash: string;
}

/** What a ledger is kept with. */
export interface LedgerWorld {
  readonly store: Store;
  readonly tenant: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Site of a plane that is cut off: it keeps a ledger of its own, numbered `OFF-<site>-001`. */
  readonly offline?: string;
  /** Title and type of a runbook by its id; undefined when it cannot be read. */
  readonly describe?: (runbook: string) => Promise<Description | undefined>;
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
    const written = ledgerRecordSchema.parse({
      v: 1,
      seq: lines.length + 1,
      ts: iso(world.clock.now()),
      id: world.random(16),
      prev: lines.at(-1)?.hash ?? GENESIS,
      ...wanted,
    });
    const line = canonical(written);
    const { seq, id } = written;
    if ((await world.store.append(chainOf(world.tenant), { seq, id, line })) === 'stored') {
      return { record: written, line, hash: sha256(line) };
    }
  }
  throw new EvidenceError('EV-LEDGER-BUSY', {
    what: `Ledger of ${world.tenant}.`,
    why: `${ATTEMPTS} attempts.`,
  });
}

/** All records, checked to be one chain. */
export async function readLedger(store: Store, tenant: string): Promise<LedgerLine[]> {
  const items = await store.chain(chainOf(tenant));
  return parseLedger(
    items.map(({ line }) => line),
    tenant,
  );
}

/** Throws EV-LEDGER-BROKEN when the lines are not one chain from its beginning. */
export function parseLedger(texts: readonly string[], tenant: string): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const line of texts) {
    const parsed = ledgerRecordSchema.parse(JSON.parse(line));
    const prev = lines.at(-1)?.hash ?? GENESIS;
    if (parsed.seq !== lines.length + 1 || parsed.prev !== prev) {
      throw new EvidenceError('EV-LEDGER-BROKEN', {
        what: `Ledger of ${tenant}, record ${lines.length + 1}.`,
        why: 'Number or hash of the record before does not follow.',
      });
    }
    lines.push({ record: parsed, line, hash: sha256(line) });
  }
  return lines;
}

/** The data of all records of a type, in order. */
export function dataOf<T extends LedgerType>(
  lines: readonly LedgerLine[],
  type: T,
): LedgerData<T>[] {
  return lines.flatMap(({ record: { type: is, data: said } }) =>
    is === type ? [said as LedgerData<T>] : [],
  );
}

/** The first record of a type whose data fits. */
export function findRecord<T extends LedgerType>(
  lines: readonly LedgerLine[],
  type: T,
  fits: (found: LedgerData<T>) => boolean,
): LedgerLine | undefined {
  return lines.find(({ record: one }) => one.type === type && fits(one.data as LedgerData<T>));
}

const chainOf = (tenant: string): string => `ledger:${tenant}`;
