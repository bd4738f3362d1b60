/**
 * What became of acknowledged records when S-VOLs were opened and when volumes were copied over: the
 * oracle's memory. Nothing on any array shows it.
 */
import { HOST } from '../data/history.ts';
import { acknowledged, keptBy, type Span, union, without } from '../data/spans.ts';
import type { Volume } from './field.ts';
import type { RemoteGroup } from './group.ts';
import type { PairState } from './state.ts';

interface Place {
  /** ms */
  readonly at: number;
  readonly group: string;
  /** Array of the volumes that were opened, or copied over. */
  readonly array: string;
}

/** S-VOLs were taken over; `lost` = acknowledged until then, and not on them. */
export interface Opening extends Place {
  readonly lost: readonly Span[];
}

/** Volumes were copied over; `gone` = records on them that the copied ones did not have. */
export interface Overwrite extends Place {
  readonly gone: readonly Span[];
  /** Single writes of hosts that were copied over (the most on one volume). */
  readonly hostWrites: number;
}

interface ChronicleState {
  readonly openings: readonly Opening[];
  readonly overwrites: readonly Overwrite[];
}

export class Chronicle {
  #openings: readonly Opening[] = [];
  #overwrites: readonly Overwrite[] = [];

  /** Oldest first; the volumes of a group at one instant are one line. */
  get openings(): readonly Opening[] {
    return this.#openings;
  }

  get overwrites(): readonly Overwrite[] {
    return this.#overwrites;
  }

  opened(place: Place, lost: readonly Span[]): void {
    const same = this.#openings.find((one) => alike(one, place));
    const line = { ...place, lost: union([...(same?.lost ?? []), ...lost]) };
    this.#openings = [...this.#openings.filter((one) => one !== same), line];
  }

  overwritten(place: Place, what: Pick<Overwrite, 'gone' | 'hostWrites'>): void {
    const same = this.#overwrites.find((one) => alike(one, place));
    const gone = union([...(same?.gone ?? []), ...what.gone]);
    const hostWrites = Math.max(same?.hostWrites ?? 0, what.hostWrites);
    if (gone.length === 0 && hostWrites === 0) return;
    const others = this.#overwrites.filter((one) => one !== same);
    this.#overwrites = [...others, { ...place, gone, hostWrites }];
  }

  snapshot(): ChronicleState {
    return { openings: this.#openings, overwrites: this.#overwrites };
  }

  restore({ openings, overwrites }: ChronicleState): void {
    this.#openings = openings;
    this.#overwrites = overwrites;
  }
}

const alike = (one: Place, other: Place): boolean =>
  one.at === other.at && one.group === other.group && one.array === other.array;

/** The S-VOL of a pair has been opened for hosts; call when it holds what it will begin with. */
export function noteOpened({ state, field }: RemoteGroup, pair: PairState, at: number): void {
  const { writers } = field;
  const volumes: Volume[] = [
    ...field.sources({ array: pair.from, ldevId: pair.pvol }),
    { array: pair.to, ldevId: pair.svol },
  ];
  const names = volumes.flatMap(({ array, ldevId }) => writers.on(array, ldevId));
  const written = acknowledged(
    names.map(({ writer }) => writer),
    { writers, now: at },
  );
  const held = keptBy([field.own(pair.to, pair.svol)], { writers, now: at });
  field.chronicle.opened({ at, group: state.name, array: pair.to }, without(written, held));
}

/** The S-VOL of a pair will be copied over from its P-VOL; call before it is. */
export function noteOverwritten({ state, field }: RemoteGroup, pair: PairState, at: number): void {
  const source = field.history(pair.from, pair.pvol, at);
  const target = field.history(pair.to, pair.svol, at);
  const then = { writers: field.writers, now: at };
  const kept = new Set(source.flatMap(({ writer, since }) => (writer === HOST ? [since] : [])));
  const single = target.filter(({ writer, since }) => writer === HOST && !kept.has(since));
  field.chronicle.overwritten(
    { at, group: state.name, array: pair.to },
    {
      gone: without(keptBy([target], then), keptBy([source], then)),
      hostWrites: single.length,
    },
  );
}
