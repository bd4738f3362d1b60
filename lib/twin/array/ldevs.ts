/** LDEVs of one array: what is defined, how large, under which label. */
import type { TopologyArray } from '../topology.ts';

export const BLOCKS_PER_GIB = 2_097_152;
export const LAST_LDEV = 65_279;

export interface Ldev {
  readonly ldevId: number;
  label: string;
  /** 512-byte blocks. */
  blocks: number;
  /** null = a volume of Thin Image that lies in no pool. */
  readonly poolId: number | null;
  /** Own attribute words; rooms add those of the pairs. */
  readonly attributes: readonly string[];
  status: 'NML' | 'BLK';
  /** 65534 = none, 65535 = reserved for GAD. */
  virtualLdevId: number;
  dataReductionMode: string;
  /** Upper and lower limits by name, as `set-qos` gave them. */
  qos: Readonly<Partial<Record<string, number>>>;
}

export const NO_VIRTUAL_ID = 65_534;

type NewLdev = Pick<Ldev, 'ldevId' | 'blocks'> & Partial<Ldev>;

export class Ldevs {
  readonly #byId = new Map<number, Ldev>();
  /** Ascending numbers; null after a change. */
  #order: number[] | null = null;

  constructor({ ldevs, ranges }: Pick<TopologyArray, 'ldevs' | 'ranges'>) {
    for (const { ldevId, label, sizeGiB, poolId, attributes } of ldevs) {
      const words = [...new Set(['CVS', 'HDP', ...attributes])];
      this.add({ ldevId, label, blocks: sizeGiB * BLOCKS_PER_GIB, poolId, attributes: words });
    }
    for (const { firstLdevId, count, sizeGiB, label } of ranges) {
      for (let i = 0; i < count; i++) {
        const name = label === '' ? '' : `${label}-${i + 1}`;
        this.add({ ldevId: firstLdevId + i, label: name, blocks: sizeGiB * BLOCKS_PER_GIB });
      }
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  find(ldevId: number): Ldev | undefined {
    return this.#byId.get(ldevId);
  }

  /** In ascending order, from a number on. */
  *from(head: number): Generator<Ldev> {
    this.#order ??= [...this.#byId.keys()].sort((a, b) => a - b);
    for (let i = firstAtOrAfter(this.#order, head); i < this.#order.length; i++) {
      const ldev = this.#byId.get(this.#order[i] ?? -1);
      if (ldev !== undefined) yield ldev;
    }
  }

  /** Replaces what is defined there. Without more words: a normal, unlabelled volume of pool 0. */
  add(wish: NewLdev): Ldev {
    const ldev: Ldev = {
      label: '',
      poolId: 0,
      attributes: ['CVS', 'HDP'],
      status: 'NML',
      virtualLdevId: NO_VIRTUAL_ID,
      dataReductionMode: 'disabled',
      qos: {},
      ...wish,
    };
    this.#byId.set(ldev.ldevId, ldev);
    this.#order = null;
    return ldev;
  }

  drop(ldevId: number): void {
    this.#byId.delete(ldevId);
    this.#order = null;
  }

  /** The lowest number in a range at which nothing is defined. */
  free(from = 0, to = LAST_LDEV): number | undefined {
    for (let ldevId = from; ldevId <= to; ldevId++) if (!this.#byId.has(ldevId)) return ldevId;
    return undefined;
  }

  snapshot(): Ldev[] {
    return [...this.#byId.values()];
  }

  restore(saved: readonly Ldev[]): void {
    this.#byId.clear();
    for (const ldev of saved) this.#byId.set(ldev.ldevId, ldev);
    this.#order = null;
  }
}

function firstAtOrAfter(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
