/** Rules for what stands on one array, and for the links between arrays. */
import type { Topology, TopologyArray } from '../topology.ts';
import { doubles, type Finding, notDefined, type Rule, sizesOf, stranger, wrong } from './rule.ts';

type Path = readonly PropertyKey[];

export const arrayRules: readonly Rule[] = [
  ({ arrays }) => [
    ...doubles(
      'array',
      arrays.map(({ id }, i) => [['arrays', i, 'id'], id]),
    ),
    ...doubles(
      'storage device id',
      arrays.map(({ storageDeviceId }, i) => [['arrays', i, 'storageDeviceId'], storageDeviceId]),
    ),
  ],
  ({ arrays }) => arrays.flatMap((array, i) => within(array, ['arrays', i])),
  ({ arrays }) => arrays.flatMap((array, i) => ldevRefs(array, ['arrays', i])),
  ({ arrays }) => arrays.flatMap((array, i) => volumesOfItsOwn(array, ['arrays', i])),
  ({ arrays, links }) => {
    const known = arrays.map(({ id }) => id);
    return links.flatMap(({ from, to }, i) => [
      ...stranger(['links', i, 'from'], 'array', [from, known]),
      ...stranger(['links', i, 'to'], 'array', [to, known]),
      ...(from === to
        ? wrong(['links', i, 'to'], 'link', 'a link leads from one array to another')
        : []),
    ]);
  },
  ({ links }) =>
    doubles(
      'link',
      links.map(({ from, to, pathGroupId }, i) => [
        ['links', i],
        `${from} to ${to}, path group ${pathGroupId}`,
      ]),
    ),
  quorumDisks,
];

function within(array: TopologyArray, at: Path): Finding[] {
  const numbered = <T>(key: string, things: readonly T[], value: (thing: T) => unknown) =>
    things.map((thing, i): [Path, unknown] => [[...at, key, i], value(thing)]);
  return [
    ...doubles(
      'LDEV',
      numbered('ldevs', array.ldevs, ({ ldevId }) => ldevId),
    ),
    ...rangesThatMeet(array, at),
    ...doubles(
      'pool',
      numbered('pools', array.pools, ({ poolId }) => poolId),
    ),
    ...doubles(
      'port',
      numbered('ports', array.ports, ({ portId }) => portId),
    ),
    ...doubles(
      'host group',
      numbered('hostGroups', array.hostGroups, (g) => `${g.portId},${g.hostGroupNumber}`),
    ),
    ...doubles(
      'journal',
      numbered('journals', array.journals, ({ journalId }) => journalId),
    ),
    ...doubles(
      'quorum disk',
      numbered('quorumDisks', array.quorumDisks, ({ quorumDiskId }) => quorumDiskId),
    ),
    ...doubles(
      'user',
      numbered('users', array.users, ({ user }) => user),
    ),
    ...array.hostGroups.flatMap(({ portId }, i) =>
      stranger([...at, 'hostGroups', i, 'portId'], 'port', [
        portId,
        array.ports.map((port) => port.portId),
      ]),
    ),
  ];
}

function rangesThatMeet({ ldevs, ranges }: TopologyArray, at: Path): Finding[] {
  return ranges.flatMap(({ firstLdevId, count }, i) => {
    const last = firstLdevId + count - 1;
    const path = [...at, 'ranges', i, 'firstLdevId'];
    if (last > 65_279) return wrong(path, 'ldev', `the range ends at ${last}, above 65279`);
    const other = ranges.slice(0, i).find((range) => {
      return range.firstLdevId <= last && firstLdevId < range.firstLdevId + range.count;
    });
    const single = ldevs.find(({ ldevId }) => ldevId >= firstLdevId && ldevId <= last);
    const taken = other?.firstLdevId ?? single?.ldevId;
    return taken === undefined
      ? []
      : wrong(path, 'unique', `the range meets what is defined at LDEV ${taken}`);
  });
}

/** Pools and host groups that LDEVs name. */
function ldevRefs({ ldevs, ranges, pools, hostGroups }: TopologyArray, at: Path): Finding[] {
  const groups = hostGroups.map(({ portId, hostGroupNumber }) => `${portId},${hostGroupNumber}`);
  const paths = (of: readonly { portId: string; hostGroupNumber: number }[], where: Path) =>
    of.flatMap(({ portId, hostGroupNumber }, i) =>
      stranger([...where, 'paths', i], 'host group', [`${portId},${hostGroupNumber}`, groups]),
    );
  return [
    ...ldevs.flatMap(({ poolId, paths: own }, i) => [
      ...(pools.some((pool) => pool.poolId === poolId)
        ? []
        : wrong([...at, 'ldevs', i, 'poolId'], 'unknown', `there is no pool ${poolId}`)),
      ...paths(own, [...at, 'ldevs', i]),
    ]),
    ...ranges.flatMap((range, i) => paths(range.paths, [...at, 'ranges', i])),
  ];
}

/** Journals and quorum disks take LDEVs that nobody else uses. */
function volumesOfItsOwn(array: TopologyArray, at: Path): Finding[] {
  const sizes = sizesOf(array);
  const journals = array.journals.flatMap(({ ldevIds }, i) =>
    ldevIds.map((ldevId, k): [Path, number] => [[...at, 'journals', i, 'ldevIds', k], ldevId]),
  );
  const quorums = array.quorumDisks.map(({ ldevId }, i): [Path, number] => [
    [...at, 'quorumDisks', i, 'ldevId'],
    ldevId,
  ]);
  const all = [...journals, ...quorums];
  return [
    ...all.flatMap(([path, ldevId]) => notDefined(path, ldevId, [array.id, sizes])),
    ...doubles('as a volume of its own LDEV', all),
  ];
}

/** Both arrays must know a quorum disk by the same number. */
function quorumDisks({ arrays }: Topology): Finding[] {
  const known = arrays.map(({ id }) => id);
  return arrays.flatMap((array, i) =>
    array.quorumDisks.flatMap(({ quorumDiskId, with: other }, k) => {
      const path = ['arrays', i, 'quorumDisks', k, 'with'];
      const peer = arrays.find(({ id }) => id === other);
      if (peer === undefined) return stranger(path, 'array', [other, known]);
      return peer.quorumDisks.some((q) => q.quorumDiskId === quorumDiskId && q.with === array.id)
        ? []
        : wrong(path, 'quorum', `array ${other} has no quorum disk ${quorumDiskId} with it`);
    }),
  );
}
