/** One cell of the matrix, in a bank of its own: struck at its moment, mended, looked at. */
import type { Http } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import type { DoorFault } from '../../lib/twin/doors/door.ts';
import { type FaultName, faultPlaces } from '../../lib/twin/faults/table.ts';
import type { Fault } from '../../lib/twin/scenario.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { harmOf } from '../support/harm.ts';
import { ordered } from '../support/moves.ts';
import { order } from '../support/orders.ts';
import { patiently } from '../support/patience.ts';
import { type Cell, targetOf } from './cells.ts';
import { type Course, courses } from './courses.ts';

export interface Played {
  readonly verdict: string;
  /** undefined = it had passed. */
  readonly end: string | undefined;
  /** What people read when it stood still, before and after the mending. */
  readonly seen: string;
  /** What must never happen and did. */
  readonly harm: readonly string[];
}

type Wanted = Pick<Cell, 'runbook' | 'fault' | 'at' | 'site' | 'door' | 'mend' | 'lasts'>;

export async function play(cell: Wanted): Promise<Played> {
  const course = courses[cell.runbook];
  if (course === undefined) throw new Error(`no course for ${cell.runbook}`);
  const strike = striker(cell, course);
  const bank = await openBank({
    seed: `${cell.runbook} ${cell.fault}`,
    sparing: true,
    ...(course.edit === undefined ? {} : { edit: course.edit }),
    between: (_, http) => strike.between(http),
    onEvent: (event) => strike.on(event),
  });
  try {
    strike.arm(bank);
    await course.furnish?.(bank);
    const byHand = bank.world.effects.length;
    if (cell.at === 'before') strike.now();
    const runs = [...(await course.prelude(bank))];
    strike.listen();
    if (cell.at === 'start') strike.now();
    const run = await asked(bank, cell.runbook, course);
    runs.push(run);
    const first = await settled(bank, run, strike);
    const verdict = strike.has() ? verdictOf(first) : `never struck, ${verdictOf(first)}`;
    if (verdict === 'passed' || (cell.lasts === true && first.state === 'ended')) {
      const harm = await harmful(bank, { course, runs, byHand, verdict, mend: cell.mend });
      return { verdict, end: undefined, seen: seenIn(first), harm };
    }
    const harm = await harmOf(bank, runs, byHand);
    if (cell.lasts !== true) await strike.mend();
    resume(bank, course.service);
    const again = await mended(bank, { cell, course, head: first });
    if (again.run !== run) runs.push(again.run);
    const end = verdictOf(again);
    const after = await harmful(bank, { course, runs, byHand, verdict: end, mend: cell.mend });
    const seen = [first, again].map(seenIn).join(' / ');
    return { verdict, end, seen, harm: [...harm, ...after] };
  } finally {
    await bank.close();
  }
}

/** The run's id. What is refused before anybody could sign has ended by itself. */
const asked = (bank: Bank, runbook: string, { service }: Course): Promise<string> =>
  ordered(bank, runbook, service).catch(() => bank.lastSignal());

/** Until it ended, paused, or waits for what does not come. */
async function settled(bank: Bank, run: string, strike?: Striker): Promise<Head> {
  for (;;) {
    const head = await patiently(bank, run, { stop: () => strike?.busy() === true });
    if (strike?.busy() !== true) return head;
    await strike.done();
  }
}

export function verdictOf({ state, pause, result, waiting }: Head): string {
  if (pause !== undefined) return `paused ${pause.step} ${pause.refusal.code}`;
  if (state !== 'ended') return `waits ${waiting?.step ?? waiting?.for ?? state}`;
  if (result?.result === 'passed' || result?.result === 'aborted') return result.result;
  const code = /\b[A-Z]{2,}-[A-Z-]+\b/.exec(result?.reasons.join() ?? '')?.[0];
  return [result?.result, code].filter(Boolean).join(' ');
}

const seenIn = ({ pause, result }: Head): string =>
  pause === undefined ? (result?.reasons.join('; ') ?? '') : pause.refusal.why;

/** A mirror that broke with the link is resumed by the storage team, if its direction is beyond doubt. */
function resume({ world, clock }: Bank, service: string): void {
  clock.advance(60_000);
  const { active, primary } = world.oracle.moves(service);
  const last = world.samples.findLast((sample) => sample.service === service);
  const broke = last?.pvolStatus === 'PSUE' || last?.pvolStatus === 'PFUS';
  if (active === null || active !== primary || !broke) return;
  world.fault('replication-suspended', false, { service });
  clock.advance(600_000);
}

