/**
 * The ledger of a company: numbers drills without gaps and links them under any concurrency. A run's
 * first event carries the hash of its `run.opened` record.
 */
import { runResults } from '../run/event-data.ts';
import { awaitedBy, drillAwaiting } from './awaiting.ts';
import { EvidenceError } from './errors.ts';
import { nextNumber } from './numbers.ts';
import {
  appendLedger,
  type Draft,
  dataOf,
  findRecord,
  type LedgerData,
  type LedgerLine,
  type LedgerWorld,
  type ReportFile,
} from './records.ts';

export interface Opening {
  readonly run: string;
  readonly service: string;
  readonly runbook: string;
  readonly requester: string;
  /** Number of an open drill that the run joins; a closed one gives it a number of its own. */
  readonly drill?: string;
  /** Runs of one wave are runs of one drill. */
  readonly wave?: string;
}

/** `head` is the SHA-256 of the line of `run.ended`, `events` its number. */
export interface Closing {
  readonly drill: string;
  readonly run: string;
  readonly head: string;
  readonly events: number;
  readonly result: string;
}

export type Sealing = LedgerData<'drill.closed'>;

/** A run that another plane opened: `opened` is `prev` of its first event. */
export interface Continuing extends Omit<Opening, 'wave'> {
  readonly drill: string;
  readonly opened: string;
}

/** Every call is idempotent: after a crash the same call returns the record of the first. */
export interface Ledger {
  /** Numbers the drill and opens its run; `hash` is `prev` of the run's first event. */
  openDrill(opening: Opening): Promise<{ drill: string; hash: string }>;
  /** For a plane that is cut off and goes on with a run whose opening stands in a ledger elsewhere. */
  continueDrill(continuing: Continuing): Promise<{ hash: string }>;
  /** After `run.ended` is in the journal. */
  closeRun(closing: Closing): Promise<{ hash: string }>;
  /** After the pack is written: pins the manifest, then names the reports. */
  closeDrill(sealing: Sealing, files: readonly ReportFile[]): Promise<{ hash: string }>;
}

export function createLedger(world: LedgerWorld): Ledger {
  return {
    openDrill: (opening) => openDrill(opening, world),
    continueDrill: async (continuing) => {
      const site = world.offline ?? 'unknown';
      const told = await world.describe?.(continuing.runbook);
      return appendLedger(
        (lines) =>
          findRecord(lines, 'drill.continued', ({ run }) => run === continuing.run) ?? {
            type: 'drill.continued',
            data: { ...continuing, ...told, site },
          },
        world,
      );
    },
    closeRun: (closing) => closeRun(closing, world),
    closeDrill: async (sealing, files) => {
      const line = await appendLedger((lines) => closedOf(lines, sealing), world);
      const { drill } = sealing;
      await appendLedger(
        (lines) =>
          findRecord(lines, 'report.generated', (data) => data.drill === drill) ?? {
            type: 'report.generated',
            data: { drill, files: [...files] },
          },
        world,
      );
      return { hash: line.hash };
    },
  };
}

async function openDrill(opening: Opening, world: LedgerWorld) {
  const { drill: joins, ...header } = opening;
  const described = await world.describe?.(opening.runbook);
  const first = await appendLedger((lines) => {
    const { run, wave } = opening;
    const known = findRecord(lines, 'run.opened', (data) => data.run === run);
    const own = known ?? findRecord(lines, 'drill.opened', (data) => data.run === run);
    if (own !== undefined) return own;
    const ofWave = dataOf(lines, 'drill.opened').find(
      (data) => wave !== undefined && data.wave === wave,
    );
    const awaiting = drillAwaiting(lines, opening);
    const joined = joins ?? ofWave?.drill ?? awaiting;
    if (joined !== undefined && joined === awaiting) {
      return { type: 'run.opened', data: { drill: joined, run, runbook: opening.runbook } };
    }
    // A drill whose runs are all closed is being packed: nobody joins it any more.
    if (joined !== undefined && openRunsOf(lines, joined).length > 0) {
      return { type: 'run.opened', data: { drill: joined, run } };
    }
    const drill = nextNumber(lines, world);
    return { type: 'drill.opened', data: { ...header, ...described, drill } };
  }, world);
  const { drill } = first.record.data as { readonly drill: string };
  const line = await appendLedger(
    (lines) =>
      findRecord(lines, 'run.opened', (data) => data.run === opening.run) ?? {
        type: 'run.opened',
        data: { drill, run: opening.run },
      },
    world,
  );
  return { drill, hash: line.hash };
}

async function closeRun(
  { drill, run, head, events, result }: Closing,
  world: LedgerWorld,
): Promise<{ hash: string }> {
  const word = runResults.find((known) => known === result);
  if (word === undefined) throw new TypeError(`no run ends ${result}`);
  return appendLedger((lines) => {
    const found = findRecord(lines, 'run.closed', (closed) => closed.run === run);
    if (found !== undefined) return found;
    if (runsOf(lines, drill).includes(run)) {
      return { type: 'run.closed', data: { drill, run, head, events, result: word } };
    }
    throw new EvidenceError('EV-RUN-OPEN', {
      what: `Run ${run} of ${drill}.`,
      why: 'It was never opened.',
    });
  }, world);
}

/** Throws EV-DRILL-OPEN while a run of the drill is open, or is still to come. */
function closedOf(lines: readonly LedgerLine[], sealing: Sealing): LedgerLine | Draft {
  const { drill } = sealing;
  const found = findRecord(lines, 'drill.closed', (data) => data.drill === drill);
  if (found !== undefined) return found;
  assertAllClosed(lines, drill);
  return { type: 'drill.closed', data: sealing };
}

export function assertAllClosed(lines: readonly LedgerLine[], drill: string): void {
  const open = openRunsOf(lines, drill);
  const awaited = awaitedBy(lines, drill);
  if (open.length === 0 && awaited === undefined) return;
  const why = open.length === 0 ? `It waits for a run of ${awaited}.` : `Open: ${open.join(', ')}.`;
  throw new EvidenceError('EV-DRILL-OPEN', { what: `Drill ${drill}.`, why });
}

/** The runs of a drill in the order in which they were opened; one counts from its drill's opening. */
export function runsOf(lines: readonly LedgerLine[], drill: string): string[] {
  const runs = lines.flatMap(({ record }) => {
    const opens = ['drill.opened', 'run.opened', 'drill.continued'].includes(record.type);
    return opens && 'run' in record.data && record.data.drill === drill ? [record.data.run] : [];
  });
  return [...new Set(runs)];
}

function openRunsOf(lines: readonly LedgerLine[], drill: string): string[] {
  const closed = dataOf(lines, 'run.closed').map(({ run }) => run);
  return runsOf(lines, drill).filter((run) => !closed.includes(run));
}
