/** Faults of the remote paths between two arrays. */
import type { Field } from './state.ts';

/** By array id. */
interface Way {
  readonly from: string;
  readonly to: string;
}

interface Turn {
  readonly on: boolean;
  readonly now: number;
}

type LinkFault = 'link-cut' | 'link-slow' | 'path-one-way';
type Switch = (field: Field, way: Way, turn: Turn) => void;

const switches: Readonly<Record<LinkFault, Switch>> = {
  'link-cut': ({ fabric }, { from, to }, { on, now }) => {
    fabric.link(from, to).cut(on, now);
    fabric.link(to, from).cut(on, now);
  },
  'link-slow': slow,
  'path-one-way': ({ fabric }, { from, to }, { on, now }) => fabric.link(to, from).cut(on, now),
};

export function strikeLink(field: Field, way: Way, fault: Turn & { name: string }): void {
  const { name, ...turn } = fault;
  Object.entries(switches).find(([known]) => known === name)?.[1](field, way, turn);
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