interface Mending {
  readonly cell: Wanted;
  readonly course: Course;
  readonly head: Head;
}

async function mended(bank: Bank, { cell, course, head }: Mending): Promise<Head> {
  bank.clock.advance(180_000);
  const { run } = head;
  if (head.state === 'ended' || cell.mend === 'again') {
    if (head.state !== 'ended') {
      await order(bank, run, 'han', { verb: 'abort', reason: 'we begin anew', mode: 'keep' });
      await settled(bank, run);
    }
    return settled(bank, await asked(bank, cell.runbook, course));
  }
  const reason = 'looked at both sites';
  // What waits goes on by itself.
  if (head.state === 'paused' && cell.mend === 'retry')
    await order(bank, run, 'han', { verb: 'retry', reason });
  const mode = cell.mend === 'undo' ? 'undo' : 'keep';
  if (cell.mend !== 'retry') await order(bank, run, 'han', { verb: 'abort', reason, mode });
  return settled(bank, run);
}

interface End {
  readonly course: Course;
  readonly runs: readonly string[];
  readonly byHand: number;
  readonly verdict: string;
  readonly mend: Cell['mend'];
}

/** After the end the service is where the runbook takes it, or where it was before. */
async function harmful(
  bank: Bank,
  { course, runs, byHand, verdict, mend }: End,
): Promise<string[]> {
  bank.clock.advance(60_000);
  const found = await harmOf(bank, runs, byHand);
  const { writing } = bank.world.oracle.moves(course.service);
  const wanted = verdict === 'passed' ? course.to : course.from;
  const dead = bank.world.faultsOn().some(({ name }) => name === 'site-dead');
  const ended = verdict === 'passed' || (verdict === 'aborted' && mend === 'undo');
  if (ended && !dead && wanted !== undefined && writing.join() !== wanted) {
    found.push(`hosts write at ${writing.join() || 'no side'}, not at ${wanted}`);
  }
  return found;
}

interface Striker {
  arm(bank: Bank): void;
  /** From here on it may strike at a line of the journal. */
  listen(): void;
  on(event: { readonly type: string; readonly data: unknown }): void;
  /** The network ports of the twin, which nobody listens at here. */
  between(http: Http): Http;
  now(): void;
  /** Whether its moment has come. */
  has(): boolean;
  mend(): Promise<void>;
  /** A process is being started anew. */
  busy(): boolean;
  done(): Promise<void>;
}

function striker({ fault, at, site, door }: Wanted, course: Course): Striker {
  let armed: Bank | undefined;
  let struck = false;
  let listening = false;
  let starting: Promise<void> | undefined;
  const [type, step] = at.split(' ');
  const where = placeOf(fault, { site, door, service: course.service });
  const turn = (on: boolean): void => {
    if (fault !== 'gateway-restarted') armed?.world.fault(fault, on, where);
    else if (on) starting = armed?.restartGateway(site ?? 'dr');
  };
  const strike = (): void => {
    struck = true;
    turn(true);
  };
  return {
    arm: (bank) => {
      armed = bank;
    },
    listen: () => {
      listening = true;
    },
    now: () => {
      strike();
      armed?.clock.advance(60_000);
    },
    on: (event) => {
      if (!listening || struck || event.type !== type) return;
      if (step === undefined || stepOf(event.data) === step) strike();
    },
    has: () => struck,
    between: (http) => async (request) => {
      const { origin } = new URL(request.url);
      const has = (door: DoorFault): boolean => armed?.world.atDoor(origin, door) === true;
      if (has('certificate-expired')) throw new Error('certificate has expired');
      if (has('door-reset')) throw new Error('socket hang up');
      const answer = await http(request);
      if (has('door-slow')) armed?.clock.advance(request.timeoutMs ?? SLOW_MS);
      if (has('door-slow') || has('door-truncated')) throw new Error('aborted');
      return answer;
    },
    mend: async () => {
      await starting;
      if (struck) turn(false);
    },
    busy: () => starting !== undefined,
    done: async () => {
      await starting;
      starting = undefined;
    },
  };
}

/** How long a client waits for an answer that trickles. */
const SLOW_MS = 30_000;

const stepOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'step' in data ? data.step : undefined;

/** Only what means something for it. */
function placeOf(
  fault: FaultName,
  given: { site: string | undefined; door: string | undefined; service: string },
): Omit<Fault, 'name'> {
  const taken: readonly string[] = faultPlaces[targetOf(fault)];
  const place = Object.entries(given).filter(([key, value]) => value && taken.includes(key));
  return Object.fromEntries(place);
}
