/** The calls that protect, grow and release volumes, as plans write them on facts a test writes down. */
import { describe, expect, it, test } from '@jest/globals';
import { readProtection } from '../../lib/actions/facts/protection.ts';
import { originOf } from '../../lib/actions/protection/origin.ts';
import { classifyCloudCall } from '../../lib/openstack/danger.ts';
import type { ProtectedVolume, Protection } from '../../lib/runbook/bound-protection.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { arrayPredicates } from '../../lib/vsp/predicates.ts';
import { BLOCKS_PER_GIB } from '../../lib/vsp/protection.ts';
import { config, uuid } from './lab.ts';
import { factsOf, planOf, service } from './moves.ts';

const end = (role: string, main: string, more: object = {}) => ({
  ...{ volume: uuid(`${role} ${main}`), ldev: role === 'replica' ? 2900 : 3900, sizeGiB: 10 },
  ...{ parked: false, flagged: false, named: true, ...more },
});
const row = (main: string, more: Partial<ProtectedVolume> = {}): ProtectedVolume => ({
  ...{ main, name: `disk-${main}`, sizeGiB: 10, ldev: 900, volumeType: null, bootable: true },
  ...{ image: { hw_firmware_type: 'uefi' }, reduced: false },
  ...{ replica: end('replica', main), copy: end('copy', main), ...more },
});
const facts = (volumes: ProtectedVolume[], more: object = {}) => {
  const protection = {
    ...{ type: 'UR', from: 'main', to: 'dr', volumes },
    mirror: {
      ...{ group: 'PAY01', exists: true, deviceGroups: { from: 'PAY01P_', to: 'PAY01S_' } },
      pairs: [{ name: 'PAY01-01', pvol: 1000, svol: 2000, main: 'old' }],
    },
    copies: {
      ...{ group: 'PAY01-DRILL', exists: true, consistencyGroupId: 7 },
      deviceGroups: { pvol: 'PAY01-DRILLP_', svol: 'PAY01-DRILLS_' },
      pairs: [{ name: 'C-01', pvol: 2000, svol: 3000 }],
    },
    hostGroups: { main: { port: 'CL1-A', number: 1 }, dr: { port: 'CL2-A', number: 3 } },
    ...more,
  } satisfies Protection;
  return factsOf({ bound: { protection } });
};
const planned = (uses: string, given: ReturnType<typeof facts>, input = '') =>
  planOf(`  - { id: step, uses: protection/${uses}, with: { ${input} } }\n`, given);
const names = ({ calls }: Plan) => calls.map(({ id }) => id.slice(5));
const bodyOf = (plan: Plan, i = 0) => plan.calls[i]?.body as Record<string, unknown>;

const usual = () => (facts([]).bound as { protection: Protection }).protection;
const noGroups = () => {
  const { mirror, copies } = usual();
  const { consistencyGroupId: _, ...rest } = copies;
  return {
    mirror: { ...mirror, exists: false, pairs: [] },
    copies: { ...rest, exists: false, pairs: [] },
  };
};

describe('the first pair of a group', () => {
  const two = () => [
    row('a'),
    row('b', { ldev: 901, replica: end('replica', 'b', { ldev: 2901 }) }),
  ];

  it('makes it with journals and mirror unit; the others come after and say neither', () => {
    const plan = planned('pair', facts(two(), noGroups()), 'journals: { from: 20, to: 60 }');
    const first = { isNewGroupCreation: true, muNumber: 1, pvolJournalId: 20, svolJournalId: 60 };
    expect(bodyOf(plan)).toMatchObject({ ...first, doInitialCopy: true });
    expect(bodyOf(plan, 1)).toMatchObject({ isNewGroupCreation: false });
    expect(Object.keys(bodyOf(plan, 1))).not.toContain('muNumber');
    expect(plan.calls[1]?.after).toEqual(['step.pair-900']);
  });

  it('needs free journals: none are guessed', () => {
    expect(() => planned('pair', facts(two(), noGroups()))).toThrow(
      /its first pair needs journals/,
    );
  });

  it('of drill copies makes one consistency group', () => {
    const plan = planned('copy', facts(two(), noGroups()));
    expect(bodyOf(plan)).toMatchObject({ isNewGroupCreation: true, isConsistencyGroup: true });
    expect(plan.calls[1]?.after).toEqual(['step.copy-2900']);
  });

  it('of TrueCopy has the fence level that is asked for, later ones that of the group', () => {
    const tc = (mirror: object) => facts(two(), { ...noGroups(), type: 'TC', ...mirror });
    expect(bodyOf(planned('pair', tc({}), 'fenceLevel: DATA'))).toMatchObject({
      ...{ fenceLevel: 'DATA', isConsistencyGroup: true },
    });
    const there = { mirror: { ...usual().mirror, fenceLevel: 'STATUS' } };
    expect(bodyOf(planned('pair', tc(there)))).toMatchObject({ fenceLevel: 'STATUS' });
    expect(() => planned('pair', tc(there), 'fenceLevel: DATA')).toThrow(/have STATUS/);
  });
});

