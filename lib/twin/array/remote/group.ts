/**
 * One remote copy group: a Universal Replicator mirror, or a set of TrueCopy or GAD pairs. Both
 * arrays share this one object. Every value is computed from the clock and a few remembered
 * instants; the fabric notes the transitions that time has brought, in their order.
 */

import { type Event, nextEvent } from './events.ts';
import type { Field, Reach, Volume } from './field.ts';
import { pending, relax, retune, type Track } from './positions.ts';
import { journalRules } from './rules.ts';
import { type GroupState, LIVE, type PairState, type Side } from './state.ts';

export class RemoteGroup {
  state: GroupState;
  readonly field: Field;
  #shares: Track['shares'] | undefined;

  constructor(state: GroupState, field: Field) {
    this.state = state;
    this.field = field;
  }

  get pairs(): readonly PairState[] {
    return this.state.pairs;
  }

  /** What positions are computed from. */
  get track(): Track {
    this.#shares ??= sharesOf(this);
    const capacity = this.journal()?.capacityBytes ?? Number.POSITIVE_INFINITY;
    return { state: this.state, field: this.field, shares: this.#shares, capacity };
  }

  /** Bytes per millisecond that hosts write to the group while they run. */
  get load(): number {
    const { writers } = this.field;
    return this.track.shares.reduce(
      (sum, { writer, share }) => sum + writers.pace(writer) * share,
      0,
    );
  }

  /** Arrays of the P-VOLs and of the S-VOLs; in UR all pairs of a mirror point one way. */
  get direction(): { readonly from: string; readonly to: string } {
    const { pairs, deviceGroups } = this.state;
    const [from = '', to = ''] = Object.keys(deviceGroups);
    // A half that was left over when its pair was dissolved may point the old way.
    return pairs.find(({ follows }) => follows) ?? pairs[0] ?? { from, to };
  }

  get following(): boolean {
    return this.state.pairs.some(({ follows }) => follows);
  }

  /** Whether time alone can change it: then it is settled before each request. */
  get moves(): boolean {
    const { transfer, restore, pairs } = this.state;
    const { from, to } = this.direction;
    return (
      this.state.delta ||
      transfer.speed !== null ||
      restore.speed !== null ||
      !this.field.reach(from, to).up ||
      pairs.some(({ copy, order }) => copy !== null || order !== null)
    );
  }

  /** The master journal; the other one is of the same size in every sensible set-up. */
  journal() {
    const { journals, muNumber } = this.state;
    const { from } = this.direction;
    const id = journals[from];
    return id === undefined ? undefined : this.field.journal(from, id, muNumber);
  }

  /** Whether writes get from the P-VOL's array to the S-VOL's. */
  reach(pair: Pick<PairState, 'from' | 'to'>): Reach {
    return this.field.reach(pair.from, pair.to);
  }

  /** Whether pairs in PAIR show PFUL. */
  high(now: number): boolean {
    if (this.state.type !== 'UR' || this.state.delta || !this.following) return false;
    const { masterPercent, restorePercent } = pending(this.track, now);
    return Math.max(masterPercent, restorePercent) > journalRules.limits.highWaterPercent;
  }

  /** The first transition that time has brought and that was not noted yet. */
  due(now: number): Event | undefined {
    return nextEvent(this, now);
  }

  /** All transitions up to now were noted; every reading expects both to have run. */
  settle(now: number): void {
    if (this.following) relax(this.track, now);
  }

  /** Paths or arrays have changed: copying and transfers stop or go on. */
  retune(now: number): void {
    this.field.touched(this.state.name);
    if (this.following) retune(this.track, this.direction, now);
  }

  /** A pair stopped; when it was the last one, so have the mirror and its journals. */
  rest(at: number, upTo: number, journals: GroupState['closedAt']): void {
    if (this.following) return;
    this.state.transfer = LIVE;
    this.state.restore = LIVE;
    this.state.closedAt = journals;
    this.state.stoppedAt = Math.min(at, upTo);
  }

  /** Pairs have come or gone. */
  setPairs(pairs: readonly PairState[]): void {
    this.state.pairs = [...pairs];
    this.field.rebound();
    this.field.touched(this.state.name);
  }

  /** What writes to its P-VOLs may be another writer now. */
  forget(): void {
    this.#shares = undefined;
  }

  /** Hosts of both sides notice what they may write to. */
  fence(pairs: readonly PairState[], at: number): void {
    this.field.touched(this.state.name);
    this.field.fence(pairs.flatMap(volumesOf), at);
  }
}

const volumesOf = ({ from, to, pvol, svol }: PairState): Volume[] => [
  { array: from, ldevId: pvol },
  { array: to, ldevId: svol },
];

/** Which writers write to the P-VOLs, and what share of their volumes that is. */
function sharesOf({ state, field }: RemoteGroup): Track['shares'] {
  const counts = new Map<string, number>();
  for (const { from, pvol } of state.pairs) {
    for (const { array, ldevId } of field.sources({ array: from, ldevId: pvol })) {
      for (const { writer } of field.writers.on(array, ldevId)) {
        counts.set(writer, (counts.get(writer) ?? 0) + 1);
      }
    }
  }
  return [...counts].map(([writer, count]) => ({
    writer,
    share: count / field.writers.placeOf(writer).ldevs.length,
  }));
}

/** Why hosts cannot write to one side of a pair now; undefined = they can. */
export function shutBy(type: GroupState['type'], pair: PairState, side: Side): string | undefined {
  const what = `${side === 'p' ? 'P' : 'S'}-VOL of pair ${pair.name} in ${pair[side]}`;
  const live = pair.s === 'PAIR' || pair.p === 'PAIR';
  if (type === 'GAD' && pair.open !== 'both') return pair.open === side ? undefined : what;
  if (side === 'p') return pair.shut ? `${what}, which is write protected` : undefined;
  if (pair.s === 'SSWS' || (pair.s === 'SSUS' && pair.writable)) return undefined;
  return type === 'GAD' && live && pair.s === 'PAIR' ? undefined : what;
}
