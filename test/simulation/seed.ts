/** One seed from its beginning to its end. */

import { openAttacker } from './attacker.ts';
import { signers } from './boundaries-signers.ts';
import { checkAll } from './invariants.ts';
import { officers } from './officers.ts';
import { crowd } from './people.ts';
import { playPlot } from './plots.ts';
import { fingerprint, openSim, type Sim } from './sim.ts';

export interface Outcome {
  readonly seed: number;
  /** Rules that were broken; empty is what we want. */
  readonly violations: readonly string[];
  readonly results: readonly string[];
  /** Same seed, same program: same hash. */
  readonly hash: string;
  readonly trace: readonly string[];
  readonly virtualMs: number;
}

/** A run that has not ended after this long never will: rule 10, "keep working". */
const LIMIT_MS = 20 * 3_600_000;

export async function playSeed(seed: number): Promise<Outcome> {
  const sim = await openSim(seed);
  const start = sim.time.now();
  const late = () => sim.time.now() > start + LIMIT_MS;
  const hopeless = () => late() || sim.violations.length > 20;
  let told = false;
  const done = () =>
    hopeless() || (told && sim.runs.length > 0 && sim.runs.every((run) => sim.ended.has(run)));
  void playPlot(sim, hopeless).then(() => {
    told = true;
  });
  void crowd(sim, done);
  void signers(sim, done);
  void officers(sim, done);
  void openAttacker().live(sim, done);
  await sim.time.run(done);
  sim.stop();
  await checkAll(sim);
  const results = await resultsOf(sim);
  if (late()) sim.broken(10, `not at its end after 20 h: ${results.join(', ')}`);
  return {
    seed,
    violations: sim.violations,
    results,
    hash: await fingerprint(sim),
    trace: sim.trace,
    virtualMs: sim.time.now() - start,
  };
}

async function resultsOf(sim: Sim): Promise<string[]> {
  const heads = await Promise.all(sim.runs.map((run) => sim.head(run)));
  return heads.map((head) => head?.result?.result ?? head?.state ?? 'not opened');
}