test('every call that touches what is there is of class data, and both gateways have a say', () => {
  const given = facts([row('a', { reduced: true })]);
  for (const uses of ['prepare', 'pair', 'copy']) {
    const { calls } = planned(uses, given);
    expect(calls.length).toBeGreaterThan(0);
    const other = { main: 'dr', dr: 'main' } as const;
    for (const { class: danger, grant, site } of calls) {
      expect([danger, grant?.site]).toEqual(['data', other[site as 'main' | 'dr']]);
    }
  }
  expect(bodyOf(planned('pair', given))).toMatchObject({ isDataReductionForceCopy: true });
  const [pair] = planned('pair', given).calls;
  expect(pair?.grant?.guards.map(({ predicate }) => predicate)).toEqual([
    ...['ldev-new', 'volume-kept-for', 'remote-paths-up'],
  ]);
});

test('flags are set while the volume is free, and it is parked before it is paired', () => {
  const parked = row('a', { copy: end('copy', 'a', { parked: true }) });
  expect(names(planned('prepare', facts([parked])))).toEqual([
    ...['path-main-1', 'boot-replica-1', 'image-replica-1', 'park-replica-1', 'path-replica-1'],
    ...['free-copy-1', 'boot-copy-1', 'image-copy-1', 'park-copy-1', 'path-copy-1'],
  ]);
  const whole = { parked: true, flagged: true, path: 'CL2-A,3,7' };
  const done = { pair: 'P', clone: 'C', path: 'CL1-A,1,4' };
  const ends = { replica: end('replica', 'a', whole), copy: end('copy', 'a', whole) };
  expect(names(planned('prepare', facts([row('a', { ...done, ...ends })])))).toEqual([]);
});

test('another size, no mark, or no volume at all: nothing is paired', () => {
  const grown = facts([row('a', { sizeGiB: 12 })]);
  expect(() => planned('pair', grown)).toThrow(/ACT-TWIN-SIZE|does not fit/);
  const unmarked = facts([row('a', { replica: end('replica', 'a', { named: false }) })]);
  expect(() => planned('pair', unmarked)).toThrow(/is not marked for a/);
  const { replica: _, ...missing } = row('a');
  expect(() => planned('pair', facts([missing]))).toThrow(/does not exist/);
});

test('a volume that grows is dissolved, extended and paired at its new size, in one plan', () => {
  const old = { parked: true, flagged: true, path: 'CL2-A,3,7' };
  const both = {
    replica: end('replica', 'a', { ...old, ldev: 2000 }),
    copy: end('copy', 'a', old),
  };
  const mine = row('a', { ...both, ldev: 1000, pair: 'PAY01-01', clone: 'C-01' });
  const { mirror, copies } = usual();
  const more = { pvol: 1001, svol: 2001 };
  const pairs = [
    { name: 'PAY01-01', pvol: 1000, svol: 2000, main: 'a' },
    { name: 'o', ...more },
  ];
  const clones = [
    { name: 'C-01', pvol: 2000, svol: 3900 },
    { name: 'p', pvol: 2001, svol: 3001 },
  ];
  const given = facts([mine], {
    mirror: { ...mirror, pairs },
    copies: { ...copies, pairs: clones },
  });
  expect(names(planned('release', given, 'volumes: [a]'))).toEqual([
    'drop-copy-2000',
    'drop-pair-1000',
  ]);
  expect(names(planned('grow', given, 'volume: a, sizeGiB: 16'))).toEqual([
    ...['extend-main', 'free-replica', 'extend-replica', 'park-replica'],
    ...['free-copy', 'extend-copy', 'park-copy'],
  ]);
  const again = planned('pair', given, 'again: { volume: a, sizeGiB: 16 }');
  expect(again.calls.map(({ grant }) => grant?.guards[0])).toMatchObject([
    { predicate: 'ldev-free', args: { ldev: 2000, blocks: 16 * BLOCKS_PER_GIB } },
  ]);
  // A pair that is gone already says nothing of which side is newer (rule 4).
  const { pair: _, clone: __, ...apart } = mine;
  const gone = facts([apart]);
  expect(() => planned('pair', gone, 'again: { volume: a, sizeGiB: 16 }')).toThrow(/may be newer/);
  const signed = planned('pair', gone, 'again: { volume: a, sizeGiB: 16, lose: true }');
  expect(names(signed)).toEqual(['pair-1000']);
  expect(() => planned('grow', given, 'volume: a, sizeGiB: 8')).toThrow(/never shrinks/);
  expect(() => planned('release', given, 'volumes: [nobody]')).toThrow(/Volume nobody/);
});

