/**
 * The danger table of arrays and the conditions on their answers, written down a second time: who
 * changes one must change both, and say so to the people who read the other.
 */
import { adoptingPredicates } from '../../lib/vsp/adopting.ts';
import {
  arrayDangers,
  classifyArrayCall,
  needsPeerArray,
  peerArrayOf,
} from '../../lib/vsp/danger.ts';
import { cloneClasses, replicationClasses, statesOf } from '../../lib/vsp/pairs.ts';
import { arrayPredicates } from '../../lib/vsp/predicates.ts';
import { protectionPredicates } from '../../lib/vsp/protection.ts';
import {
  sameSecondaries,
  takeoverBody,
  takeoverClass,
  takeoverClasses,
  takeoverStates,
} from '../../lib/vsp/takeover.ts';

const pace = 'quickMode copyPace';
const open = 'svolOperationMode svolAccessMode doSwapSvol';
const split = 'replicationType doPvolWriteProtect doDataSuspend';
const resync =
  'replicationType copyPace fenceLevel isConsistencyGroup consistencyGroupId doFailback ' +
  'failbackMuNumber';
const newPair =
  'copyGroupName copyPairName replicationType pvolLdevId svolLdevId copyPace isNewGroupCreation ' +
  'isConsistencyGroup consistencyGroupId isDataReductionForceCopy';

/** Verb, path, class, what may be named, and of what one must be named. */
type Row = readonly [string, string, string, string, string?];
const remote = (kind: string): Row[] => [
  ['ACTION', `${kind}/*/takeover`, 'takeover', 'mode'],
  ['ACTION', `${kind}/*/split`, 'takeover', `${split} ${open}`, open],
  ['ACTION', `${kind}/*/resync`, 'takeover', `${resync} ${open}`, open],
  ['ACTION', `${kind}/*/split`, 'data', split],
  ['ACTION', `${kind}/*/resync`, 'data', resync],
  ['DELETE', `${kind}/*`, 'data', ''],
];
const force = 'forceSplit forceSuspend';
const table: readonly Row[] = [
  ['ACTION', 'local-clone-copygroups/*/split', 'copy', pace],
  ['ACTION', 'local-clone-copygroups/*/split', 'data', `${pace} ${force}`, force],
  ['ACTION', 'local-clone-copygroups/*/resync', 'copy', pace],
  ['ACTION', 'local-clone-copygroups/*/restore', 'data', pace],
  ['ACTION', 'local-clone-copypairs/*/split', 'data', `${pace} ${force}`],
  ['ACTION', 'local-clone-copypairs/*/resync', 'data', pace],
  ['ACTION', 'local-clone-copypairs/*/restore', 'data', pace],
  [
    ...(['POST', 'local-clone-copypairs', 'data'] as const),
    `${newPair} pvolDeviceGroupName svolDeviceGroupName pvolMuNumber autoSplit quickMode`,
  ],
  ['DELETE', 'local-clone-copypairs/*', 'data', ''],
  ['DELETE', 'local-clone-copygroups/*', 'data', 'forceDelete'],
  ...remote('remote-mirror-copygroups'),
  ...remote('remote-mirror-copypairs'),
  [
    ...(['POST', 'remote-mirror-copypairs', 'data'] as const),
    `${newPair} remoteStorageDeviceId localDeviceGroupName remoteDeviceGroupName fenceLevel ` +
      'pathGroupId muNumber pvolJournalId svolJournalId quorumDiskId doInitialCopy doDeltaResyncSuspend',
  ],
  [
    ...(['POST', 'snapshots', 'data'] as const),
    'snapshotGroupName snapshotPoolId pvolLdevId svolLdevId isConsistencyGroup isClone',
    'isClone',
  ],
  ['ACTION', 'snapshot-groups/*/clone', 'data', ''],
  ['POST', 'ldevs', 'data', 'ldevId poolId blockCapacity', 'ldevId'],
  ['DELETE', 'ldevs/*', 'data', 'isDataReductionDeleteForceExecute'],
  ['ATTRIBUTE', 'ldevs/*', 'data', 'label'],
  ['POST', 'luns', 'data', 'portId portIds hostGroupNumber ldevId lun'],
  ['DELETE', 'luns/*', 'data', ''],
  ['DELETE', 'journals/*', 'data', ''],
  [
    ...(['ATTRIBUTE', 'journals/*', 'data'] as const),
    'dataOverflowWatchInSeconds isCacheModeEnabled copySpeed mirrorUnit',
  ],
];

