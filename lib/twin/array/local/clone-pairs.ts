/** What the array knows of ShadowImage groups and pairs, and how it shows their state. */
import * as z from 'zod';
import { type SiState, siTable } from './tables.ts';

/** A split that was ordered and not yet carried out. */
const splitOrderSchema = z.strictObject({ at: z.number(), quick: z.boolean() });
export type SplitOrder = Readonly<z.infer<typeof splitOrderSchema>>;

const pairSchema = z.strictObject({
  name: z.string(),
  pvol: z.int(),
  svol: z.int(),
  phase: z.enum(['COPY', 'PAIR', 'COPY(SP)', 'PSUS', 'PSUE', 'RCPY']),
  /** Start of the phase, and end of the copying that belongs to it (ms). */
  since: z.number(),
  copiedAt: z.number(),
  /** The turn of this pair when a group without consistency group is split. */
  split: splitOrderSchema.nullable(),
  /** It splits by itself as soon as it has been copied. */
  autoSplit: z.boolean(),
});
export type ClonePair = z.infer<typeof pairSchema>;

/** As it is kept on disk. */
export const cloneGroupSchema = z.strictObject({
  name: z.string(),
  pvolDeviceGroup: z.string(),
  svolDeviceGroup: z.string(),
  muNumber: z.int(),
  /** null = the pairs split one after the other. */
  consistencyGroupId: z.int().nullable(),
  /** The split of the consistency group, while it waits for the restore backlog. */
  split: splitOrderSchema.nullable(),
  /** A fault: copying goes on and on. */
  endless: z.boolean(),
  pairs: z.array(pairSchema),
});
export type CloneGroup = z.infer<typeof cloneGroupSchema>;

export function cloneState({ phase, copiedAt }: ClonePair, now: number): SiState {
  return phase === 'PSUS' && now < copiedAt ? 'PSUS(SP)' : phase;
}

/** Percent shown while copying goes on and on. */
const ENDLESS_PERCENT = 47;

/** The two statuses as the array reports them, and percent copied. */
export function cloneStatuses(group: CloneGroup, pair: ClonePair, now: number) {
  const { pvol, svol } = siTable[cloneState(pair, now)].shows;
  const share = (now - pair.since) / Math.max(1, pair.copiedAt - pair.since);
  const percent = Math.max(0, Math.min(100, Math.floor(share * 100)));
  const endless = group.endless && pair.phase === 'COPY';
  return { pvol, svol, progress: endless ? ENDLESS_PERCENT : percent };
}

/** A pair whose copying ended long ago, or ends at `copiedAt`. */
export function pairOf(
  names: Pick<ClonePair, 'name' | 'pvol' | 'svol'> & Partial<ClonePair>,
  now: number,
): ClonePair {
  return { phase: 'PAIR', since: now, copiedAt: now, split: null, autoSplit: false, ...names };
}
