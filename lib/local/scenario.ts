/** The scenario of a state folder: as first started, whatever seed is given later. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseScenario, type Scenario } from '../twin/scenario.ts';
import type { LocalFolder } from './folder.ts';

const SEED = 'seed';

/** Keeps the seed of the first start: a world that exists does not change with an argument. */
export function firstScenario(folder: LocalFolder, seed: string | undefined): Scenario {
  const scenario = parse(folder.root);
  if (folder.read(SEED) === undefined) folder.write(SEED, seed ?? scenario.seed);
  return scenarioIn(folder.root);
}

export function scenarioIn(state: string): Scenario {
  return { ...parse(state), seed: readFileSync(join(state, SEED), 'utf8') };
}

function parse(state: string): Scenario {
  const file = join(state, 'config', 'twin.yml');
  return parseScenario({ file, text: readFileSync(file, 'utf8') });
}