test('every row of the danger table, and no other', () => {
  const rows = arrayDangers.map(({ verb, path, class: danger, only, when }) => [
    ...[verb, path, danger, only.join(' ')],
    ...(when === undefined ? [] : [when.join(' ')]),
  ]);
  expect(rows).toEqual(table);
});

const DR = '900000040015';
const MAIN = '900000040014';
const classed = (method: string, rest: string, body?: unknown) =>
  classifyArrayCall({
    ...{ storageDeviceId: DR, method, path: `/v1/objects/storages/${DR}/${rest}` },
    ...(body === undefined ? {} : { body }),
  });

const named = (names: string): Record<string, number> =>
  Object.fromEntries(names.split(' ').flatMap((name) => (name === '' ? [] : [[name, 1]])));

const rows = table.map((row) => [row[0], row[1], row[2], row] as const);
test.each(rows)('%s %s: %s, by what it may name, and nothing beside', (verb, path, danger, row) => {
  const [, , , only, when] = row;
  const method = verb === 'ACTION' || verb === 'ATTRIBUTE' ? 'PUT' : verb;
  const [kind = '', id, action] = path.replace('*', 'a,b,c,d').split('/');
  const rest = [kind, id, ...(action === undefined ? [] : ['actions', action, 'invoke'])];
  const classOf = (names: object, change = (text: string): string => text): string | undefined => {
    const body = verb === 'ACTION' ? { parameters: names } : names;
    const text = change(rest.filter((part) => part !== undefined).join('/'));
    return classed(method, text, only === '' && Object.keys(names).length === 0 ? undefined : body)
      ?.class;
  };
  expect(classOf(named(only))).toBe(danger);
  expect(classOf({ ...named(only), beside: 1 })).toBeUndefined();
  for (const change of [
    (text: string) => `x-${text}`,
    (text: string) => `${text}/more`,
    (text: string) => (text.includes('invoke') ? text.replace('invoke', 'revoke') : 'x'),
    (text: string) => (action === undefined ? `${text}/x` : text.replace(action, 'other')),
  ]) {
    expect(classOf(named(only), change)).toBeUndefined();
  }
  for (const name of when?.split(' ') ?? []) expect(classOf({ [name]: 1 })).toBe(danger);
});

test('a path of another array, or of none, is in no row', () => {
  const at = (storageDeviceId: string, path: string) =>
    classifyArrayCall({ storageDeviceId, method: 'DELETE', path });
  const path = `/v1/objects/storages/${DR}/ldevs/7`;
  expect(at(DR, path)?.class).toBe('data');
  expect(at(MAIN, path)).toBeUndefined();
  expect(at(MAIN, '/v1/objects/ldevs/7')?.class).toBe('data');
  expect(at(DR, '/v1/objects/')).toBeUndefined();
});

test('what is found says the object by kind and id, and the form of the API', () => {
  expect(classed('DELETE', 'ldevs/7')).toEqual({
    class: 'data',
    api: 'cm',
    kind: 'ldevs',
    id: '7',
  });
  expect(classed('POST', 'luns', {})).toStrictEqual({ class: 'data', api: 'cm', kind: 'luns' });
  const path = '/v1/objects/ldevs/7';
  expect(classifyArrayCall({ storageDeviceId: DR, method: 'PATCH', path, body: {} })).toEqual({
    ...{ class: 'data', api: 'embedded', kind: 'ldevs', id: '7' },
  });
  expect(classifyArrayCall({ storageDeviceId: DR, method: 'PUT', path, body: {} })).toBeUndefined();
  expect(classed('PATCH', 'ldevs/7', {})).toBeUndefined();
  expect(classed('PUT', 'ldevs/7', {})?.class).toBe('data');
});

test.each<[string, string, unknown]>([
  ['longer', 'ldevs/7/more', undefined],
  ['shorter', 'ldevs', undefined],
  ['another word in the middle', 'ldevs/7/action/x/invoke', undefined],
])('a path that is %s is in no row', (_, rest, body) => {
  expect(classed('DELETE', rest, body)).toBeUndefined();
});

test.each([[null], [[]], ['label'], [7], [true]])('a body of %j is no body', (body) => {
  expect(classed('DELETE', 'ldevs/7', body)).toBeUndefined();
  const path = 'local-clone-copygroups/a,b,c/actions/split/invoke';
  expect(classed('PUT', path, body)).toBeUndefined();
  expect(classed('PUT', path, { parameters: body })).toBeUndefined();
});

