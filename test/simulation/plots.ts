/** The wishes of a seed and the blows that come with them, in their order. */
import type { Head } from '../../lib/run/head.ts';
import type { Plot } from './fate.ts';
import { order, type as typeCommand } from './people.ts';
import type { Sim } from './sim.ts';

/** Resolves when nobody will ask for anything more. */
export async function playPlot(sim: Sim, done: () => boolean): Promise<void> {
  if (sim.fate.skip) void skipAStep(sim, done);
  await plays[sim.fate.plot](sim, done);
}

type Play = (sim: Sim, done: () => boolean) => Promise<void>;

const plays: Readonly<Record<Plot, Play>> = {
  drill: (sim) => typeCommand(sim, 'kim', 'drill loans'),
  'two-services': async (sim) => {
    await typeCommand(sim, 'kim', 'drill loans');
    await sim.time.sleep(sim.chance.between(0, 300_000));
    await typeCommand(sim, 'han', 'drill internet-banking');
  },
  undo: async (sim, done) => {
    await typeCommand(sim, 'kim', 'run drill-undo loans');
    await untilSome(sim, done, ({ state }) => state === 'running');
    await sim.time.sleep(sim.chance.between(0, 400_000));
    for (const run of sim.runs) {
      if ((await sim.head(run)) === undefined) continue;
      await order(sim, run, 'han', { verb: 'abort', reason: 'take it all back', mode: 'undo' });
    }
  },
  disaster: async (sim) => {
    if (sim.chance.happens(0.7)) await typeCommand(sim, 'kim', 'drill loans');
    await sim.time.sleep(sim.chance.between(5_000, 900_000));
    sim.loseMain();
    await sim.time.sleep(sim.chance.between(10_000, 300_000));
    await typeCommand(sim, 'yoon', 'run takeover loans');
  },
  'false-alarm': async (sim) => {
    if (sim.chance.happens(0.5)) await typeCommand(sim, 'kim', 'drill loans');
    await sim.time.sleep(sim.chance.between(5_000, 600_000));
    await typeCommand(sim, 'yoon', 'run takeover loans');
  },
};

/** Looks every few seconds until a run is so, or all are over. */
async function untilSome(
  sim: Sim,
  done: () => boolean,
  wanted: (head: Head) => boolean,
): Promise<Head | undefined> {
  while (!done()) {
    await sim.time.sleep(2_000);
    for (const run of sim.runs) {
      const head = await sim.head(run);
      if (head !== undefined && wanted(head)) return head;
    }
    if (sim.runs.every((run) => sim.ended.has(run))) return undefined;
  }
  return undefined;
}

const isWaiting = (step: Head['steps'][number]): boolean =>
  step.state === 'waiting' && step.phase === 'forward';

async function skipAStep(sim: Sim, done: () => boolean): Promise<void> {
  const head = await untilSome(
    sim,
    done,
    ({ state, steps }) => state === 'running' && steps.some(isWaiting),
  );
  const steps = head?.steps.filter(isWaiting) ?? [];
  if (head === undefined || steps.length === 0) return;
  const step = sim.chance.oneOf(steps).id;
  const { run } = head;
  await order(sim, run, 'han', { verb: 'skip', step, reason: 'it is known to be so' });
  await sim.time.sleep(sim.chance.between(1_000, 30_000));
  // The one who asked cannot be the second, whoever tries first.
  await order(sim, run, 'han', { verb: 'confirm-skip', step });
  await order(sim, run, 'yoon', { verb: 'confirm-skip', step });
}
