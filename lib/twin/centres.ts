/** A file with whole centres in it: what `npm run twin` starts, checked before anything is made. */
import * as z from 'zod';
import { readYaml, type Source, SourceError, shapeProblems } from '../yaml.ts';
import { arrayRules } from './rules/arrays.ts';
import { cloudRules } from './rules/clouds.ts';
import { faultFindings } from './rules/faults.ts';
import { replicationRules } from './rules/replication.ts';
import { faultSchema } from './scenario.ts';
import { type Topology, topologySchema } from './topology.ts';

const centresSchema = z.strictObject({
  topology: topologySchema,
  /** On from the first day. */
  faults: z.array(faultSchema).default([]),
});
export type Centres = z.infer<typeof centresSchema>;

/**
 * Throws `SourceError` with file, line and column: YAML-SYNTAX, YAML-SHAPE, or CONFIG-RULE for what
 * contradicts itself (an LDEV that is not defined, pairs of two sizes, a journal that is missing …).
 */
export function parseCentres(source: Source): Centres {
  const text = readYaml(source);
  const result = centresSchema.safeParse(text.value);
  if (!result.success) {
    throw new SourceError('YAML-SHAPE', shapeProblems(text, centresSchema, result.error));
  }
  const { topology, faults } = result.data;
  const problems = [
    ...findings(topology).map(({ path, ...fault }) => text.problem(['topology', ...path], fault)),
    ...faultFindings(topology, faults).map(({ path, ...fault }) =>
      text.problem(['faults', ...path], fault),
    ),
  ];
  if (problems.length > 0) throw new SourceError('CONFIG-RULE', problems);
  return result.data;
}

function findings(topology: Topology) {
  const rules = [...arrayRules, ...replicationRules, ...cloudRules];
  return rules.flatMap((rule) => rule(topology));
}
