/** `config/twin.yml` beside the configuration it adds to: what it names must be there. */
import type { Config } from '../config.ts';
import { readYaml, type Source, SourceError } from '../yaml.ts';
import { twinMap } from './map.ts';
import { faultFindings } from './rules/faults.ts';
import { stranger } from './rules/rule.ts';
import { parseScenario, type Scenario } from './scenario.ts';
import { topologyOf } from './seeds.ts';

/**
 * Like `parseScenario`, and CONFIG-RULE with file, line and column for a service, site or array that
 * the configuration does not have.
 */
export function scenarioFor(config: Config, source: Source): Scenario {
  const scenario = parseScenario(source);
  const map = twinMap(config, scenario);
  const services = map.services.map(({ id }) => id);
  const volumes = map.services.flatMap((one) =>
    one.volumes.map(({ mainVolumeId }) => mainVolumeId),
  );
  const found = [
    ...Object.keys(scenario.load.services).flatMap((id) =>
      stranger(['load', 'services', id], 'service', [id, services]),
    ),
    ...scenario.unprotected.flatMap((id, i) =>
      stranger(['unprotected', i], 'volume', [id, volumes]),
    ),
    ...faultFindings(topologyOf({ config, scenario, map }), scenario.faults).map((finding) => ({
      ...finding,
      path: ['faults', ...finding.path],
    })),
  ];
  if (found.length === 0) return scenario;
  const text = readYaml(source);
  const problems = found.map(({ path, ...fault }) => text.problem(['scenario', ...path], fault));
  throw new SourceError('CONFIG-RULE', problems);
}