test('an action without parameters names nothing, and needs no body', () => {
  const path = 'local-clone-copygroups/a,b,c/actions/split/invoke';
  for (const body of [undefined, {}, { parameters: {} }]) {
    expect(classed('PUT', path, body)?.class).toBe('copy');
  }
  expect(classed('PUT', path, { quickMode: true })).toBeUndefined();
});

test.each<[string, boolean, string | undefined]>([
  ['remote-storages/x', true, 'x'],
  ['remote-mirror-copygroups/NotSpecified,G,L,NotSpecified', false, undefined],
  [`remote-mirror-copygroups/${MAIN},G,L,NotSpecified`, true, MAIN],
  ['remote-mirror-copygroups/NotSpecified,G,L,R', true, 'NotSpecified'],
  [`remote-mirror-copypairs/${MAIN},G,L,R,p`, true, MAIN],
  ['local-clone-copygroups/a,b,c', false, undefined],
  ['ldevs/7', false, undefined],
])('%s: another array has a say: %s, which: %s', (rest, needs, peer) => {
  const path = `/v1/objects/storages/${DR}/${rest}`;
  expect(needsPeerArray(path)).toBe(needs);
  expect(peerArrayOf({ path })).toBe(peer);
});

test('a new pair names the other array in its body; doubt names none, and needs it all the same', () => {
  const path = `/v1/objects/storages/${DR}/remote-mirror-copypairs`;
  expect(peerArrayOf({ path, body: { remoteStorageDeviceId: MAIN } })).toBe(MAIN);
  expect(peerArrayOf({ path, body: { storageDeviceId: MAIN } })).toBe(MAIN);
  for (const body of [undefined, null, {}, { remoteStorageDeviceId: 7 }]) {
    expect(peerArrayOf({ path, body })).toBe('');
  }
  expect(needsPeerArray('nonsense')).toBe(true);
  expect(peerArrayOf({ path: 'nonsense', body: {} })).toBe('');
});

test('classes of copies and replication, best first', () => {
  expect(replicationClasses).toEqual(['replicating', 'copying', 'suspended', 'unknown']);
  expect(cloneClasses.join(' ')).toBe('paired copying split split-background failed unknown');
  const pairs = [
    { copyPairName: 'b', pvolStatus: 'PSUS' },
    { copyPairName: 'a', pvolStatus: 'PAIR', svolStatus: 'PAIR' },
    { copyPairName: 'c', pvolStatus: 'PAIR' },
  ];
  expect(statesOf(pairs, 'pvol')).toEqual(['PAIR', 'PSUS']);
  expect(statesOf(pairs, 'svol')).toEqual(['PAIR', 'unknown']);
});

test('every state of an S-VOL at a takeover', () => {
  expect(takeoverClasses).toEqual(['current', 'taken', 'not-current', 'refused']);
  const asynchronous = Object.entries(takeoverStates).map(([state, row]) => [state, row.ASYNC]);
  expect(Object.fromEntries(asynchronous)).toEqual({
    ...{ PAIR: 'current', PFUL: 'current', PFUS: 'current', PSUE: 'current', SSWS: 'taken' },
    ...{ SSUS: 'not-current', COPY: 'refused', SMPL: 'refused' },
  });
  expect(takeoverBody).toEqual({ parameters: { mode: 'forceSplit' } });
  const rows: [(string | undefined)[], string][] = [
    [[], 'refused'],
    [['SSWS', 'SSWS'], 'taken'],
    [['SSWS', 'PAIR'], 'current'],
    [['SSWS', 'SSUS', 'PAIR'], 'not-current'],
    [['PAIR', 'COPY', 'SSUS'], 'refused'],
    [['PAIR', undefined], 'refused'],
    [['PAIR', 'NEW'], 'refused'],
    [['PAIR', 'toString'], 'refused'],
  ];
  for (const [states, wanted] of rows)
    expect([states, takeoverClass(states)]).toEqual([states, wanted]);
});

const secondary = (name: string, svol: number, svolStatus?: string) => ({
  ...{ copyPairName: name, svolLdevId: svol },
  ...(svolStatus === undefined ? {} : { svolStatus }),
});
const group = (...copyPairs: object[]) => ({
  copyGroupName: 'G',
  localDeviceGroupName: 'L',
  copyPairs,
});
const ask = (name: string, body: unknown, args: unknown) => arrayPredicates[name]?.(body, args);

