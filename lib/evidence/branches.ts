/**
 * A run whose control plane was lost and that went on elsewhere has two continuations: what the
 * plane that took over wrote, and what the lost one still wrote. Both are kept; one of them counts.
 */
import { sha256 } from '../canonical.ts';
import { type JournalEvent, parseEvent } from '../run/events.ts';
import { journalChain } from '../run/journal.ts';
import type { Store } from '../store/store.ts';
import { EvidenceError } from './errors.ts';

/** Lines of one plane that branch off behind the journal's line `after`. */
export interface Fork {
  readonly plane: string;
  readonly after: number;
  readonly lines: readonly string[];
  readonly events: readonly JournalEvent[];
}

/** Name of the plane whose store this is. */
const HERE = 'control-plane';
const PLANE = /^[a-z0-9][a-z0-9-]*$/;
/** Note beside the run: the planes whose journals were brought here. */
const BRANCHES = 'branches';

/**
 * Keeps the whole journal of a run as another plane has it, under that plane's name. Repeatable, and
 * again with more lines; throws EV-BRANCH for lines that are no journal of this run.
 */
export async function keepBranch(
  store: Store,
  branch: { readonly run: string; readonly plane: string; readonly lines: readonly string[] },
): Promise<void> {
  const { run, plane, lines } = branch;
  assertJournal(branch);
  const chain = branchChain(run, plane);
  for (const [index, line] of lines.entries()) {
    const { seq, id } = parseEvent(line);
    if ((await store.append(chain, { seq, id, line })) === 'stored') continue;
    await assertKept(store, branch, index + 1);
  }
  // A line of the same name is taken for our own write: whether it is, its bytes say.
  await assertKept(store, branch, lines.length);
  const known = await planesOf(store, run);
  if (known.includes(plane)) return;
  await store.putNote(run, BRANCHES, JSON.stringify([...known, plane].sort()));
}

/**
 * The journal that counts, and what branched off it. What the ledger has closed counts; before that
 * the branch under the highest epoch: its plane took the run over, and no gateway accepted calls of
 * the other from then on.
 */
export async function readBranches(
  run: string,
  store: Store,
  closedHead: string | undefined,
): Promise<{ readonly lines: readonly string[]; readonly forks: readonly Fork[] }> {
  const own = await linesOf(store, journalChain(run));
  const branches = [{ plane: HERE, lines: own }];
  for (const plane of await planesOf(store, run)) {
    branches.push({ plane, lines: await linesOf(store, branchChain(run, plane)) });
  }
  const [main, ...others] = branches
    .map((branch) => ({ ...branch, weight: weightOf(branch.lines, closedHead) }))
    .sort((a, b) => b.weight - a.weight || b.lines.length - a.lines.length);
  if (main === undefined) return { lines: [], forks: [] };
  const forks = others.flatMap(({ plane, lines }) => {
    const same = lines.findIndex((line, index) => line !== main.lines[index]);
    const after = same < 0 ? lines.length : same;
    const rest = lines.slice(after);
    return rest.length === 0
      ? []
      : [{ plane, after, lines: rest, events: rest.map((line) => parseEvent(line)) }];
  });
  return { lines: main.lines, forks };
}

/** The epoch under which a plane last took the run over, 0 when none did; closed outweighs all. */
function weightOf(lines: readonly string[], closedHead: string | undefined): number {
  if (closedHead !== undefined && lines.some((line) => sha256(line) === closedHead)) {
    return Number.MAX_SAFE_INTEGER;
  }
  const epochs = lines
    .map(parseEvent)
    .flatMap((event) => (event.type === 'plane.continued' ? [event.data.epoch] : []));
  return Math.max(0, ...epochs);
}

async function assertKept(
  store: Store,
  branch: Parameters<typeof keepBranch>[1],
  upTo: number,
): Promise<void> {
  const there = await linesOf(store, branchChain(branch.run, branch.plane));
  const other = branch.lines.slice(0, upTo).findIndex((line, index) => line !== there[index]);
  if (other >= 0) throw broken(branch, `line ${other + 1} was brought here differently`);
}

function assertJournal(branch: Parameters<typeof keepBranch>[1]): void {
  if (!PLANE.test(branch.plane)) throw broken(branch, `"${branch.plane}" cannot be a file name`);
  let before: string | undefined;
  for (const [index, line] of branch.lines.entries()) {
    const event = parseEvent(line);
    if (event.run !== branch.run) throw broken(branch, `line ${index + 1} is of run ${event.run}`);
    if (event.seq !== index + 1 || (before !== undefined && event.prev !== before)) {
      throw broken(branch, `line ${index + 1} does not follow the line before`);
    }
    before = sha256(line);
  }
}

const broken = ({ run, plane }: { run: string; plane: string }, why: string) =>
  new EvidenceError('EV-BRANCH', { what: `Journal of ${run} from ${plane}.`, why: `${why}.` });

async function linesOf(store: Store, chain: string): Promise<string[]> {
  return (await store.chain(chain)).map(({ line }) => line);
}

async function planesOf(store: Store, run: string): Promise<string[]> {
  return JSON.parse((await store.note(run, BRANCHES)) ?? '[]') as string[];
}

const branchChain = (run: string, plane: string): string => `branch:${run}:${plane}`;
