/** What the array knows of Thin Image pairs: by P-VOL and mirror unit, by S-VOL, by snapshot group. */
import * as z from 'zod';

const stretchSchema = z.strictObject({
  writer: z.string(),
  since: z.number(),
  until: z.number().nullable(),
  place: z.number().exactOptional(),
});

/** As it is kept on disk. */
export const snapPairSchema = z.strictObject({
  group: z.string(),
  pvol: z.int(),
  muNumber: z.int(),
  /** null = snapshot data without a volume that shows it. */
  svol: z.int().nullable(),
  poolId: z.int(),
  isConsistencyGroup: z.boolean(),
  isClone: z.boolean(),
  canCascade: z.boolean(),
  phase: z.enum(['PAIR', 'PSUP', 'PSUS', 'RCPY', 'CPYP', 'SMPP']),
  /** Start of the phase, and when it ends by itself (ms); null = it does not. */
  since: z.number(),
  endsAt: z.number().nullable(),
  /** When it was ordered to be split and has not been yet (ms). */
  turn: z.number().nullable(),
  /** When the snapshot data was stored (ms). */
  splitAt: z.number().nullable(),
  /** A restore leaves the pair split. */
  splitsAgain: z.boolean(),
  /** Snapshot data that no S-VOL shows. */
  kept: z.array(stretchSchema),
});
export type SnapPair = z.infer<typeof snapPairSchema>;

export class SnapRegister {
  readonly #byPvol = new Map<number, Map<number, SnapPair>>();
  readonly #bySvol = new Map<number, SnapPair>();
  readonly #groups = new Map<string, Set<SnapPair>>();
  /** Pairs that time still changes: only these are settled. */
  readonly moving = new Set<SnapPair>();

  get groups(): readonly string[] {
    return [...this.#groups.keys()];
  }

  get all(): readonly SnapPair[] {
    return [...this.#groups.values()].flatMap((pairs) => [...pairs]);
  }

  find(pvol: number, muNumber: number): SnapPair | undefined {
    return this.#byPvol.get(pvol)?.get(muNumber);
  }

  /** In the order of their mirror units. */
  ofPvol(pvol: number): readonly SnapPair[] {
    const pairs = this.#byPvol.get(pvol)?.values() ?? [];
    return [...pairs].sort((a, b) => a.muNumber - b.muNumber);
  }

  ofSvol(svol: number): SnapPair | undefined {
    return this.#bySvol.get(svol);
  }

  inGroup(name: string): readonly SnapPair[] {
    return [...(this.#groups.get(name) ?? [])];
  }

  add(pair: SnapPair): void {
    const units = this.#byPvol.get(pair.pvol) ?? new Map<number, SnapPair>();
    this.#byPvol.set(pair.pvol, units.set(pair.muNumber, pair));
    if (pair.svol !== null) this.#bySvol.set(pair.svol, pair);
    const members = this.#groups.get(pair.group) ?? new Set<SnapPair>();
    this.#groups.set(pair.group, members.add(pair));
    this.moving.add(pair);
  }

  drop(pair: SnapPair): void {
    const units = this.#byPvol.get(pair.pvol);
    units?.delete(pair.muNumber);
    if (units?.size === 0) this.#byPvol.delete(pair.pvol);
    if (pair.svol !== null) this.#bySvol.delete(pair.svol);
    const members = this.#groups.get(pair.group);
    members?.delete(pair);
    if (members?.size === 0) this.#groups.delete(pair.group);
    this.moving.delete(pair);
  }

  /** Gives the snapshot data a volume, or takes it away (null). */
  assign(pair: SnapPair, svol: number | null): void {
    if (pair.svol !== null) this.#bySvol.delete(pair.svol);
    pair.svol = svol;
    if (svol !== null) this.#bySvol.set(svol, pair);
  }

  replace(pairs: readonly SnapPair[]): void {
    for (const pair of this.all) this.drop(pair);
    for (const pair of pairs) this.add(pair);
  }
}