test('the same S-VOLs in any order, and no other', () => {
  const seen = [secondary('b', 2), secondary('a', 1)];
  const [one, two] = [
    { name: 'a', svol: 1 },
    { name: 'b', svol: 2 },
  ];
  expect(sameSecondaries(seen, [one, two])).toBe(true);
  expect(sameSecondaries(seen, [two, one])).toBe(true);
  expect(sameSecondaries(seen, [one])).toBe(false);
  expect(sameSecondaries(seen, [one, { name: 'b', svol: 3 }])).toBe(false);
  expect(sameSecondaries(seen, [one, { name: 'c', svol: 2 }])).toBe(false);
});

test('there are these conditions on answers of arrays', () => {
  const names = Object.keys(arrayPredicates).filter(
    (name) =>
      !Object.hasOwn(protectionPredicates, name) && !Object.hasOwn(adoptingPredicates, name),
  );
  expect(names.sort()).toEqual([
    ...['clone-paired', 'clone-split', 'clone-split-whole', 'gad-open', 'journal-below'],
    ...['journal-cut-off', 'journal-drained', 'journal-steady'],
    ...['only-pair-path', 'path-of-ldev', 'remote-paths-down', 'remote-paths-up'],
    ...['secondary-paired', 'secondary-replicating', 'secondary-takeable'],
    ...['side-delta-armed', 'side-delta-failed', 'side-delta-spent', 'side-delta-waiting'],
    'side-primary',
    ...['side-primary-paired', 'side-primary-suspended', 'side-secondary-closed'],
    ...['side-secondary-paired', 'side-secondary-suspended', 'side-taken', 'side-unopened'],
    ...['side-whole', 'side-writable'],
  ]);
});

const clone = (name: string, states: string, copyProgressRate?: number) => {
  const [pvolStatus, svolStatus] = states.split('/');
  const pair = { copyPairName: name, pvolLdevId: 1, svolLdevId: 2, pvolStatus, svolStatus };
  return { ...pair, ...(copyProgressRate === undefined ? {} : { copyProgressRate }) };
};
const clones = (...copyPairs: object[]) => ({
  ...{ copyGroupName: 'G', pvolDeviceGroupName: 'P', svolDeviceGroupName: 'S', copyPairs },
});

test.each<[string, boolean[]]>([
  // clone-paired, clone-split, clone-split-whole
  ['PAIR/PAIR', [true, false, false]],
  ['PSUS/SSUS', [false, true, true]],
  ['PSUS/SSUS 40', [false, true, false]],
  ['COPY/COPY', [false, false, false]],
  ['PSUE/PSUE', [false, false, false]],
])('copies in %s', (text, holds) => {
  const [states = '', rate] = text.split(' ');
  const one = clone('p', states, rate === undefined ? undefined : Number(rate));
  const args = { pairs: [{ name: 'p', pvol: 1, svol: 2 }] };
  const found = ['clone-paired', 'clone-split', 'clone-split-whole'].map((name) =>
    ask(name, clones(one), args),
  );
  expect(found.map((one) => one?.holds)).toEqual(holds);
});

test('copies: mixed states, other volumes and other names do not hold, and are said', () => {
  const args = (pvol = 1, svol = 2, name = 'p') => ({ pairs: [{ name, pvol, svol }] });
  const good = clones(clone('p', 'PAIR/PAIR'));
  expect(ask('clone-paired', good, args())).toEqual({
    ...{ holds: true, reading: { states: ['paired'], pairs: 1, samePairs: true } },
  });
  for (const other of [args(3), args(1, 3), args(1, 2, 'q')]) {
    expect(ask('clone-paired', good, other)).toEqual({
      ...{ holds: false, reading: { states: ['paired'], pairs: 1, samePairs: false } },
    });
  }
  const two = { pairs: [...args(1, 2, 'q').pairs, ...args().pairs] };
  const mixed = clones(clone('p', 'PSUS/SSUS'), clone('q', 'PAIR/PAIR'));
  expect(ask('clone-paired', mixed, two)).toEqual({
    ...{ holds: false, reading: { states: ['paired', 'split'], pairs: 2, samePairs: true } },
  });
  const odd = clones(clone('p', 'PAIR/PAIR'), clone('q', 'PAIR/PAIR'));
  expect(ask('clone-paired', odd, two)?.holds).toBe(true);
  const back = clones(clone('q', 'PAIR/PAIR'), clone('p', 'PAIR/PAIR'));
  expect(ask('clone-paired', back, two)?.holds).toBe(true);
  expect(ask('clone-paired', good, { ...args(), more: 1 })?.holds).toBe(false);
});

