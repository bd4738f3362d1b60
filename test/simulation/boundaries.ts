/**
 * A run with one blow: a process is killed right before or right after its nth operation, starts
 * again, and the run goes to its end. Without the blow the same run lists its operations.
 */
import { type Sign, signBytes } from '../../lib/ecdsa.ts';
import { signOnce } from '../../lib/gateway/receipt.ts';
import { openCrash } from './boundaries-crash.ts';
import { signers } from './boundaries-signers.ts';
import { openStates } from './boundaries-states.ts';
import { checkAll } from './invariants.ts';
import { crowd, type as typeCommand } from './people.ts';
import type { Blows } from './process.ts';
import { openSim, type Sim } from './sim.ts';
import { calm } from './weather.ts';

export interface Course {
  /** What is typed first. */
  readonly command: string;
  /** How the world stands before. */
  readonly fault?: 'copies-left-split';
  /** The main centre burnt down before. */
  readonly lost?: 'main';
}

/** By the id of the runbook. */
export const courses: Readonly<Record<string, Course>> = {
  'drill-copy': { command: 'drill loans' },
  'copies-resync': { command: 'run copies-resync loans', fault: 'copies-left-split' },
  takeover: { command: 'run takeover payments', lost: 'main' },
  switchover: { command: 'run switchover loans' },
  failover: { command: 'run failover loans', lost: 'main' },
  adopt: { command: 'run adopt loans' },
  'config-compare': { command: 'run config-compare loans' },
  'config-export': { command: 'run config-export loans' },
  'protect-volumes': { command: 'run protect-volumes loans' },
  protect: { command: 'run protect loans' },
};

/** Runbooks we ship that have no course of their own yet, and why. */
export const withoutCourse: Readonly<Record<string, string>> = {
  'backup-import': 'needs backups that somebody made',
  'config-apply': 'sends nothing while the controllers are alike',
  'delta-resync': 'needs three centres',
  'drill-switch': 'its steps are those of switchover',
  extend: 'sends nothing without params',
  failback: 'needs a switchover before',
  'failover-copy': 'needs a service without twin volumes',
  'failover-cut': 'needs a service without twin volumes',
  'failover-home': 'needs a switchover before',
  'failover-restored': 'needs a site task',
  'gad-maintenance': 'needs a global-active device',
  'gad-repair': 'needs a global-active device',
  reprotect: 'needs a failover before',
  'reprotect-home': 'needs a failover home before',
  resync: 'needs a copy that stopped',
  'restore-backup': 'needs backups that were imported',
  retire: 'sends nothing without params',
  'servers-deploy': 'needs a service with stateless servers',
  'site-loss-gad': 'needs a global-active device',
};

export const sides = ['before', 'after'] as const;
export type Side = (typeof sides)[number];

/**
 * An operation of a process; by side, what would follow from a kill there (`boundaries-states`).
 * What was not over when the run was has no other side.
 */
export interface Boundary {
  readonly index: number;
  readonly process: string;
  readonly label: string;
  readonly states: { readonly before: string; after: string | undefined };
}

export interface Moment {
  readonly boundary: Boundary;
  readonly side: Side;
}

export interface EndState {
  readonly result: string;
  /** What the targets accepted, ids left out, in no order. */
  readonly effects: readonly string[];
  readonly violations: readonly string[];
  /** How it came to this end: the journal without order, and without what hangs on the instant. */
  readonly story: readonly string[];
  readonly trace: readonly string[];
}

const SEED = 1;
const LIMIT_MS = 12 * 3_600_000;

export interface Whole extends EndState {
  readonly boundaries: readonly Boundary[];
}

export async function uninterrupted(course: Course): Promise<Whole> {
  const boundaries: Boundary[] = [];
  const of = new Map<object, Boundary>();
  let people = () => 0;
  const states = openStates(() => people());
  const blows: Blows = {
    before: (operation) => {
      const { process, label } = operation;
      const before = states.at(process);
      const index = boundaries.length;
      const boundary: Boundary = { index, process, label, states: { before, after: undefined } };
      boundaries.push(boundary);
      of.set(operation, boundary);
      states.began(operation);
      return false;
    },
    after: (operation) => {
      states.ended(operation);
      const boundary = of.get(operation);
      if (boundary !== undefined) boundary.states.after = states.at(operation.process);
      return false;
    },
  };
  const end = await play(course, { blows, sign: signOnce }, (sim) => {
    people = () => [...sim.deliveries.values()].reduce((sum, { size }) => sum + size, 0);
  });
  return { ...end, boundaries };
}

export interface Struck extends EndState {
  /** What lasted at the instant of the kill, as one hash; empty if nobody looked. */
  readonly crash: string;
  /** Whether the kill fell. */
  readonly hit: boolean;
}

/** The same run with a kill there; `exact` also looks at what lasts at that instant (slower). */
export async function struck(
  course: Course,
  { boundary, side }: Moment,
  exact = false,
): Promise<Struck> {
  const crash = openCrash();
  let world: Sim | undefined;
  let count = 0;
  let chosen: object | undefined;
  let hit = false;
  const killed = (operation: object, now: Side): boolean => {
    if (operation !== chosen || now !== side) return false;
    if (exact) crash.strike(world);
    hit = true;
    return true;
  };
  const blows: Blows = {
    before: (operation) => {
      if (count++ === boundary.index) chosen = operation;
      if (killed(operation, 'before')) return true;
      // What the victim itself put is there when it dies after it.
      if (exact && (chosen === undefined || chosen === operation)) crash.saw(operation);
      return false;
    },
    after: (operation) => killed(operation, 'after'),
  };
  const end = await play(course, { blows, sign: exact ? signBytes : signOnce }, (sim) => {
    world = sim;
  });
  return { ...end, crash: await crash.hash(), hit };
}

async function play(
  { command, fault, lost }: Course,
  how: { readonly blows: Blows; readonly sign: Sign },
  opened: (sim: Sim) => void = () => undefined,
): Promise<EndState> {
  const sim = await openSim(SEED, { weather: { ...calm, mischief: 0 }, ...how });
  opened(sim);
  if (fault !== undefined) sim.world.fault(fault, true, { service: 'loans' });
  if (lost === 'main') sim.loseMain();
  const start = sim.time.now();
  const late = () => sim.time.now() > start + LIMIT_MS;
  const done = () => late() || (sim.runs.length > 0 && sim.runs.every((run) => sim.ended.has(run)));
  void typeCommand(sim, 'kim', command);
  void crowd(sim, done);
  void signers(sim, done);
  await sim.time.run(done);
  sim.stop();
  await checkAll(sim);
  const head = await sim.head(sim.runs[0] ?? '');
  return {
    result: late() ? 'not at its end' : (head?.result?.result ?? 'none'),
    effects: effectsOf(sim),
    violations: sim.violations,
    story: await storyOf(sim),
    trace: sim.trace,
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

/** Readings while something takes its time, people who press again, and attempts come as they come. */
const BY_THE_INSTANT = ['judged', 'refused', 'intent', 'outcome'];

async function storyOf(sim: Sim): Promise<string[]> {
  const journals = await Promise.all(sim.runs.map((run) => sim.events(run)));
  return journals
    .flat()
    .filter(({ type }) => !BY_THE_INSTANT.includes(type))
    .map(({ type, data }) => ('step' in data ? `${type} ${data.step}` : type))
    .sort();
}
