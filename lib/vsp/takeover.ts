/**
 * Taking over a copy group at the secondary array when the primary is gone: what each state of an
 * S-VOL is worth, and the conditions the gateway confirms the instant before.
 */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { rowOf } from './pairs.ts';
import { journalsSchema, type RemotePair, remoteGroupSchema, remotePathsSchema } from './schema.ts';
import { compared } from './sides.ts';

/**
 * Best first. `taken`: the S-VOL is open already. `not-current`: it is opened, yet what was written
 * after an old split is not on it. `refused`: the volume is not usable at all.
 */
export const takeoverClasses = ['current', 'taken', 'not-current', 'refused'] as const;
export type TakeoverClass = (typeof takeoverClasses)[number];

/**
 * Fence levels. ASYNC: Universal Replicator, whose journal keeps what was received in order. The others
 * are TrueCopy's and say what a P-VOL does with a write that it cannot mirror: DATA refuses it, STATUS
 * refuses it unless the S-VOL could be told, NEVER goes on without the S-VOL.
 */
export const fences = ['ASYNC', 'DATA', 'STATUS', 'NEVER'] as const;
export type Fence = (typeof fences)[number];

/**
 * One row a state of an S-VOL, a word for each fence level; a state without a row is refused. PSUE with
 * STATUS: the S-VOL was told of the suspension, so main went on writing. PAIR with NEVER: main may have
 * gone on and could not tell.
 */
export const takeoverStates: Readonly<Record<string, Readonly<Record<Fence, TakeoverClass>>>> = {
  PAIR: { ASYNC: 'current', DATA: 'current', STATUS: 'current', NEVER: 'not-current' },
  PFUL: { ASYNC: 'current', DATA: 'refused', STATUS: 'refused', NEVER: 'refused' },
  PFUS: { ASYNC: 'current', DATA: 'refused', STATUS: 'refused', NEVER: 'refused' },
  PSUE: { ASYNC: 'current', DATA: 'current', STATUS: 'not-current', NEVER: 'not-current' },
  SSWS: { ASYNC: 'taken', DATA: 'taken', STATUS: 'taken', NEVER: 'taken' },
  SSUS: {
    ...{ ASYNC: 'not-current', DATA: 'not-current' },
    ...{ STATUS: 'not-current', NEVER: 'not-current' },
  },
  COPY: { ASYNC: 'refused', DATA: 'refused', STATUS: 'refused', NEVER: 'refused' },
  SMPL: { ASYNC: 'refused', DATA: 'refused', STATUS: 'refused', NEVER: 'refused' },
};

/**
 * Pairs as a takeover looks at them. After an exchange of the sides the volumes here are the source, and
 * as open as volumes that were taken over: their state is `P PAIR`, `P PSUE`, …
 */
export const asSecondaries = (pairs: readonly RemotePair[]): RemotePair[] =>
  pairs.map((pair) =>
    pair.pvolLdevId === undefined || pair.svolLdevId !== undefined
      ? pair
      : {
          ...pair,
          svolLdevId: pair.pvolLdevId,
          svolJournalId: pair.pvolJournalId,
          svolStatus: `${SOURCE}${pair.pvolStatus ?? 'unknown'}`,
        },
  );
const SOURCE = 'P ';

/** One of them is the source, by what `asSecondaries` says of it. */
export const hasSource = (pairs: readonly RemotePair[]): boolean =>
  pairs.some(({ svolStatus }) => svolStatus?.startsWith(SOURCE) === true);

const classOf = (state: string | undefined, fence: Fence): TakeoverClass =>
  state?.startsWith(SOURCE) === true
    ? 'taken'
    : (rowOf(takeoverStates, state)?.[fence] ?? 'refused');

/**
 * The class of a group: taken when all pairs are, else the worst of those that are not. A takeover
 * that stopped half-way is repeated, so open pairs do not count against it.
 */
