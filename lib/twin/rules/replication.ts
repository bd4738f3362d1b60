/** Rules for copy groups, local copies and the hosts that write. */
import { pairsOf, type Topology, type TopologyGroup } from '../topology.ts';
import { doubles, type Finding, notDefined, type Rule, sizesOf, stranger, wrong } from './rule.ts';

type Path = readonly PropertyKey[];

export const replicationRules: readonly Rule[] = [
  ({ groups }) =>
    doubles(
      'copy group',
      groups.map(({ name }, i) => [['groups', i, 'name'], name]),
    ),
  ({ groups, ...rest }) =>
    groups.flatMap((group, i) => groupRule(group, ['groups', i], { groups, ...rest })),
  pairsOfGroups,
  svolsOnce,
  consistencyGroups,
  clonesRule,
  writersRule,
];

/** Attributes that go with the type of the copy group, and the arrays it names. */
function groupRule(group: TopologyGroup, at: Path, { arrays, links }: Topology): Finding[] {
  const { type, from, to, journals, quorumDiskId, fenceLevel, delta } = group;
  const known = arrays.map(({ id }) => id);
  const near = arrays.find(({ id }) => id === from);
  const far = arrays.find(({ id }) => id === to);
  if (near === undefined || far === undefined || from === to) {
    return [
      ...stranger([...at, 'from'], 'array', [from, known]),
      ...stranger([...at, 'to'], 'array', [to, known]),
      ...(from === to ? wrong([...at, 'to'], 'group', 'both ends lie on one array') : []),
    ];
  }
  const linked = (a: string, b: string) => links.some((link) => link.from === a && link.to === b);
  const has = (array: typeof near, id: number | undefined) =>
    array.journals.some(({ journalId }) => journalId === id);
  return [
    ...(linked(from, to) && linked(to, from)
      ? []
      : wrong([...at, 'to'], 'link', `${from} and ${to} are not linked in both directions`)),
    ...(type === 'UR' && journals === undefined
      ? wrong(at, 'journal', 'a UR group needs the journals of both sides')
      : []),
    ...(type !== 'UR' && journals !== undefined
      ? wrong([...at, 'journals'], 'journal', `${type} has no journals`)
      : []),
    ...(journals !== undefined && !has(near, journals.from)
      ? wrong([...at, 'journals', 'from'], 'journal', `${from} has no journal ${journals.from}`)
      : []),
    ...(journals !== undefined && !has(far, journals.to)
      ? wrong([...at, 'journals', 'to'], 'journal', `${to} has no journal ${journals.to}`)
      : []),
    ...(type === 'GAD' && !near.quorumDisks.some((q) => q.quorumDiskId === quorumDiskId)
      ? wrong(at, 'quorum', 'a GAD group needs a quorum disk that its arrays have')
      : []),
    ...(type !== 'GAD' && quorumDiskId !== undefined
      ? wrong([...at, 'quorumDiskId'], 'quorum', `${type} has no quorum disk`)
      : []),
    ...(fenceLevel !== undefined && (type === 'TC') === (fenceLevel === 'ASYNC')
      ? wrong([...at, 'fenceLevel'], 'fence', `${type} does not take ${fenceLevel}`)
      : []),
    ...(delta && type !== 'UR' ? wrong([...at, 'delta'], 'group', 'only UR has it') : []),
  ];
}

/** Every pair: both LDEVs there, of one size, and neither twice in the group. */
function pairsOfGroups({ arrays, groups }: Topology): Finding[] {
  const sizes = new Map(arrays.map((array) => [array.id, sizesOf(array)]));
  return groups.flatMap((group, i) => {
    const [from, to] = [sizes.get(group.from), sizes.get(group.to)];
    if (from === undefined || to === undefined) return [];
    const all = pairsOf(group);
    const place = (k: number): Path =>
      k < group.pairs.length ? ['groups', i, 'pairs', k] : ['groups', i, 'pairRange'];
    const each = all.flatMap(({ pvol, svol }, k) => [
      ...notDefined([...place(k), 'pvol'], pvol, [group.from, from]),
      ...notDefined([...place(k), 'svol'], svol, [group.to, to]),
      ...unequal(place(k), from.get(pvol), to.get(svol)),
    ]);
    return [
      ...firstOfRange(each, group.pairs.length),
      ...doubles(
        'P-VOL',
        all.map(({ pvol }, k) => [place(k), pvol]),
      ),
      ...doubles(
        'pair',
        all.map(({ name }, k) => [place(k), name]),
      ),
    ];
  });
}

/** One mistake in a range is repeated for every pair of it: the first says enough. */
function firstOfRange(findings: readonly Finding[], single: number): Finding[] {
  const ranged = findings.filter(({ path }) => path.includes('pairRange'));
  if (single === 0 && ranged.length > 0) return ranged.slice(0, 1);
  return [...findings.filter((one) => !ranged.includes(one)), ...ranged.slice(0, 1)];
}

function unequal(path: Path, pvol: number | undefined, svol: number | undefined): Finding[] {
  if (pvol === undefined || svol === undefined || pvol === svol) return [];
  return wrong(path, 'size', `the P-VOL has ${pvol} GiB, the S-VOL ${svol} GiB`);
}

