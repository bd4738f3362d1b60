/** Finds what a fault names, or says what was probably meant. */
import { nearest } from '../../errors.ts';
import type { TwinArray } from '../array/array.ts';
import { TwinError } from '../errors.ts';
import type { Cloud } from '../openstack/cloud.ts';
import { siteOf } from '../topology.ts';
import { findUnit, type Unit } from '../units.ts';
import type { Field } from './state.ts';

export function unknown(
  kind: string,
  typed: string | undefined,
  known: readonly string[],
): TwinError {
  const near = nearest(typed ?? '', known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const what = typed === undefined ? `There is no ${kind}.` : `There is no ${kind} "${typed}".`;
  return new TwinError('TW-NAME-UNKNOWN', `${what}${hint}`);
}

/** By service, copy group or group of drill copies; the first when nothing is named. */
export function unitNamed({ units }: Pick<Field, 'units'>, name: string | undefined): Unit {
  const unit = findUnit(units, name);
  if (unit !== undefined) return unit;
  throw unknown(
    'service',
    name,
    units.map(({ id }) => id),
  );
}

/** Where a fault strikes that names no place: where the first service is copied to. */
function usualSite({ units, topology }: Field): string {
  const array = topology.arrays.find(({ id }) => id === units[0]?.to) ?? topology.arrays[0];
  return array === undefined ? '' : siteOf(array);
}

/** By its own id, by that of its site, or by a cloud above it. */
export function arrayNamed(field: Field, name?: string): { id: string; array: TwinArray } {
  const wished = name ?? usualSite(field);
  const { arrays, topology, clouds } = field;
  const bySite = topology.arrays.find((spec) => siteOf(spec) === wished)?.id;
  const id = arrays.has(wished) ? wished : (bySite ?? clouds.get(wished)?.arrays[0] ?? wished);
  const array = arrays.get(id);
  if (array === undefined) throw unknown('site', wished, placesOf(field));
  return { id, array };
}

/** By its own name, by a site it stands in, or by an array below it. */
export function cloudAt(field: Field, name?: string): { id: string; cloud: Cloud } {
  const wished = name ?? usualSite(field);
  const found = [...field.clouds].find(([own, { sites, arrays }]) => {
    return own === wished || sites.includes(wished) || arrays.includes(wished);
  });
  if (found === undefined) throw unknown('site', wished, placesOf(field));
  return { id: found[0], cloud: found[1].cloud };
}

export function siteNamed(field: Field, name?: string): string {
  const wished = name ?? usualSite(field);
  const spec = field.topology.arrays.find((one) => siteOf(one) === wished || one.id === wished);
  if (spec === undefined) throw unknown('site', wished, placesOf(field));
  return siteOf(spec);
}

/** The arrays of the first service unless two are named; they must be linked. */
export function linkBetween(field: Field, named?: readonly [string, string]): [string, string] {
  const { units, topology } = field;
  const [from, to] = named ?? [units[0]?.from ?? '', units[0]?.to ?? ''];
  const ways = topology.links.map((link) => `${link.from}-${link.to}`);
  if (!ways.includes(`${from}-${to}`)) throw unknown('link', `${from}-${to}`, ways);
  return [from, to];
}

function placesOf({ topology, clouds }: Field): string[] {
  return [...new Set([...topology.arrays.map(siteOf), ...clouds.keys()])];
}
