/** ShadowImage groups by name, their pairs by LDEV, and which groups time can still change. */
import type { CloneGroup, ClonePair } from './clone-pairs.ts';

export interface Place {
  readonly group: CloneGroup;
  readonly pair: ClonePair;
}

export class CloneRegister {
  readonly #groups = new Map<string, CloneGroup>();
  readonly #bySvol = new Map<number, Place>();
  readonly #byPvol = new Map<number, Place[]>();
  /** Groups that copy or wait for a split: only these are settled. */
  readonly moving = new Set<CloneGroup>();

  constructor(groups: readonly CloneGroup[]) {
    this.replace(groups);
  }

  get groups(): readonly CloneGroup[] {
    return [...this.#groups.values()];
  }

  find(name: string): CloneGroup | undefined {
    return this.#groups.get(name);
  }

  asSvol(ldevId: number): Place | undefined {
    return this.#bySvol.get(ldevId);
  }

  asPvol(ldevId: number): readonly Place[] {
    return this.#byPvol.get(ldevId) ?? [];
  }

  addGroup(group: CloneGroup): void {
    this.#groups.set(group.name, group);
    this.moving.add(group);
    for (const pair of group.pairs) this.#index({ group, pair });
  }

  addPair(group: CloneGroup, pair: ClonePair): void {
    group.pairs.push(pair);
    this.moving.add(group);
    this.#index({ group, pair });
  }

  /** A group without pairs is gone with its last one. */
  dropPair({ group, pair }: Place): void {
    group.pairs = group.pairs.filter((one) => one !== pair);
    this.#forget(pair);
    if (group.pairs.length > 0) return;
    this.#groups.delete(group.name);
    this.moving.delete(group);
  }

  /** Puts another pair, e.g. with another S-VOL, into the place of one. */
  exchange({ group, pair }: Place, instead: ClonePair): void {
    group.pairs = group.pairs.map((one) => (one === pair ? instead : one));
    this.#forget(pair);
    this.#index({ group, pair: instead });
  }

  replace(groups: readonly CloneGroup[]): void {
    for (const known of [this.#groups, this.#bySvol, this.#byPvol, this.moving]) known.clear();
    for (const group of groups) this.addGroup(group);
  }

  #forget(pair: ClonePair): void {
    this.#bySvol.delete(pair.svol);
    const left = this.asPvol(pair.pvol).filter((place) => place.pair !== pair);
    if (left.length === 0) this.#byPvol.delete(pair.pvol);
    else this.#byPvol.set(pair.pvol, left);
  }

  #index(place: Place): void {
    const { pvol, svol } = place.pair;
    this.#bySvol.set(svol, place);
    const places = this.#byPvol.get(pvol);
    if (places === undefined) this.#byPvol.set(pvol, [place]);
    else places.push(place);
  }
}
