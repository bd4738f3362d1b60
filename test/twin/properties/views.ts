/** What must be true of everything that is seen at one instant. Each check says what is wrong. */
import { isDeepStrictEqual } from 'node:util';
import { rules } from '../../../lib/twin/array/remote/rules.ts';
import { SERIALS, type Site } from './plans.ts';
import type { Fields, GroupSeen, PairSeen, Seen, View } from './seen.ts';

type Check = (seen: Seen) => readonly string[];

const views = (seen: Seen) => Object.entries(seen) as [Site, View][];
const show = (value: unknown) => JSON.stringify(value);

/** Fields of a pair that do not depend on who is asked. */
const shared = ({ remoteMirrorCopyPairId: _, ...rest }: PairSeen): Fields => rest;
const pairsBy = ({ copyPairs }: GroupSeen) =>
  new Map(copyPairs.map((pair) => [pair.copyPairName, pair]));

/** Both arrays of a group show the same pairs in the same states. */
const bothSidesAgree: Check = (seen) =>
  views(seen).flatMap(([site, { full }]) =>
    Object.values(full).flatMap((group) => {
      const peer = peerOf(seen, group);
      const other = peer?.full[group.copyGroupName];
      if (other === undefined) return [`${site}: ${group.copyGroupName} is not on the other side`];
      const [own, far] = [group, other].map((one) => one.copyPairs.map(shared));
      return isDeepStrictEqual(own, far) ? [] : [`${site} ${show(own)} but the other ${show(far)}`];
    }),
  );

function peerOf(seen: Seen, { remoteMirrorCopyGroupId }: GroupSeen): View | undefined {
  const [serial] = remoteMirrorCopyGroupId.split(',');
  return views(seen).find(([site]) => SERIALS[site] === serial)?.[1];
}

/** What an array says of its own halves is half of what it says when both are asked. */
const localIsHalf: Check = (seen) =>
  views(seen).flatMap(([site, { full, local }]) =>
    Object.values(full).flatMap((group) => {
      const known = pairsBy(group);
      const halves = local[group.copyGroupName]?.copyPairs ?? [];
      return halves.flatMap((half) => {
        const whole = known.get(half.copyPairName);
        const odd = Object.entries(shared(half)).filter(([key, value]) => whole?.[key] !== value);
        return odd.length === 0 ? [] : [`${site} local ${show(odd)} of ${show(whole)}`];
      });
    }),
  );

/** Halves and roles that the state tables know; while a path is down, each half by itself. */
const statesAreKnown: Check = (seen) => {
  const linked = pathsUp(seen);
  return views(seen).flatMap(([site, { full }]) =>
    Object.values(full).flatMap(({ copyGroupName, copyPairs }) =>
      copyPairs.flatMap((pair) => {
        const { pvolStatus: p, svolStatus: s, replicationType } = pair;
        const halves = [
          ...(p === 'SMPL' ? [] : [`${p}/unknown`]),
          ...(s === 'SMPL' ? [] : [`unknown/${s}`]),
        ];
        return (linked ? [`${p}/${s}`] : halves)
          .filter((state) => rules[replicationType][state] === undefined && !waiting(state))
          .map((state) => `${site} ${copyGroupName}: no table knows ${state}`);
      }),
    ),
  );
};

/** Delta mirrors have rows for both halves together only. */
const waiting = (state: string) => /^(HOLD|HLDE|HOLDING)\/unknown$|^unknown\/HO?L/.test(state);

/** Both directions of all remote paths, as far as anybody who answers knows. */
export const pathsUp = (seen: Seen): boolean =>
  views(seen).every(([, { paths }]) => paths.every(({ cuStatus }) => cuStatus === 'NML'));

