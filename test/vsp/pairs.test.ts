/** Every cell of the pair-state tables. */
import {
  cloneClass,
  cloneClassOf,
  markerReached,
  replicationClass,
  replicationStates,
} from '../../lib/vsp/pairs.ts';
import { actionMethod, objectsPath, parseArrayPath } from '../../lib/vsp/paths.ts';

test.each([
  ['PAIR', 'replicating'],
  ['PFUL', 'replicating'],
  ['COPY', 'copying'],
  ['PSUS', 'suspended'],
  ['SSUS', 'suspended'],
  ['PFUS', 'suspended'],
  ['PSUE', 'suspended'],
  ['SSWS', 'suspended'],
  ['SMPL', 'suspended'],
  ['HOLD', 'unknown'],
  ['', 'unknown'],
  ['toString', 'unknown'],
])('remote copy in %s is %s', (state, wanted) => {
  expect(replicationClass([state])).toBe(wanted);
  expect(replicationClass(['PAIR', state, 'PAIR'])).toBe(wanted);
});

test('nothing seen is unknown, a missing half is unknown, and the table has no other rows', () => {
  expect(replicationClass([])).toBe('unknown');
  expect(replicationClass(['PAIR', undefined])).toBe('unknown');
  expect(Object.keys(replicationStates)).toHaveLength(9);
});

const states = ['SMPL', 'COPY', 'PAIR', 'PSUS', 'SSUS', 'PSUE', 'RCPY'];
const known: Record<string, string> = {
  'PAIR/PAIR': 'paired',
  'COPY/COPY': 'copying',
  'PSUS/SSUS': 'split',
  'PSUE/PSUE': 'failed',
  'RCPY/RCPY': 'failed',
  'SMPL/SMPL': 'failed',
};
const pair = (pvolStatus: string, svolStatus: string, copyProgressRate: number | null = 100) => ({
  copyPairName: 'p',
  pvolLdevId: 1,
  svolLdevId: 2,
  pvolStatus,
  svolStatus,
  copyProgressRate,
});

test.each(states.flatMap((p) => states.map((s) => [p, s] as const)))('copy in %s/%s', (p, s) => {
  expect(cloneClassOf(pair(p, s))).toBe(known[`${p}/${s}`] ?? 'unknown');
});

test('a quick split that still copies is told from one that is whole', () => {
  expect(cloneClassOf(pair('PSUS', 'SSUS', 99))).toBe('split-background');
  expect(cloneClassOf(pair('PSUS', 'SSUS', null))).toBe('split');
  expect(cloneClassOf(pair('PAIR', 'PAIR', 40))).toBe('paired');
});

test('a group is as good as its worst pair; no pairs are no group', () => {
  expect(cloneClass([])).toBe('unknown');
  expect(cloneClass([pair('PAIR', 'PAIR'), pair('PSUS', 'SSUS')])).toBe('split');
  expect(cloneClass([pair('COPY', 'COPY'), pair('PAIR', 'PAIR')])).toBe('copying');
  expect(cloneClass([pair('PSUS', 'SSUS'), pair('PSUE', 'PSUE')])).toBe('failed');
});

test('markers are hexadecimal numbers of any length, not text', () => {
  expect(markerReached('10', 'f')).toBe(true);
  expect(markerReached('00ff', 'ff')).toBe(true);
  expect(markerReached('fe', 'ff')).toBe(false);
  expect(markerReached('100000000000000001', '100000000000000000')).toBe(true);
});

test('both forms of the API: path, verb, and back', () => {
  const id = '900000040015';
  const cm = objectsPath({ storageDeviceId: id, api: 'cm' }, 'ldevs/7');
  const embedded = objectsPath({ storageDeviceId: id, api: 'embedded' }, 'ldevs/7');
  expect([cm, embedded]).toEqual([`/v1/objects/storages/${id}/ldevs/7`, '/v1/objects/ldevs/7']);
  expect([actionMethod('cm'), actionMethod('embedded')]).toEqual(['PUT', 'POST']);
  expect(parseArrayPath(cm)).toEqual({ api: 'cm', storageDeviceId: id, segments: ['ldevs', '7'] });
  expect(parseArrayPath(embedded)).toEqual({ api: 'embedded', segments: ['ldevs', '7'] });
  for (const path of [
    '/v1/objects/',
    '/v1/objects/storages/1',
    'v1/objects/ldevs',
    '/v2/objects/x',
  ]) {
    expect(parseArrayPath(path)).toBeUndefined();
  }
});
