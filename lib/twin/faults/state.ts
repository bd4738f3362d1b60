/** Which faults are on and where, and the switch for all of them. */
import type { TwinArray } from '../array/array.ts';
import type { Writers } from '../array/data/writers.ts';
import type { Fabric } from '../array/remote/fabric.ts';
import type { DoorFault } from '../doors/door.ts';
import { TwinError } from '../errors.ts';
import type { PlacedCloud } from '../insides.ts';
import { cloudFaults } from '../openstack/state.ts';
import { originOf } from '../router.ts';
import type { Fault } from '../scenario.ts';
import type { Topology } from '../topology.ts';
import type { Unit } from '../units.ts';
import { settleCuts, strikeLink, wayName } from './links.ts';
import { strikeService } from './service.ts';
import { cutSites, deadSites, settleDeaths } from './sites.ts';
import { type FaultName, type FaultTarget, faultTable } from './table.ts';
import { arrayNamed, cloudAt, linkBetween, siteNamed, unitNamed } from './targets.ts';

/** What faults work on. */
export interface Field {
  readonly topology: Topology;
  readonly units: readonly Unit[];
  readonly arrays: ReadonlyMap<string, TwinArray>;
  readonly clouds: ReadonlyMap<string, PlacedCloud>;
  readonly fabric: Fabric;
  readonly writers: Writers;
}

/** A fault that is on; `where` as the table's target says it. */
export interface Struck {
  readonly name: FaultName;
  readonly where: string;
}

interface Turn {
  readonly on: boolean;
  /** ms */
  readonly now: number;
}

type Striker = (field: Field, fault: Fault, turn: Turn) => string;

/** Each finds what is meant, strikes it, and says where that was. */
const strikers: Readonly<Record<Exclude<FaultTarget, 'gateway'>, Striker>> = {
  service: (field, { name, service }, turn) => {
    const unit = unitNamed(field, service);
    strikeService(field, unit, { name, ...turn });
    return unit.id;
  },
  array: (field, { name, site }, { on, now }) => {
    const { id, array } = arrayNamed(field, site);
    if (name === 'quorum-lost' && array.parts.spec.quorumDisks.length === 0) {
      throw new TwinError('TW-FAULT-NOWHERE', `Array ${id} has no quorum disk.`);
    }
    if (on) array.parts.faults.add(name);
    else array.parts.faults.delete(name);
    array.settle(now);
    return id;
  },
  link: (field, { name, between }, turn) => {
    const [from, to] = linkBetween(field, between);
    strikeLink(field, { from, to }, { name, ...turn });
    return wayName({ from, to });
  },
  site: (field, { site }) => siteNamed(field, site),
  cloud: (field, { name, site }, { on }) => {
    const { id, cloud } = cloudAt(field, site);
    const known = cloudFaults.find((one) => one === name);
    if (known !== undefined) cloud.fault(known, on);
    return id;
  },
  door: (field, { site, door }) =>
    door === 'cloud'
      ? originOf('cloud', cloudAt(field, site).id)
      : originOf('array', arrayNamed(field, site).id),
};

export class Faults {
  readonly #field: Field;
  #on: readonly Struck[] = [];

  constructor(field: Field) {
    this.#field = field;
  }

  /** Throws TW-NAME-UNKNOWN, with the nearest name, when what it should strike is not there. */
  turn(fault: Fault, turn: Turn): void {
    const line = faultTable.find(({ name }) => name === fault.name);
    if (line === undefined || line.target === 'gateway') return;
    const where = strikers[line.target](this.#field, fault, turn);
    const rest = this.#on.filter((one) => one.name !== line.name || one.where !== where);
    const stays = turn.on && (!('lasts' in line) || line.target === 'array');
    this.#on = stays ? [...rest, { name: line.name, where }] : rest;
    settleDeaths(this.#field, this.#on, turn.now);
    settleCuts(this.#field, this.#on, turn.now);
  }

  /** What is on now: a fault that strikes once has gone when it struck. */
  on(): readonly Struck[] {
    return this.#on.filter(({ name, where }) => {
      const line = faultTable.find((one) => one.name === name);
      if (line?.target !== 'array') return true;
      return this.#field.arrays.get(where)?.parts.faults.has(name) ?? false;
    });
  }

  atDoor(origin: string, fault: DoorFault): boolean {
    return this.#on.some(({ name, where }) => name === fault && where === origin);
  }

  /** Clouds that nobody can ask: they have no site left, or none that is not cut off. */
  darkClouds(): ReadonlySet<string> {
    const dark = new Set([...deadSites(this.#on), ...cutSites(this.#on)]);
    const silent = [...this.#field.clouds].filter(([, { sites }]) => {
      return sites.length > 0 && sites.every((site) => dark.has(site));
    });
    return new Set(silent.map(([name]) => name));
  }

  siteDead(site: string): boolean {
    return deadSites(this.#on).has(site);
  }

  guestsReturn(site: string): boolean {
    return this.#on.some(({ name, where }) => name === 'guests-return' && where === site);
  }

  snapshot(): readonly Struck[] {
    return this.on();
  }

  /** After arrays, clouds and links were restored: they hold their part themselves. */
  restore(saved: readonly Struck[]): void {
    this.#on = [...saved];
  }
}