test('an S-VOL of remote copy: PAIR for a split of copies, PAIR or PFUL for going on', () => {
  const args = {
    pairs: [
      { name: 'b', pvol: 1, svol: 2 },
      { name: 'a', pvol: 3, svol: 4 },
    ],
  };
  const halves = (one?: string, other = 'PAIR') =>
    group(secondary('a', 4, other), secondary('b', 2, one));
  expect(ask('secondary-paired', halves('PAIR'), args)).toEqual({
    ...{ holds: true, reading: { states: ['PAIR'], samePairs: true } },
  });
  for (const [one, other] of [
    ['PFUL', 'PAIR'],
    ['PAIR', 'PFUL'],
  ]) {
    expect(ask('secondary-paired', halves(one, other), args)).toEqual({
      ...{ holds: false, reading: { states: ['PAIR', 'PFUL'], samePairs: true } },
    });
  }
  const back = group(secondary('b', 2, 'PAIR'), secondary('a', 4, 'PAIR'));
  expect(ask('secondary-paired', back, args)?.holds).toBe(true);
  expect(ask('secondary-paired', halves(undefined, 'PSUS'), args)?.reading).toEqual({
    ...{ states: ['PSUS', 'unknown'], samePairs: true },
  });
  expect(ask('secondary-paired', group(secondary('a', 4, 'PAIR')), args)).toEqual({
    ...{ holds: false, reading: { states: ['PAIR'], samePairs: false } },
  });
  const going = (...states: (string | undefined)[]) =>
    ask('secondary-replicating', group(...states.map((state) => secondary('x', 1, state))), {});
  expect(going('PAIR', 'PFUL')).toEqual({ holds: true, reading: { states: ['PAIR', 'PFUL'] } });
  expect(going('PFUL', 'COPY')).toEqual({ holds: false, reading: { states: ['COPY', 'PFUL'] } });
  expect(going('PAIR', undefined)).toEqual({
    holds: false,
    reading: { states: ['PAIR', 'unknown'] },
  });
  expect(going()?.holds).toBe(false);
  expect(going('PAIR', 'toString')?.holds).toBe(false);
});

const journal = (change: object = {}) => ({
  ...{ journalId: 5, muNumber: 1, journalStatus: 'SJNN', usageRate: 20.4, qMarker: 'ff' },
  ...change,
});

test('a restore journal: this one, this mirror, in its state and not too full', () => {
  const args = { journalId: 5, muNumber: 1, usageAtMost: 20.4 };
  const steady = (...data: object[]) => ask('journal-steady', { data }, args);
  expect(steady(journal())).toEqual({ holds: true, reading: { status: 'SJNN', usageRate: 20 } });
  expect(steady(journal({ usageRate: 20.5 }))).toEqual({
    ...{ holds: false, reading: { status: 'SJNN', usageRate: 21 } },
  });
  expect(steady(journal({ journalStatus: 'SJSN' }))?.holds).toBe(false);
  expect(steady(journal({ journalId: 6 }))).toEqual({ holds: false, reading: { journals: 0 } });
  expect(steady(journal({ muNumber: 0 }))?.reading).toEqual({ journals: 0 });
  expect(steady(journal(), journal())).toEqual({ holds: false, reading: { journals: 2 } });
  expect(steady(journal({ journalId: 6 }), journal())?.holds).toBe(true);
  const { muNumber: _, ...without } = journal();
  expect(ask('journal-steady', { data: [without] }, { ...args, muNumber: 0 })?.holds).toBe(true);
});

