/**
 * kill -9 of the engine and of the gateways in the middle of drills, then a restart: each drill ends
 * the same, and the twin's own log shows each effect at most once (rule 3). A drill bears up to ten
 * kills. Two by default; DRILLBOOK_KILLS=20 takes two drills, 200 takes twenty. DRILLBOOK_FIRST_DRILL
 * begins with the kills of another drill than the first.
 */
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { systemClock } from '../../lib/clock.ts';
import { type Line, type Machine, openMachine } from '../support/machine.ts';
import { type Blow, blowsOf } from './moments.ts';

const wanted = Number(process.env['DRILLBOOK_KILLS'] ?? 2);
const first = Number(process.env['DRILLBOOK_FIRST_DRILL'] ?? 0);
const LONGEST_DRILL_MS = 300_000;
const PORTS = { first: 21_000, each: 200, houses: 40 };

const ASKED = /Whether it was carried out is not known .* A person must look; retry sends it again/;

let machine: Machine | undefined;
const seen = { kills: 0, drills: 0, effects: 0 };
afterEach(() => {
  machine?.clear();
  machine = undefined;
});
afterAll(() => {
  process.stderr.write(
    `${seen.kills} kills in ${seen.drills} drills, ${seen.effects} effects, none twice\n`,
  );
});

test(
  'kill -9 of engine and gateways: drills end the same, each effect at most once',
  async () => {
    while (seen.kills < wanted) {
      const before = seen.kills;
      const number = first + seen.drills;
      await killedDrill(number, blowsOf(number, wanted - before));
      expect(seen.kills).toBeGreaterThan(before);
    }
  },
  LONGEST_DRILL_MS * Math.ceil(wanted / 5),
);

async function killedDrill(number: number, blows: readonly Blow[]): Promise<void> {
  const ports = PORTS.first + (number % PORTS.houses) * PORTS.each;
  const house = openMachine({ ports, service: 'loans' });
  machine = house;
  const killer = openKiller(house, blows);
  let run = await house.run(killer.onLine);
  for (let again = 0; run.code === null && again < blows.length; again++) {
    run = await house.run(killer.onLine);
  }
  const words = blows.map(({ victim, seq, afterMs }) => `${victim} at ${seq}+${afterMs} ms`);
  const result = run.lines.at(-1);
  const ended = run.lines.find(({ type }) => type === 'run.ended')?.data;
  const errors = run.code === 0 && !run.errors.includes('Error') ? '' : run.errors;
  // A gateway that dies between its `accepted` and the send leaves what only a person may repeat.
  const told = Array.isArray(ended?.['reasons']) ? ended['reasons'].map(String) : ['no end'];
  const reasons = told.filter((reason) => !ASKED.test(reason));
  expect({ words, ended: reasons, code: run.code, errors, ...result }).toMatchObject({
    words,
    ended: [],
    code: 0,
    errors: '',
    result: 'passed',
    verified: true,
  });
  const effects = house
    .effects()
    .map((effect) =>
      JSON.stringify([effect.site, effect.target, effect.method, effect.path, effect.bodyHash]),
    );
  expect(effects.length).toBeGreaterThan(10);
  expect({ words, distinct: new Set(effects).size }).toEqual({ words, distinct: effects.length });
  seen.kills += killer.done();
  seen.drills += 1;
  seen.effects += effects.length;
  house.clear();
}

/** Kills when its moments come, and looks after a run that asks for a person. */
function openKiller(house: Machine, blows: readonly Blow[]) {
  const clock = systemClock();
  const left = [...blows];
  const retried = new Set<number>();
  let done = 0;

  async function strike(blow: Blow, drill: { kill(signal: 'SIGKILL'): boolean }) {
    const { victim, afterMs } = blow;
    if (afterMs > 0) await clock.sleep(afterMs);
    try {
      if (victim !== 'engine') house.kill(victim);
      else if (!drill.kill('SIGKILL')) return;
      done += 1;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ESRCH') throw error;
      // It is dead already, by the blow before or with the engine: its turn comes with a later line.
      left.unshift(blow);
    }
  }

  return {
    done: () => done,
    onLine: (line: Line, drill: { kill(signal: 'SIGKILL'): boolean }) => {
      const [next] = left;
      if (next !== undefined && line.kind === 'event' && (line.seq ?? 0) >= next.seq) {
        left.shift();
        void strike(next, drill);
      }
      // Between `accepted` and the send nobody can know: a person looks and sends again.
      if (line.type === 'run.paused' && !retried.has(line.seq ?? 0)) {
        retried.add(line.seq ?? 0);
        void house.dr('--as', 'kim', 'retry', '--reason', 'looked at both sites');
      }
    },
  };
}
