/** Rules for the faults of a scenario: what they strike must be there. */
import type { Fault } from '../scenario.ts';
import { siteOf, type Topology } from '../topology.ts';
import { findUnit, type Unit, unitsOf } from '../units.ts';
import { type Finding, stranger, wrong } from './rule.ts';

/** Paths begin at the list of faults. */
export function faultFindings(topology: Topology, faults: readonly Fault[]): Finding[] {
  const units = unitsOf(topology);
  const arrays = topology.arrays.map(({ id }) => id);
  const clouds = topology.clouds.map(({ name }) => name);
  const places = [...new Set([...topology.arrays.map(siteOf), ...arrays, ...clouds])];
  const services = units.map(({ id }) => id);
  return faults.flatMap(({ name, service, site, between }, i) => [
    ...(service === undefined || findUnit(units, service) !== undefined
      ? []
      : stranger([i, 'service'], 'service', [service, services])),
    ...(site === undefined ? [] : stranger([i, 'site'], 'site', [site, places])),
    ...(between ?? []).flatMap((array, k) => stranger([i, 'between', k], 'array', [array, arrays])),
    ...(name === 'quorum-lost' ? noQuorum(topology, site, i) : []),
    ...nothingThere(topology, findUnit(units, service), { name, i }),
  ]);
}

const NEED_COPIES: readonly string[] = [
  'copies-left-split',
  'copies-copying',
  'no-consistency-group',
  'ldev-swapped',
  'host-path-left',
];
const NEED_JOURNAL: readonly string[] = ['journal-full', 'backlog', 'link-down'];

function nothingThere({ groups }: Topology, unit: Unit | undefined, fault: At): Finding[] {
  const { name, i } = fault;
  if (unit === undefined) return [];
  const type = groups.find((group) => group.name === unit.group)?.type;
  if (NEED_JOURNAL.includes(name) && type !== 'UR') {
    return wrong([i], 'nowhere', `${unit.id} replicates without a journal`);
  }
  if (NEED_COPIES.includes(name) && unit.cloneGroup === undefined) {
    return wrong([i], 'nowhere', `${unit.id} has no drill copies`);
  }
  return [];
}
interface At {
  readonly name: string;
  readonly i: number;
}

function noQuorum(topology: Topology, site: string | undefined, i: number): Finding[] {
  const wished = site ?? unitsOf(topology)[0]?.to;
  const array = topology.arrays.find((one) => one.id === wished || siteOf(one) === wished);
  if (array === undefined || array.quorumDisks.length > 0) return [];
  return wrong([i], 'nowhere', `array ${array.id} has no quorum disk`);
}
