/** Faults of the remote paths between two arrays. */
import { siteOf } from '../topology.ts';
import { cutSites } from './sites.ts';
import type { Field, Struck } from './state.ts';

/** By array id. */
interface Way {
  readonly from: string;
  readonly to: string;
}

interface Turn {
  readonly on: boolean;
  readonly now: number;
}

/** What a fault does by itself; which paths are cut follows from all faults that are on. */
export function strikeLink(field: Field, way: Way, fault: Turn & { name: string }): void {
  if (fault.name === 'link-slow') slow(field, way, fault);
}

/** Names the direction of a link, as a fault that is on says where. */
export const wayName = ({ from, to }: Way): string => `${from}-${to}`;

/** Brings all paths in line with the list: two faults may have cut the same direction. */
export function settleCuts({ fabric, topology }: Field, on: readonly Struck[], now: number): void {
  const alone = cutSites(on);
  const siteAt = (array: string) =>
    siteOf(topology.arrays.find(({ id }) => id === array) ?? { id: array });
  for (const { from, to } of topology.links) {
    const ends = [siteAt(from), siteAt(to)];
    const apart = ends[0] !== ends[1] && ends.some((site) => alone.has(site));
    const [there, back] = [wayName({ from, to }), wayName({ from: to, to: from })];
    const struck = on.some(
      ({ name, where }) =>
        (name === 'link-cut' && (where === there || where === back)) ||
        (name === 'path-one-way' && where === back),
    );
    const cut = struck || apart;
    if (fabric.links.cut(from, to) !== cut) fabric.link(from, to).cut(cut, now);
  }
}

const BYTES_PER_MEGABYTE = 1_000_000;

/** A tenth of what the hosts of this direction write; off = as the topology says. */
function slow({ fabric, topology, units, writers }: Field, { from, to }: Way, turn: Turn): void {
  const names = new Set(
    units.filter((unit) => unit.from === from && unit.to === to).map(({ writer }) => writer),
  );
  const bytesPerMs = [...names].reduce((sum, name) => sum + writers.pace(name ?? ''), 0);
  const tenth = (bytesPerMs * 1000) / BYTES_PER_MEGABYTE / 10;
  const usual = topology.links.find((link) => link.from === from && link.to === to);
  const rate = turn.on ? tenth : (usual?.megabytesPerSecond ?? tenth);
  fabric.link(from, to).bandwidth(rate, turn.now);
}