/** An S-VOL belongs to one mirror; only a waiting delta mirror shares it with the active one. */
function svolsOnce({ groups }: Topology): Finding[] {
  const active = groups.flatMap((group, i) =>
    group.delta
      ? []
      : pairsOf(group).map(({ svol }, k): [Path, string] => {
          const own = k < group.pairs.length;
          const path = own ? ['groups', i, 'pairs', k, 'svol'] : ['groups', i, 'pairRange'];
          return [path, `${svol} of ${group.to}`];
        }),
  );
  return doubles('S-VOL', active);
}

function consistencyGroups({ groups }: Topology): Finding[] {
  const named = groups.flatMap(({ from, consistencyGroupId }, i): [Path, string][] => {
    if (consistencyGroupId === undefined) return [];
    return [[['groups', i, 'consistencyGroupId'], `${consistencyGroupId} of ${from}`]];
  });
  return doubles('consistency group', named);
}

/** The array takes three ShadowImage copies of one volume. */
const MOST_COPIES = 3;

function clonesRule({ arrays, clones, groups }: Topology): Finding[] {
  const known = arrays.map(({ id }) => id);
  const sizes = new Map(arrays.map((array) => [array.id, sizesOf(array)]));
  const remote = new Set(groups.flatMap((g) => pairsOf(g).map(({ svol }) => `${g.to}:${svol}`)));
  const copies = new Map<string, number>();
  const each = clones.flatMap((clone, i) => {
    const here = sizes.get(clone.array);
    if (here === undefined) {
      return stranger(['clones', i, 'array'], 'array', [clone.array, known]);
    }
    return clone.pairs.flatMap(({ pvol, svol }, k) => {
      const at = ['clones', i, 'pairs', k];
      const source = `${clone.array}:${pvol}`;
      copies.set(source, (copies.get(source) ?? 0) + 1);
      return [
        ...notDefined([...at, 'pvol'], pvol, [clone.array, here]),
        ...notDefined([...at, 'svol'], svol, [clone.array, here]),
        ...unequal(at, here.get(pvol), here.get(svol)),
        ...(remote.has(`${clone.array}:${svol}`)
          ? wrong([...at, 'svol'], 'pair', `LDEV ${svol} is the S-VOL of a remote pair already`)
          : []),
        ...((copies.get(source) ?? 0) > MOST_COPIES
          ? wrong([...at, 'pvol'], 'pair', `LDEV ${pvol} has ${MOST_COPIES} copies already`)
          : []),
      ];
    });
  });
  const places = clones.flatMap(({ array, pairs, muNumber }, i) =>
    pairs.map(({ pvol, svol }, k) => ({
      path: ['clones', i, 'pairs', k],
      array,
      pvol,
      svol,
      muNumber,
    })),
  );
  return [
    ...each,
    ...doubles(
      'copy group',
      clones.map(({ array, name }, i) => [['clones', i, 'name'], `${name} of ${array}`]),
    ),
    ...doubles(
      'copy LDEV',
      places.map(({ path, array, svol }) => [[...path, 'svol'], `${svol} of ${array}`]),
    ),
    ...doubles(
      'mirror unit',
      places.map(({ path, array, pvol, muNumber }) => [
        [...path, 'pvol'],
        `${muNumber} of LDEV ${pvol} of ${array}`,
      ]),
    ),
  ];
}

function writersRule({ arrays, writers, groups }: Topology): Finding[] {
  const known = arrays.map(({ id }) => id);
  const sizes = new Map(arrays.map((array) => [array.id, sizesOf(array)]));
  // Hosts may write to both halves of an active-active pair; others wait for their guests.
  const protectedVolumes = new Set(
    groups
      .filter(({ type }) => type !== 'GAD')
      .flatMap((g) => pairsOf(g).map(({ svol }) => `${g.to}:${svol}`)),
  );
  const all = writers.flatMap(({ array, ldevs, guestsOnly }, i) =>
    ldevs.map((ldevId, k) => ({ path: ['writers', i, 'ldevs', k], array, ldevId, guestsOnly })),
  );
  return [
    ...doubles(
      'writer',
      writers.map(({ name }, i) => [['writers', i, 'name'], name]),
    ),
    ...writers.flatMap(({ array }, i) =>
      stranger(['writers', i, 'array'], 'array', [array, known]),
    ),
    ...all.flatMap(({ path, array, ldevId }) => {
      const here = sizes.get(array);
      return here === undefined ? [] : notDefined(path, ldevId, [array, here]);
    }),
    ...all.flatMap(({ path, array, ldevId, guestsOnly }) =>
      protectedVolumes.has(`${array}:${ldevId}`) && !guestsOnly
        ? wrong(path, 'writer', `LDEV ${ldevId} is an S-VOL: hosts cannot write to it`)
        : [],
    ),
    ...doubles(
      'written LDEV',
      all.map(({ path, array, ldevId }) => [path, `${ldevId} of ${array}`]),
    ),
  ];
}
