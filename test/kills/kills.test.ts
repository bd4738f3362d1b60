/**
 * kill -9 of the engine and of the gateways in the middle of a drill, then a restart: the drill ends
 * the same, and the twin's own log shows each effect at most once (rule 3). Two kills by default;
 * DRILLBOOK_KILLS=20 takes ten moments each, more adds drills with several kills at random moments.
 */
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { systemClock } from '../../lib/clock.ts';
import { type Line, type Machine, openMachine } from '../support/machine.ts';
import { type Blow, drillsWith } from './moments.ts';

const wanted = Number(process.env['DRILLBOOK_KILLS'] ?? 2);
const cases = drillsWith(wanted).map((blows, i) => ({
  i,
  blows,
  words: blows.map(({ victim, seq, afterMs }) => `${victim} at ${seq}+${afterMs} ms`).join(', '),
}));

let machine: Machine | undefined;
let kills = 0;
let effects = 0;
afterEach(() => {
  machine?.clear();
  machine = undefined;
});
afterAll(() => {
  process.stderr.write(
    `${kills} kills in ${cases.length} drills, ${effects} effects, none twice\n`,
  );
});

test.each(cases)(
  'kill -9 of $words: the drill ends the same, each effect at most once',
  async ({ blows, i }) => {
    const house = openMachine({ ports: 21_000 + (i % 40) * 200, service: 'loans' });
    machine = house;
    const killer = openKiller(house, blows);
    let run = await house.run(killer.onLine);
    for (let again = 0; run.code === null && again < blows.length; again++) {
      run = await house.run(killer.onLine);
    }
    kills += killer.done();
    // A drill may end before the last of several random moments comes.
    expect(killer.done()).toBeGreaterThan(0);
    const result = run.lines.at(-1);
    expect({
      code: run.code,
      errors: run.errors,
      result: result?.result,
      verified: result?.verified,
    }).toEqual({
      code: 0,
      errors: expect.not.stringContaining('Error'),
      result: 'passed',
      verified: true,
    });
    const seen = house
      .effects()
      .map((effect) =>
        JSON.stringify([effect.site, effect.target, effect.method, effect.path, effect.bodyHash]),
      );
    effects += seen.length;
    expect(seen.length).toBeGreaterThan(10);
    expect(new Set(seen).size).toBe(seen.length);
  },
  300_000,
);

/** Kills when its moments come, and looks after a run that asks for a person. */
function openKiller(house: Machine, blows: readonly Blow[]) {
  const clock = systemClock();
  const left = [...blows];
  const retried = new Set<number>();
  let done = 0;

  async function strike({ victim, afterMs }: Blow, drill: { kill(signal: 'SIGKILL'): boolean }) {
    if (afterMs > 0) await clock.sleep(afterMs);
    try {
      if (victim !== 'engine') house.kill(victim);
      else if (!drill.kill('SIGKILL')) return;
      done += 1;
    } catch (error) {
      // It died with the engine a moment ago, or the drill is over.
      if ((error as { code?: string }).code !== 'ESRCH') throw error;
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