export function takeoverClass(
  states: readonly (string | undefined)[],
  fence: Fence = 'ASYNC',
): TakeoverClass {
  const classes = states.map((state) => classOf(state, fence));
  if (classes.length === 0) return 'refused';
  const left = classes.filter((one) => one !== 'taken');
  if (left.length === 0) return 'taken';
  const worst = Math.max(...left.map((one) => takeoverClasses.indexOf(one)));
  return takeoverClasses[worst] ?? 'refused';
}

/** Never swaps: the array suspends and opens the S-VOLs with what it has received. */
export const takeoverBody = { parameters: { mode: 'forceSplit' } } as const;

const wantedPairs = z.array(z.strictObject({ name: z.string(), svol: z.int() })).min(1);
type Wanted = z.infer<typeof wantedPairs>;

/** Exactly these pairs, by name and S-VOL. */
export function sameSecondaries(seen: readonly RemotePair[], wanted: Wanted): boolean {
  const have = seen.map((pair) => `${pair.copyPairName} ${pair.svolLdevId}`).sort();
  return (
    have.join() ===
    [...wanted]
      .map((pair) => `${pair.name} ${pair.svol}`)
      .sort()
      .join()
  );
}

/** A fence level that is shown and is not that of the plan makes every state worth nothing. */
export function classAsFenced(pairs: readonly RemotePair[], fence: Fence): TakeoverClass {
  const asPlanned = pairs.every(({ fenceLevel }) => (fenceLevel ?? fence) === fence);
  return asPlanned
    ? takeoverClass(
        pairs.map((pair) => pair.svolStatus),
        fence,
      )
    : 'refused';
}

const statesIn = (pairs: readonly RemotePair[]): string[] =>
  [...new Set(pairs.map((pair) => pair.svolStatus ?? 'unknown'))].sort();

const takeable = predicate({
  body: remoteGroupSchema,
  args: z.strictObject({
    pairs: wantedPairs,
    worst: z.enum(['current', 'not-current']),
    fence: z.enum(fences).default('ASYNC'),
  }),
  test: ({ copyPairs }, { pairs, worst, fence }) => {
    const found = classAsFenced(copyPairs, fence);
    const same = sameSecondaries(copyPairs, pairs);
    const good = found === 'current' || (found === 'not-current' && worst === 'not-current');
    const svols = copyPairs.map(({ svolLdevId }) => svolLdevId ?? -1);
    const wanted = pairs.map(({ svol }) => svol);
    const less = compared(svols, wanted).less ? { lessPairs: true } : {};
    return {
      holds: same && good,
      reading: { class: found, states: statesIn(copyPairs), samePairs: same, ...less },
    };
  },
});

/** The restore journal of this mirror has no path left over which the primary could write. */
const journalCutOff = predicate({
  body: journalsSchema,
  args: z.strictObject({ journalId: z.int(), muNumber: z.int() }),
  test: ({ data }, { journalId, muNumber }) => {
    const found = data.filter(
      (one) => one.journalId === journalId && (one.muNumber ?? 0) === muNumber,
    );
    const [journal] = found;
    if (found.length !== 1 || journal === undefined) {
      return { holds: false, reading: { journals: found.length } };
    }
    const { journalStatus: status, qMarker, qCount = null, numOfActivePaths = null } = journal;
    const reading = { status, qMarker, qCount, activePaths: numOfActivePaths };
    return { holds: numOfActivePaths === 0, reading };
  },
});

/** No group of remote paths to that array is normal. An array that lists none at all is in doubt. */
const pathsDown = predicate({
  body: remotePathsSchema,
  args: z.strictObject({ storageDeviceId: z.string() }),
  test: ({ data }, { storageDeviceId }) => {
    const to = data.filter((one) => one.remoteStorageDeviceId === storageDeviceId);
    const states = [...new Set(to.map((one) => one.cuStatus))].sort();
    return { holds: to.length > 0 && !states.includes('NML'), reading: { states } };
  },
});

export const takeoverPredicates: Readonly<Record<string, Predicate>> = {
  'secondary-takeable': takeable,
  'journal-cut-off': journalCutOff,
  'remote-paths-down': pathsDown,
};
