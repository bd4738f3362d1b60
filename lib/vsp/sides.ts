/**
 * One side of a copy group as its own array shows it: the role of its volumes and their states. A swap
 * exchanges roles while device groups stay with their array, so a side is asked about by the LDEVs that
 * lie there and never by who was primary once.
 */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { type RemotePair, remoteGroupSchema } from './schema.ts';

export interface Side {
  /** `P PAIR`, `S SSWS`, …, each once, sorted; `? unknown` for a pair that shows no half or both. */
  readonly states: readonly string[];
  /** The group holds exactly the LDEVs asked about. */
  readonly same: boolean;
  /** It lacks some of them and holds nothing else: the rest lies in another group, or in none. */
  readonly less: boolean;
}

/** Which states of a side a condition holds in: every pair must be in one of them. */
export const sideTables = {
  /** Hosts may write here, as far as this side knows: it is the source, or it was taken over. */
  'side-writable': ['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE', 'S SSWS'],
  /** The other side of one that is to be written: nobody opened it beside its source. */
  'side-unopened': [
    ...['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE'],
    ...['S PAIR', 'S PFUL', 'S COPY', 'S PFUS', 'S PSUE'],
  ],
  'side-primary-paired': ['P PAIR'],
  'side-secondary-paired': ['S PAIR'],
  'side-taken': ['S SSWS'],
  /** What a takeover leaves of the old primary. */
  'side-primary-suspended': ['P PSUS', 'P PSUE'],
  /** GAD: the copy that did not go on. */
  'side-secondary-suspended': ['S SSUS', 'S PSUE'],
  /** Three centres: the mirror waits, and differences alone will do. */
  'side-delta-armed': ['P HOLD'],
  'side-delta-waiting': ['S HOLD'],
  /** It waits, and needs a full copy. */
  'side-delta-spent': ['P HLDE'],
  'side-delta-failed': ['S HLDE'],
  /** Source of the copy, however the copy is. */
  'side-primary': ['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE'],
  /** Of one instant, however old: not in the middle of being copied to. */
  'side-whole': [
    ...['P PAIR', 'P PFUL', 'P COPY', 'P PSUS', 'P PFUS', 'P PSUE'],
    ...['S PAIR', 'S PFUL', 'S SSUS', 'S PFUS', 'S PSUE', 'S SSWS'],
  ],
  /** No host can write to it: SSUS may have been split writable, SSWS is. */
  'side-secondary-closed': ['S PAIR', 'S PFUL', 'S COPY', 'S PFUS', 'S PSUE'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type SideCondition = keyof typeof sideTables;

/** The states of a half that was read with a `NotSpecified` id. */
export function sideOf(pairs: readonly RemotePair[], ldevs: readonly number[]): Side {
  const halves = pairs.map(halfOf);
  const have = halves.map(({ ldev }) => ldev ?? -1);
  const states = [...new Set(halves.map(({ state }) => state))].sort();
  return { states, ...compared(have, ldevs) };
}

/** What a group holds against what was asked about. */
export function compared(
  have: readonly number[],
  ldevs: readonly number[],
): Pick<Side, 'same' | 'less'> {
  const same = sorted(have).join() === sorted(ldevs).join();
  const less = !same && have.length > 0 && have.every((ldev) => ldevs.includes(ldev));
  return { same, less };
}

/** What a receipt keeps of it. */
export const sideReading = ({ states, same, less }: Side) => ({
  ...{ states: [...states], sameVolumes: same },
  ...(less ? { lessVolumes: true } : {}),
});

/** Emptiness and another set of volumes never hold. */
export function sideIs({ states, same }: Side, condition: SideCondition): boolean {
  const good: readonly string[] = sideTables[condition];
  return same && states.length > 0 && states.every((state) => good.includes(state));
}

/** Time alone makes it PAIR: every pair has one and the same role, and nothing was suspended. */
export const isCatchingUp = ({ states }: Pick<Side, 'states'>): boolean =>
  [CATCHING_UP.P, CATCHING_UP.S].some((rows) => states.every((state) => rows.includes(state)));
const CATCHING_UP: Readonly<Record<'P' | 'S', readonly string[]>> = {
  P: ['P PAIR', 'P PFUL', 'P COPY'],
  S: ['S PAIR', 'S PFUL', 'S COPY'],
};

function halfOf(pair: RemotePair): { readonly state: string; readonly ldev: number | undefined } {
  const { pvolLdevId, svolLdevId } = pair;
  if ((pvolLdevId === undefined) === (svolLdevId === undefined)) {
    return { state: '? unknown', ldev: undefined };
  }
  return pvolLdevId === undefined
    ? { state: `S ${pair.svolStatus ?? 'unknown'}`, ldev: svolLdevId }
    : { state: `P ${pair.pvolStatus ?? 'unknown'}`, ldev: pvolLdevId };
}

const sorted = (ldevs: readonly number[]): number[] => [...ldevs].sort((a, b) => a - b);

const sideIn = (condition: SideCondition): Predicate =>
  predicate({
    body: remoteGroupSchema,
    args: z.strictObject({ ldevs: z.array(z.int()).min(1) }),
    test: ({ copyPairs }, { ldevs }) => {
      const side = sideOf(copyPairs, ldevs);
      return { holds: sideIs(side, condition), reading: sideReading(side) };
    },
  });

export const sidePredicates: Readonly<Record<string, Predicate>> = Object.fromEntries(
  (Object.keys(sideTables) as SideCondition[]).map((name) => [name, sideIn(name)]),
);
