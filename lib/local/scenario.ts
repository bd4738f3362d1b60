/** The scenario of a state folder: as first started, whatever seed is given later. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { scenarioFor } from '../twin/house-scenario.ts';
import type { Scenario } from '../twin/scenario.ts';
import type { LocalFolder } from './folder.ts';

const SEED = 'seed';

/** Keeps the seed of the first start: a world that exists does not change with an argument. */
export function firstScenario(
  folder: LocalFolder,
  config: Config,
  seed: string | undefined,
): Scenario {
  const scenario = parse(folder.root, config);
  if (folder.read(SEED) === undefined) folder.write(SEED, seed ?? scenario.seed);
  return scenarioIn(folder.root, config);
}

export function scenarioIn(state: string, config: Config): Scenario {
  return { ...parse(state, config), seed: readFileSync(join(state, SEED), 'utf8') };
}

function parse(state: string, config: Config): Scenario {
  const file = join(state, 'config', 'twin.yml');
  return scenarioFor(config, { file, text: readFileSync(file, 'utf8') });
}