/** The names of device groups stay with the arrays; a pair has its ends on two of them. */
const rolesAreWhole: Check = (seen) =>
  views(seen).flatMap(([site, { full }]) =>
    Object.values(full).flatMap((group) => {
      const [serial] = group.remoteMirrorCopyGroupId.split(',');
      const ends = [SERIALS[site], serial].sort().join();
      const whole = group.copyPairs.filter(({ pvolStatus, svolStatus }) => {
        return pvolStatus !== 'SMPL' && svolStatus !== 'SMPL';
      });
      const ways = new Set(whole.map((pair) => pair['pvolStorageDeviceId']));
      const odd = group.copyPairs.filter(
        (pair) => [pair['pvolStorageDeviceId'], pair['svolStorageDeviceId']].sort().join() !== ends,
      );
      const isUr = group.copyPairs.some(({ replicationType }) => replicationType === 'UR');
      return [
        ...odd.map((pair) => `${site}: ends of ${show(pair)}`),
        ...(isUr && ways.size > 1 ? [`${site}: a mirror that points both ways`] : []),
      ];
    }),
  );

/** The list of one array names the same halves as its copy groups. */
const boundListAgrees: Check = (seen) =>
  views(seen).flatMap(([site, { local, bound }]) => {
    const halves = Object.values(local).flatMap(({ copyPairs }) =>
      copyPairs.flatMap((pair) => halfOf(pair)),
    );
    const listed = bound.map((one) => {
      const role = one['primaryOrSecondary'] === 'P-VOL' ? 'p' : 's';
      const { replicationType, ldevId, isSSWS, status } = one;
      return show([replicationType, ldevId, role, isSSWS === true ? 'SSWS' : status]);
    });
    const own = halves.map(show).sort();
    return isDeepStrictEqual(own, listed.sort())
      ? []
      : [`${site}: groups ${own.join()} but listed ${listed.join()}`];
  });

function halfOf(pair: PairSeen): unknown[][] {
  const side = pair['pvolStatus'] === undefined ? 's' : 'p';
  return [[pair.replicationType, pair[`${side}volLdevId`], side, pair[`${side}volStatus`]]];
}

export const BINDING = ['HORC', 'GAD', 'MRCF', 'HTI', 'JNL'];

/** An LDEV has the words of exactly what binds it. */
const attributesFit: Check = (seen) =>
  views(seen).flatMap(([site, view]) => {
    const wanted = boundWords(view);
    return view.ldevs.flatMap(({ ldevId, attributes }) => {
      const own = attributes.filter((word) => BINDING.includes(word)).sort();
      const due = [...(wanted.get(ldevId) ?? [])].sort();
      return isDeepStrictEqual(own, due) ? [] : [`${site} LDEV ${ldevId}: ${own} but ${due}`];
    });
  });

function boundWords({ local, clones, snapshots, journals }: View): Map<unknown, Set<string>> {
  const words = new Map<unknown, Set<string>>();
  const add = (ldevId: unknown, word: string) => {
    if (ldevId === undefined) return;
    words.set(ldevId, new Set([...(words.get(ldevId) ?? []), word]));
  };
  for (const pair of Object.values(local).flatMap(({ copyPairs }) => copyPairs)) {
    const word = pair.replicationType === 'GAD' ? 'GAD' : 'HORC';
    add(pair['pvolLdevId'] ?? pair['svolLdevId'], word);
  }
  for (const { pvolLdevId, svolLdevId } of clones.flatMap(({ copyPairs }) => copyPairs)) {
    for (const ldevId of [pvolLdevId, svolLdevId]) add(ldevId, 'MRCF');
  }
  for (const pair of snapshots.flatMap((one) => one.snapshots)) {
    for (const ldevId of [pair.pvolLdevId, pair.svolLdevId]) add(ldevId, 'HTI');
  }
  for (const { firstLdevId } of journals) add(firstLdevId, 'JNL');
  return words;
}

/** A journal is in use exactly as long as pairs of a mirror are. */
const journalsFit: Check = (seen) =>
  views(seen).flatMap(([site, { local, journals }]) => {
    const used = new Set(
      Object.values(local)
        .flatMap(({ copyPairs }) => copyPairs)
        .map((pair) => pair['pvolJournalId'] ?? pair['svolJournalId']),
    );
    return journals.flatMap(({ journalId, journalStatus }) =>
      used.has(journalId) === (journalStatus !== 'SMPL')
        ? []
        : [`${site} journal ${journalId} is ${journalStatus}`],
    );
  });

export const viewChecks = {
  bothSidesAgree,
  localIsHalf,
  statesAreKnown,
  rolesAreWhole,
  boundListAgrees,
  attributesFit,
  journalsFit,
} as const;
