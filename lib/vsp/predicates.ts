/** Conditions on answers of arrays. Doubt, emptiness and a pair too many never hold. */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { adoptingPredicates } from './adopting.ts';
import { gadPredicates } from './gad.ts';
import { mirrorPredicates } from './mirror.ts';
import { cloneClassOf, isTogether, replicationClass } from './pairs.ts';
import { OWN_HOST_GROUP } from './paths.ts';
import { protectionPredicates } from './protection.ts';
import {
  type ClonePair,
  cloneGroupSchema,
  journalsSchema,
  ldevSchema,
  remoteGroupSchema,
} from './schema.ts';
import { sidePredicates } from './sides.ts';
import { takeoverPredicates } from './takeover.ts';

const pairs = z.array(z.strictObject({ name: z.string(), pvol: z.int(), svol: z.int() })).min(1);
type Wanted = z.infer<typeof pairs>;

/** Exactly these pairs, by name and both LDEV numbers. */
function sameClonePairs(seen: readonly ClonePair[], wanted: Wanted): boolean {
  const name = (pair: Wanted[number]) => `${pair.name} ${pair.pvol} ${pair.svol}`;
  const have = seen.map((pair) =>
    name({ name: pair.copyPairName, pvol: pair.pvolLdevId, svol: pair.svolLdevId }),
  );
  return [...have].sort().join() === wanted.map(name).sort().join();
}

const clonesIn = (classes: readonly string[]): Predicate =>
  predicate({
    body: cloneGroupSchema,
    args: z.strictObject({ pairs, consistencyGroupId: z.int().optional() }),
    test: ({ copyPairs }, { pairs: wanted, consistencyGroupId: together }) => {
      const states = [...new Set(copyPairs.map(cloneClassOf))].sort();
      const same = sameClonePairs(copyPairs, wanted);
      const asked = together === undefined ? {} : { oneInstant: isTogether(copyPairs, together) };
      const good = same && asked.oneInstant !== false && states.length > 0;
      return {
        holds: good && states.every((state) => classes.includes(state)),
        reading: { states, pairs: copyPairs.length, samePairs: same, ...asked },
      };
    },
  });

/** Every S-VOL half of the remote pairs is PAIR; PFUL waits. */
const secondaryPaired = predicate({
  body: remoteGroupSchema,
  args: z.strictObject({ pairs }),
  test: (group, args) => {
    const states = [...new Set(group.copyPairs.map((pair) => pair.svolStatus ?? 'unknown'))].sort();
    const have = group.copyPairs.map((pair) => `${pair.copyPairName} ${pair.svolLdevId}`).sort();
    const wanted = args.pairs.map((pair) => `${pair.name} ${pair.svol}`).sort();
    const same = have.join() === wanted.join();
    return { holds: same && states.join() === 'PAIR', reading: { states, samePairs: same } };
  },
});

/** Remote copy goes on: PAIR or PFUL. */
const secondaryReplicating = predicate({
  body: remoteGroupSchema,
  args: z.strictObject({}),
  test: (group) => {
    const states = group.copyPairs.map((pair) => pair.svolStatus);
    return {
      holds: replicationClass(states) === 'replicating',
      reading: { states: [...new Set(states.map((state) => state ?? 'unknown'))].sort() },
    };
  },
});

const journalSteady = predicate({
  body: journalsSchema,
  args: z.strictObject({ journalId: z.int(), muNumber: z.int(), usageAtMost: z.number() }),
  test: (journals, args) => {
    const found = journals.data.filter(
      (one) => one.journalId === args.journalId && (one.muNumber ?? 0) === args.muNumber,
    );
    const [journal] = found;
    if (found.length !== 1 || journal === undefined) {
      return { holds: false, reading: { journals: found.length } };
    }
    const steady = journal.journalStatus === 'SJNN' && journal.usageRate <= args.usageAtMost;
    return {
      holds: steady,
      reading: { status: journal.journalStatus, usageRate: Math.round(journal.usageRate) },
    };
  },
});

/** Nothing but the pair path leads to the LDEV: one at most, and where it is named, one of ours. */
const onlyPairPath = predicate({
  body: ldevSchema,
  args: z.strictObject({ ldev: z.int() }),
  test: (ldev, args) => {
    const paths = ldev.numOfPorts ?? null;
    const foreign = foreignGroups(ldev);
    const known = ldev.ldevId === args.ldev && paths !== null;
    const holds = known && paths <= 1 && foreign.length === 0;
    const named = foreign.length === 0 ? {} : { foreign };
    return { holds, reading: { ldev: ldev.ldevId, paths, ...named } };
  },
});

const foreignGroups = ({ ports = [] }: z.infer<typeof ldevSchema>): string[] =>
  ports
    .filter(({ hostGroupName }) => !hostGroupName.startsWith(OWN_HOST_GROUP))
    .map(({ portId, hostGroupName }) => `${portId} ${hostGroupName}`);

export const arrayPredicates: Readonly<Record<string, Predicate>> = {
  'clone-paired': clonesIn(['paired']),
  /** Usable by servers, copied to the end or not. */
  'clone-split': clonesIn(['split', 'split-background']),
  /** Copied to the end, so that a resync is accepted. */
  'clone-split-whole': clonesIn(['split']),
  'secondary-paired': secondaryPaired,
  'secondary-replicating': secondaryReplicating,
  'journal-steady': journalSteady,
  'only-pair-path': onlyPairPath,
  ...takeoverPredicates,
  ...sidePredicates,
  ...gadPredicates,
  ...mirrorPredicates,
  ...protectionPredicates,
  ...adoptingPredicates,
};
