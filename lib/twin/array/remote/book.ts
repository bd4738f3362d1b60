/** Which pairs an LDEV is in, found without walking through all of them. */
import type { Volume } from './field.ts';
import type { RemoteGroup } from './group.ts';
import { type PairState, type Side, sideOf } from './state.ts';

/** One volume's part in a pair. */
export interface Bound {
  readonly group: RemoteGroup;
  readonly pair: PairState;
}

export class Book {
  readonly #groups: () => Iterable<RemoteGroup>;
  #index: Map<string, Bound[]> | undefined;

  constructor(groups: () => Iterable<RemoteGroup>) {
    this.#groups = groups;
  }

  /** Pairs have come or gone. */
  forget(): void {
    this.#index = undefined;
  }

  /** Every pair with a half on this LDEV that is not dissolved there. */
  at({ array, ldevId }: Volume): readonly (Bound & { readonly side: Side })[] {
    this.#index ??= indexOf(this.#groups());
    return (this.#index.get(`${array}:${ldevId}`) ?? []).flatMap((bound) => {
      const side = sideOf(bound.pair, array);
      return side === undefined ? [] : [{ ...bound, side }];
    });
  }

  /** The volume, what it is a copy of, and so on. */
  sources(volume: Volume): readonly Volume[] {
    const chain = [volume];
    for (let at: Volume | undefined = volume; at !== undefined && chain.length < CHAIN_MAX; ) {
      const up: Bound | undefined = this.at(at).find(
        ({ side, group }) => side === 's' && !group.state.delta,
      );
      at = up && { array: up.pair.from, ldevId: up.pair.pvol };
      if (at !== undefined) chain.push(at);
    }
    return chain;
  }
}

/** Three centres are at most two steps apart. */
const CHAIN_MAX = 4;

function indexOf(groups: Iterable<RemoteGroup>): Map<string, Bound[]> {
  const index = new Map<string, Bound[]>();
  for (const group of groups) {
    for (const pair of group.pairs) {
      for (const key of [`${pair.from}:${pair.pvol}`, `${pair.to}:${pair.svol}`]) {
        const there = index.get(key);
        if (there === undefined) index.set(key, [{ group, pair }]);
        else there.push({ group, pair });
      }
    }
  }
  return index;
}
