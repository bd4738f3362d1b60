/**
 * A run with one blow: a process is killed right before or right after its nth operation, starts
 * again, and the run goes to its end. Without the blow the same run lists its operations.
 */

import { checkAll } from './invariants.ts';
import { crowd, type as typeCommand } from './people.ts';
import { openSim, type Sim } from './sim.ts';
import { calm } from './weather.ts';

export interface Course {
  /** What is typed first. */
  readonly command: string;
  /** How the world stands before. */
  readonly fault?: 'copies-left-split';
}

export const courses: Readonly<Record<string, Course>> = {
  'drill-copy': { command: 'drill loans' },
  'copies-resync': { command: 'run copies-resync loans', fault: 'copies-left-split' },
};

export interface Boundary {
  readonly index: number;
  readonly process: string;
  readonly label: string;
}

export interface EndState {
  readonly result: string;
  /** What the targets accepted, ids left out, in no order. */
  readonly effects: readonly string[];
  readonly violations: readonly string[];
}

const SEED = 1;
const LIMIT_MS = 12 * 3_600_000;

export async function uninterrupted(
  course: Course,
): Promise<EndState & { boundaries: Boundary[] }> {
  const boundaries: Boundary[] = [];
  const end = await play(course, (process, label) => {
    boundaries.push({ index: boundaries.length, process, label });
    return undefined;
  });
  return { ...end, boundaries };
}

/** The same run with a kill at that operation. */
export async function struck(
  course: Course,
  { index }: Boundary,
  side: 'before' | 'after',
): Promise<EndState> {
  let count = 0;
  return play(course, () => (count++ === index ? side : undefined));
}

async function play(
  { command, fault }: Course,
  blow: (process: string, label: string) => 'before' | 'after' | undefined,
): Promise<EndState> {
  const sim = await openSim(SEED, { weather: { ...calm, mischief: 0 }, blow });
  if (fault !== undefined) sim.world.fault(fault, true, { service: 'loans' });
  const start = sim.time.now();
  const late = () => sim.time.now() > start + LIMIT_MS;
  const done = () => late() || (sim.runs.length > 0 && sim.runs.every((run) => sim.ended.has(run)));
  void typeCommand(sim, 'kim', command);
  void crowd(sim, done);
  await sim.time.run(done);
  sim.stop();
  await checkAll(sim);
  const head = await sim.head(sim.runs[0] ?? '');
  return {
    result: late() ? 'not at its end' : (head?.result?.result ?? 'none'),
    effects: effectsOf(sim),
    violations: sim.violations,
  };
}

/** Ids that the twin draws differ from run to run; what they belong to does not. */
const effectsOf = ({ world }: Sim): string[] =>
  world.effects
    .filter(({ path }) => !/sessions|tokens/.test(path))
    .map(({ site, target, method, path }) =>
      [site, target, method, path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*')].join(' '),
    )
    .sort();
