/** The definition that is deployed, as the deployment finds it. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Machine, machineSchema } from './asl.ts';

const FILE = 'lib/store/conductor.asl.yml';

/** As the file says it, anchors followed. */
export const definition = (): unknown => parse(readFileSync(FILE, 'utf8'));

/** The whole definition, or with another limit of units used before it hands over. */
export function conductorMachine(limit = 2_000): Machine {
  const text = JSON.stringify(definition());
  if (!text.includes('$used >= 2000')) throw new Error(`${FILE} has no limit of 2,000`);
  return machineSchema.parse(JSON.parse(text.replace('$used >= 2000', `$used >= ${limit}`)));
}
