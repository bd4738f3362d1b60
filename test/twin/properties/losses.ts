/**
 * Records do not get lost, but for what is known to lose them. The known ways are data: which volume
 * they may take records from, and why.
 */
import { SERIALS, SITES } from './plans.ts';
import { type Holdings, shown, upToLastOf, volume, without } from './records.ts';
import type { ClonePairSeen, PairSeen, Seen, View } from './seen.ts';
import type { Outcome, Step } from './steps.ts';

/** Before and after one step. */
export interface Change {
  readonly step: Step;
  /** When it was taken (ms); a request to an array that is dead takes a while. */
  readonly at: number;
  readonly outcome: Outcome;
  readonly before: Seen;
  readonly after: Seen;
  readonly held: Holdings;
  readonly holds: Holdings;
}

interface Loss {
  readonly because: string;
  /** Volumes that may lose records in this step. */
  from(change: Change): Iterable<string>;
}

const siteOf = (serial: unknown) => SITES.find((site) => SERIALS[site] === serial) ?? '?';
const svolOf = (pair: PairSeen) => volume(siteOf(pair['svolStorageDeviceId']), pair['svolLdevId']);

/** Pairs as both arrays show them, or as one of them does when the other is silent. */
export function pairsOf(seen: Seen): Map<string, PairSeen> {
  const views = Object.values(seen);
  const groups = [...views.flatMap((view) => Object.values(view.local))];
  groups.push(...views.flatMap((view) => Object.values(view.full)));
  return new Map(
    groups.flatMap(({ copyGroupName, copyPairs }) =>
      copyPairs.map((pair): [string, PairSeen] => [`${copyGroupName}/${pair.copyPairName}`, pair]),
    ),
  );
}

const follows = (pair: PairSeen | undefined) =>
  ['PAIR', 'PFUL'].includes(String(pair?.['svolStatus']));
const copies = (pair: PairSeen | undefined) =>
  ['COPY', 'HOLDING'].includes(String(pair?.['svolStatus']));

function* localPairs(seen: Seen, of: (view: View) => readonly ClonePairSeen[]) {
  for (const [site, view] of Object.entries(seen)) {
    for (const pair of of(view)) yield { site, pair };
  }
}
const isRestore = (step: Step) =>
  step.does === 'request' && step.asked.path.endsWith('/restore/invoke');
const cloned = (view: View) => view.clones.flatMap(({ copyPairs }) => copyPairs);
const snapped = (view: View) => view.snapshots.flatMap((one) => one.snapshots);

export const losses: readonly Loss[] = [
  {
    because: 'a copy or resynchronisation overwrites the S-VOL with its P-VOL (4.3, 4.4, 5.2)',
    *from({ before, after }) {
      const was = pairsOf(before);
      for (const [name, pair] of pairsOf(after)) {
        const old = was.get(name);
        const began = copies(pair) || (follows(pair) && !follows(old));
        if (began || copies(old)) yield svolOf(pair);
      }
    },
  },
  {
    because: 'ShadowImage overwrites its S-VOL, and in a restore its P-VOL (5.5)',
    *from({ before, after, step }) {
      for (const seen of [before, after]) {
        for (const { site, pair } of localPairs(seen, cloned)) {
          yield volume(site, pair.svolLdevId);
          if (pair['pvolStatus'] === 'RCPY' || isRestore(step)) yield volume(site, pair.pvolLdevId);
        }
      }
    },
  },
  {
    because: 'Thin Image gives up snapshot data, and in a restore overwrites its P-VOL (7.1)',
    *from({ before, after, step }) {
      for (const seen of [before, after]) {
        for (const { site, pair } of localPairs(seen, snapped)) {
          yield volume(site, pair.svolLdevId);
          if (pair['status'] === 'RCPY' || isRestore(step)) yield volume(site, pair.pvolLdevId);
        }
      }
    },
  },
  {
    because: 'an LDEV was deleted',
    *from({ held, holds }) {
      for (const name of held.keys()) if (!holds.has(name)) yield name;
    },
  },
];

/** Volumes that show what another one holds: what that one may lose, they may lose. */
function behind(allowed: Set<string>, { after }: Change): void {
  for (let before = -1; before < allowed.size; ) {
    before = allowed.size;
    for (const pair of pairsOf(after).values()) {
      const source = volume(siteOf(pair['pvolStorageDeviceId']), pair['pvolLdevId']);
      if (follows(pair) && allowed.has(source)) allowed.add(svolOf(pair));
    }
  }
}

/** Every loss that nothing in the table explains. */
export function unexplained(change: Change): string[] {
  const allowed = new Set(losses.flatMap((loss) => [...loss.from(change)]));
  behind(allowed, change);
  return [...change.held].flatMap(([name, records]) => {
    const lost = without(records, change.holds.get(name) ?? new Map());
    return lost.size === 0 || allowed.has(name) ? [] : [`${name} lost ${shown(lost)}`];
  });
}

/** An S-VOL that follows holds what its P-VOL holds, up to a point, and nothing besides. */
export function prefixes({ after, holds }: Pick<Change, 'after' | 'holds'>): string[] {
  return [...pairsOf(after)].flatMap(([name, pair]) => {
    const source = holds.get(volume(siteOf(pair['pvolStorageDeviceId']), pair['pvolLdevId']));
    const target = holds.get(svolOf(pair));
    const alone = !follows(pair) || pair['pvolStatus'] === 'SMPL';
    if (alone || source === undefined || target === undefined) return [];
    const strange = without(target, source);
    const gaps = without(upToLastOf(source, target), target);
    return [
      ...(strange.size === 0 ? [] : [`${name}: the S-VOL holds ${shown(strange)} alone`]),
      ...(gaps.size === 0 ? [] : [`${name}: the S-VOL lacks ${shown(gaps)} in the middle`]),
    ];
  });
}

/** With fence level DATA nothing is acknowledged that the S-VOL has not. */
export function fencedIsSafe({ after, holds }: Pick<Change, 'after' | 'holds'>): string[] {
  return [...pairsOf(after)].flatMap(([name, pair]) => {
    const { pvolStatus: p, svolStatus: s, fenceLevel } = pair;
    if (fenceLevel !== 'DATA' || p !== 'PSUE' || (s !== 'PAIR' && s !== 'PSUE')) return [];
    const source = holds.get(volume(siteOf(pair['pvolStorageDeviceId']), pair['pvolLdevId']));
    const lacks = without(source ?? new Map(), holds.get(svolOf(pair)) ?? new Map());
    return lacks.size === 0 ? [] : [`${name}: ${shown(lacks)} are on the fenced P-VOL alone`];
  });
}
