/**
 * A run that went on at a gateway comes home: its lines are kept as the branch that counts, its
 * ledger is joined, the unit's epoch rises here too, and the pack is made with what the plane that
 * had lost it wrote as a fork.
 */
import { type JournalEvent, parseEvent } from '../run/events.ts';
import { LAST_HOLDERS } from '../run/moves/claims.ts';
import type { Blobs, Store } from '../store/store.ts';
import { readBranch } from './branch-file.ts';
import { keepBranch } from './branches.ts';
import { EvidenceError } from './errors.ts';
import { runsOf } from './ledger.ts';
import { type JoinedDrill, joinLedger } from './offline.ts';
import { type LedgerWorld, readLedger } from './records.ts';

export interface JoinParts extends LedgerWorld {
  readonly blobs: Blobs;
  /** Public keys (PEM) by site. */
  readonly gatewayKeys: Readonly<Record<string, string>>;
  /** Makes the pack of an ended run; its place, undefined while another run of the drill is open. */
  readonly seal: (run: string) => Promise<string | undefined>;
}

export interface Joined {
  readonly run: string;
  readonly site: string;
  readonly lines: number;
  /** Drills that were numbered there, with their numbers in the order of all. */
  readonly drills: readonly JoinedDrill[];
  /** The pack of a drill that was opened here; one opened there has its pack from there. */
  readonly pack: string | undefined;
}

/**
 * Repeatable, and again with a later file of the same run. Throws EV-BRANCH, EV-LEDGER-BROKEN;
 * nothing is kept of a file that was changed on the way.
 */
export async function joinBranch(parts: JoinParts, text: string): Promise<Joined> {
  const { store, blobs, tenant } = parts;
  const { run, site, journal, ledger, texts, ...branch } = readBranch(text, parts.gatewayKeys);
  if (branch.tenant !== tenant) {
    const why = `It is of ${branch.tenant}; this is ${tenant}.`;
    throw new EvidenceError('EV-BRANCH', { what: `Journal of ${run} from ${site}.`, why });
  }
  for (const bytes of texts) await blobs.put(Buffer.from(bytes, 'base64'));
  await keepBranch(store, { run, plane: site, lines: journal });
  const drills = await joinLedger(parts, { site, lines: ledger });
  const events = journal.map(parseEvent);
  await riseHere(store, run, events);
  const ours = runsOf(await readLedger(store, tenant), drillOf(events)).includes(run);
  const ended = events.some(({ type }) => type === 'run.ended');
  const pack = ours && ended ? await parts.seal(run) : undefined;
  return { run, site, lines: journal.length, drills, pack };
}

function drillOf([first]: readonly JournalEvent[]): string {
  return first?.type === 'run.opened' ? first.data.drill : '';
}

/** Who still works on the run here has lost it, and the next holder begins above that epoch. */
async function riseHere(store: Store, run: string, events: readonly JournalEvent[]): Promise<void> {
  const told = events.findLast((event) => event.type === 'epoch.announced');
  if (told?.type !== 'epoch.announced') return;
  const { unit, epoch } = told.data;
  const lock = await store.lock(unit);
  if (lock !== undefined && lock.epoch >= epoch) return;
  if (lock !== undefined && lock.run !== '' && lock.run !== run) return;
  await store.putNote(LAST_HOLDERS, unit, run);
  await store.putLock(unit, { epoch, run: '', rank: 0 }, lock);
}