test('GAD is refused before anything is read', async () => {
  const gad = { ...service, replication: { ...service.replication, type: 'GAD' as const } };
  const [from, to] = config.sites;
  if (from === undefined || to === undefined) throw new Error('two sites');
  const read = () => Promise.reject(new Error('read'));
  await expect(readProtection(read, gad, { from, to, config })).rejects.toMatchObject({
    code: 'ACT-TWIN-GAD',
  });
});

describe('what may be overwritten', () => {
  const group = { portId: 'CL1-A', hostGroupNumber: 1, hostGroupName: 'DRILLBOOK-PAIR', lun: 0 };
  const ldev = {
    ...{ ldevId: 7, label: 'ab', blockCapacity: 100, status: 'NML', numOfUsedBlock: 0 },
    ...{ attributes: ['CVS', 'HDP'], ports: [group] },
  };
  const args = { ldev: 7, label: 'ab', blocks: 100 };
  const holds = (name: string, seen: object) => arrayPredicates[name]?.(seen, args).holds;

  it.each([
    ['as it was made', {}, true, true],
    ['written to', { numOfUsedBlock: 1 }, false, true],
    ['nobody says whether written', { numOfUsedBlock: undefined }, false, true],
    ['a remote pair', { attributes: ['CVS', 'HDP', 'HORC'] }, false, false],
    ['a local pair', { attributes: ['CVS', 'HDP', 'MRCF'] }, false, false],
    ['a word we do not know', { attributes: ['CVS', 'HDP', 'NEW'] }, false, false],
    ['no attributes', { attributes: undefined }, false, false],
    ['no path', { ports: [] }, false, false],
    ['a host', { ports: [group, { ...group, hostGroupName: 'HBSD-x' }] }, false, false],
    ['another label', { label: 'cd' }, false, false],
    ['another size', { blockCapacity: 99 }, false, false],
    ['blocked', { status: 'BLK' }, false, false],
    ['another LDEV', { ldevId: 8 }, false, false],
  ])('%s', (_, more, isNew, isFree) => {
    expect([
      holds('ldev-new', { ...ldev, ...more }),
      holds('ldev-free', { ...ldev, ...more }),
    ]).toEqual([isNew, isFree]);
  });
});

test.each([
  ['PAIR', true],
  ['COPY', true],
  ['PSUE', true],
  ['SSWS', false],
  ['SSUS', false],
  ['', false],
])('an S-VOL in %s may lose its pair: %s', (svolStatus, allowed) => {
  const copyPairs = [{ copyPairName: 'p', svolLdevId: 5, svolStatus }];
  const half = { copyGroupName: 'G', localDeviceGroupName: 'GS_', copyPairs };
  expect(arrayPredicates['pair-not-taken']?.(half, { pair: 'p', svol: 5 }).holds).toBe(allowed);
});

test('who made a pair is told by its name', () => {
  expect(originOf('HBSD-192.0.2.1000U03', 'HBSD-LDEV-1-2')).toBe('cinder');
  expect(originOf('PAY01', 'LDEV-1000-2000')).toBe('drillbook');
  expect(originOf('PAY01', 'PAY01-01')).toBe('storage team');
});

describe('calls to Cinder that make, mark or grow volumes', () => {
  const metadata = { 'drillbook-key': 'drillbook-0', 'drillbook-twin-of': 'x' };
  const made = { name: 'a', size: 1, metadata };
  const danger = (path: string, body: object) =>
    classifyCloudCall({ api: 'cinder', method: 'POST', path, body, holes: [] })?.class;

  it.each([
    ['/volumes', { volume: made }, 'copy'],
    // From an image, a snapshot or another volume it would not be new; without a key nobody finds it.
    ['/volumes', { volume: { ...made, imageRef: 'x' } }, undefined],
    ['/volumes', { volume: { ...made, source_volid: 'x' } }, undefined],
    ['/volumes', { volume: { ...made, metadata: { 'drillbook-twin-of': 'x' } } }, undefined],
    ['/volumes/v1/metadata', { metadata: { 'drillbook-twin-of': 'x' } }, 'data'],
    ['/volumes/v1/metadata', { metadata: { other: 'x' } }, undefined],
    ['/volumes/v1/action', { 'os-extend': { new_size: 2 } }, 'data'],
    ['/volumes/v1/action', { 'os-extend': { new_size: 2 }, 'os-force_delete': {} }, undefined],
    ['/volumes/v1/action', { 'os-force_delete': {} }, undefined],
  ])('%s %j is of class %s', (path, body, wanted) => {
    expect(danger(path, body)).toBe(wanted);
  });
});
