/** What other people, tools and broken parts do to ShadowImage groups behind everybody's back. */
import { TwinError } from '../../errors.ts';
import { HOST } from '../data/history.ts';
import type { Parts } from '../parts.ts';
import { beginResync, judge } from './clone-operate.ts';
import { type CloneGroup, type ClonePair, pairOf } from './clone-pairs.ts';
import type { ClonePace } from './clone-settle.ts';
import { freeze, spread } from './copy.ts';
import type { CloneRegister } from './register.ts';

/** Every method expects settled state and throws TW-NAME-UNKNOWN for a group that is not there. */
export class CloneFaults {
  readonly #register: CloneRegister;
  readonly #parts: Parts;
  readonly #pace: ClonePace;

  constructor(register: CloneRegister, parts: Parts, pace: ClonePace) {
    this.#register = register;
    this.#parts = parts;
    this.#pace = pace;
  }

  /** As somebody's drill of yesterday would have left them: written to, and copied to the end. */
  leaveSplit(name: string, now: number): void {
    const group = this.#group(name);
    const { histories } = this.#parts;
    group.split = null;
    for (const pair of group.pairs) {
      freeze(this.#parts, pair, { at: now });
      const write = { writer: HOST, since: now - 1, until: now };
      histories.set(pair.svol, [...(histories.get(pair.svol) ?? []), write]);
      Object.assign(pair, { phase: 'PSUS', since: now, copiedAt: now, split: null });
    }
  }

  /** Somebody tidies up: pairs that are split are resynchronised, others stay as they are. */
  resync(name: string, now: number): void {
    const group = this.#group(name);
    const pairs = group.pairs.filter(({ copiedAt }) => copiedAt <= now);
    const judged = judge({ group, pairs, whole: true }, 'resync', { now });
    beginResync(judged, { now, quick: false }, this.#pace);
  }

  /** null = the pairs split one after the other. */
  setConsistencyGroup(name: string, id: number | null): void {
    this.#group(name).consistencyGroupId = id;
  }

  /** The pairs go into COPY and stay there; off: copying ends as ever. */
  keepCopying(name: string, on: boolean, now: number): void {
    const group = this.#group(name);
    group.endless = on;
    for (const pair of group.pairs) {
      if (!on && pair.phase !== 'COPY') continue;
      pair.phase = 'COPY';
      pair.since = now;
      pair.copiedAt = now + spread(this.#pace.resyncMs, pair.svol);
    }
  }

  /** One more pair, long since PAIR. */
  addPair(name: string, pair: Pick<ClonePair, 'name' | 'pvol' | 'svol'>, now: number): void {
    this.#register.addPair(this.#group(name), pairOf(pair, now));
  }

  removePair(name: string, svol: number): void {
    const group = this.#group(name);
    const pair = group.pairs.find((one) => one.svol === svol);
    if (pair !== undefined) this.#register.dropPair({ group, pair });
  }

  /** The copy lies on another LDEV from now on, data and all. */
  moveSvol(name: string, from: number, to: number): void {
    const group = this.#group(name);
    const { histories } = this.#parts;
    const pair = group.pairs.find((one) => one.svol === from);
    if (pair === undefined) return;
    this.#register.exchange({ group, pair }, { ...pair, svol: to });
    const held = histories.get(from);
    if (held !== undefined) histories.set(to, held);
    histories.delete(from);
  }

  #group(name: string): CloneGroup {
    const group = this.#register.find(name);
    if (group === undefined) throw new TwinError('TW-NAME-UNKNOWN', `There is no ${name}.`);
    this.#register.moving.add(group);
    return group;
  }
}
