/** Rules for the faults of a scenario: what they strike must be there. */
import type { Fault } from '../scenario.ts';
import { siteOf, type Topology } from '../topology.ts';
import { findUnit, unitsOf } from '../units.ts';
import { type Finding, stranger } from './rule.ts';

/** Paths begin at the list of faults. */
export function faultFindings(topology: Topology, faults: readonly Fault[]): Finding[] {
  const units = unitsOf(topology);
  const arrays = topology.arrays.map(({ id }) => id);
  const clouds = topology.clouds.map(({ name }) => name);
  const places = [...new Set([...topology.arrays.map(siteOf), ...arrays, ...clouds])];
  const services = units.map(({ id }) => id);
  return faults.flatMap(({ service, site, between }, i) => [
    ...(service === undefined || findUnit(units, service) !== undefined
      ? []
      : stranger([i, 'service'], 'service', [service, services])),
    ...(site === undefined ? [] : stranger([i, 'site'], 'site', [site, places])),
    ...(between ?? []).flatMap((array, k) => stranger([i, 'between', k], 'array', [array, arrays])),
  ]);
}