test('a restore journal nobody can write to any more', () => {
  const args = { journalId: 5, muNumber: 1 };
  const cut = (...data: object[]) => ask('journal-cut-off', { data }, args);
  const reading = { status: 'SJNN', qMarker: 'ff', qCount: 3, activePaths: 0 };
  expect(cut(journal({ numOfActivePaths: 0, qCount: 3 }))).toEqual({ holds: true, reading });
  expect(cut(journal({ numOfActivePaths: 1 }))?.holds).toBe(false);
  expect(cut(journal())).toEqual({
    holds: false,
    reading: { ...reading, qCount: null, activePaths: null },
  });
  expect(cut(journal({ journalId: 6, numOfActivePaths: 0 }))).toEqual({
    ...{ holds: false, reading: { journals: 0 } },
  });
  expect(cut(journal({ muNumber: 0, numOfActivePaths: 0 }))?.holds).toBe(false);
  const twice = journal({ numOfActivePaths: 0 });
  expect(cut(twice, twice)).toEqual({ holds: false, reading: { journals: 2 } });
  const { muNumber: _, ...without } = twice;
  expect(ask('journal-cut-off', { data: [without] }, { journalId: 5, muNumber: 0 })?.holds).toBe(
    true,
  );
});

test('no path but the pair path: one or none, of this LDEV, and known', () => {
  const paths = (ldev: object) => ask('only-pair-path', ldev, { ldev: 7 });
  expect(paths({ ldevId: 7, numOfPorts: 1 })).toEqual({
    holds: true,
    reading: { ldev: 7, paths: 1 },
  });
  expect(paths({ ldevId: 7, numOfPorts: 0 })?.holds).toBe(true);
  expect(paths({ ldevId: 7, numOfPorts: 2 })?.holds).toBe(false);
  expect(paths({ ldevId: 7 })).toEqual({ holds: false, reading: { ldev: 7, paths: null } });
  expect(paths({ ldevId: 8, numOfPorts: 1 })?.holds).toBe(false);
  const through = (hostGroupName: string) => ({
    ...{ ldevId: 7, numOfPorts: 1 },
    ports: [{ portId: 'CL1-A', hostGroupNumber: 1, hostGroupName, lun: 0 }],
  });
  expect(paths(through('DRILLBOOK-PAIR'))?.holds).toBe(true);
  expect(paths(through('compute-1'))).toEqual({
    holds: false,
    reading: { ldev: 7, paths: 1, foreign: ['CL1-A compute-1'] },
  });
});

test('a group that may be taken over, as bad as the approval says', () => {
  const take = (worst: string, ...states: string[]) =>
    ask('secondary-takeable', group(...states.map((state, i) => secondary(`p${i}`, i, state))), {
      worst,
      pairs: states.map((_, i) => ({ name: `p${i}`, svol: i })),
    });
  expect(take('current', 'PFUS', 'PAIR')).toEqual({
    ...{ holds: true, reading: { class: 'current', states: ['PAIR', 'PFUS'], samePairs: true } },
  });
  expect(take('current', 'SSUS')?.holds).toBe(false);
  expect(take('not-current', 'SSUS')?.holds).toBe(true);
  expect(take('not-current', 'PAIR')?.holds).toBe(true);
  expect(take('not-current', 'COPY')?.holds).toBe(false);
  expect(take('not-current', 'SSWS')?.holds).toBe(false);
  expect(take('taken', 'SSWS')?.holds).toBe(false);
  const pairs = [{ name: 'p0', svol: 9 }];
  expect(ask('secondary-takeable', group(secondary('p0', 0)), { worst: 'current', pairs })).toEqual(
    {
      ...{ holds: false, reading: { class: 'refused', states: ['unknown'], samePairs: false } },
    },
  );
  expect(
    ask('secondary-takeable', group(secondary('p0', 0, 'PAIR')), { worst: 'current', pairs })
      ?.holds,
  ).toBe(false);
  expect(ask('secondary-takeable', group(), { worst: 'current', pairs: [] })?.holds).toBe(false);
});

test('remote paths are down when some are listed and none is normal', () => {
  const path = (cuStatus: string, remoteStorageDeviceId = MAIN) => ({
    remoteStorageDeviceId,
    cuStatus,
  });
  const down = (...data: object[]) => ask('remote-paths-down', { data }, { storageDeviceId: MAIN });
  expect(down(path('ERR'), path('CUT'))).toEqual({
    holds: true,
    reading: { states: ['CUT', 'ERR'] },
  });
  expect(down(path('ERR'), path('NML'))).toEqual({
    holds: false,
    reading: { states: ['ERR', 'NML'] },
  });
  expect(down(path('ERR'), path('NML', DR))?.holds).toBe(true);
  expect(down()).toEqual({ holds: false, reading: { states: [] } });
  expect(down(path('ERR', DR))?.holds).toBe(false);
});
