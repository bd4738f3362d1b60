/** Every cell of the side tables, and the hazards by what was seen. */
import { against, hazardMet, hazards, hazardsIn, hazardText } from '../../lib/vsp/hazards.ts';
import { arrayPredicates } from '../../lib/vsp/predicates.ts';
import type { sideTables } from '../../lib/vsp/sides.ts';

const STATES = 'PAIR PFUL COPY PSUS SSUS PFUS PSUE SSWS SMPL HOLD HLDE unknown'.split(' ');
const half = (role: string, state: string, ldev: number) => ({
  copyPairName: `p${ldev}`,
  [`${role === 'P' ? 'pvol' : 'svol'}LdevId`]: ldev,
  [`${role === 'P' ? 'pvol' : 'svol'}Status`]: state,
});
const group = (...copyPairs: object[]) => ({
  ...{ copyGroupName: 'G', localDeviceGroupName: 'L', copyPairs },
});
const ask = (name: string, body: unknown, args: unknown) => arrayPredicates[name]?.(body, args);

/** Written down a second time: role, then the states in which the condition holds. */
const tables: Readonly<Record<keyof typeof sideTables, string>> = {
  'side-writable': 'P PAIR,P PFUL,P COPY,P PSUS,P PFUS,P PSUE,S SSWS',
  'side-unopened': 'P PAIR,P PFUL,P COPY,P PSUS,P PFUS,P PSUE,S PAIR,S PFUL,S COPY,S PFUS,S PSUE',
  'side-primary-paired': 'P PAIR',
  'side-secondary-paired': 'S PAIR',
  'side-taken': 'S SSWS',
  'side-primary-suspended': 'P PSUS,P PSUE',
  'side-secondary-suspended': 'S SSUS,S PSUE',
  'side-delta-armed': 'P HOLD',
  'side-delta-waiting': 'S HOLD',
  'side-delta-spent': 'P HLDE',
  'side-delta-failed': 'S HLDE',
  'side-primary': 'P PAIR,P PFUL,P COPY,P PSUS,P PFUS,P PSUE',
  'side-secondary-closed': 'S PAIR,S PFUL,S COPY,S PFUS,S PSUE',
  'side-whole':
    'P PAIR,P PFUL,P COPY,P PSUS,P PFUS,P PSUE,S PAIR,S PFUL,S SSUS,S PFUS,S PSUE,S SSWS',
};

test.each(Object.entries(tables))('%s holds in %s and in nothing else', (name, good) => {
  for (const role of ['P', 'S']) {
    for (const state of STATES) {
      const holds = good.split(',').includes(`${role} ${state}`);
      const found = ask(name, group(half(role, state, 1), half(role, state, 2)), { ldevs: [2, 1] });
      expect([role, state, found?.holds]).toEqual([role, state, holds]);
    }
  }
});

test('a side of other volumes, of mixed states, of both roles or of none does not hold', () => {
  const paired = (...copyPairs: object[]) =>
    ask('side-primary-paired', group(...copyPairs), { ldevs: [1, 2] });
  const [one, two] = [half('P', 'PAIR', 1), half('P', 'PAIR', 2)];
  expect(paired(one, two)).toEqual({
    ...{ holds: true, reading: { states: ['P PAIR'], sameVolumes: true } },
  });
  expect(paired(one)).toMatchObject({ holds: false, reading: { sameVolumes: false } });
  expect(paired(one, two, half('P', 'PAIR', 3))?.holds).toBe(false);
  expect(paired(one, half('P', 'COPY', 2))).toMatchObject({
    ...{ holds: false, reading: { states: ['P COPY', 'P PAIR'] } },
  });
  expect(paired(one, { ...two, ...half('S', 'PAIR', 2) })).toMatchObject({
    ...{ holds: false, reading: { states: ['? unknown', 'P PAIR'] } },
  });
  expect(paired({ copyPairName: 'p' }, two)?.holds).toBe(false);
  expect(paired()?.holds).toBe(false);
  expect(ask('side-primary-paired', group(), { ldevs: [] })?.holds).toBe(false);
});

const journal = (change: object) => ({
  data: [
    { journalId: 5, muNumber: 1, journalStatus: 'SJNN', usageRate: 0, qMarker: 'a', qCount: 0 },
  ].map((one) => ({ ...one, ...change })),
});

test.each<[object, boolean]>([
  [{}, true],
  [{ qCount: 1 }, false],
  [{ qCount: undefined }, false],
  [{ journalStatus: 'PJNN' }, false],
  [{ journalStatus: 'SJSN' }, false],
  [{ journalId: 6 }, false],
  [{ muNumber: 0 }, false],
])('a journal with %j is drained: %s', (change, holds) => {
  const args = { journalId: 5, muNumber: 1, status: 'SJNN' };
  expect(ask('journal-drained', journal(change), args)?.holds).toBe(holds);
});

test('a side that lacks volumes and holds nothing else says so: the rest lies elsewhere', () => {
  const seen = (...ldevs: number[]) =>
    ask('side-taken', group(...ldevs.map((ldev) => half('S', 'SSWS', ldev))), { ldevs: [1, 2] });
  expect(seen(1, 2)?.reading).toEqual({ states: ['S SSWS'], sameVolumes: true });
  expect(seen(1)?.reading).toMatchObject({ sameVolumes: false, lessVolumes: true });
  for (const other of [[1, 3], [1, 2, 3], []]) {
    expect(seen(...other)?.reading).not.toHaveProperty('lessVolumes');
  }
});

test('every remote path must be normal, and there must be one', () => {
  const up = (...states: string[]) => {
    const data = states.map((cuStatus) => ({ remoteStorageDeviceId: 'x', cuStatus }));
    return ask('remote-paths-up', { data }, { storageDeviceId: 'x' })?.holds;
  };
  expect([up('NML'), up('NML', 'NML'), up('NML', 'ERR'), up('ERR'), up()]).toEqual([
    ...[true, true, false, false, false],
  ]);
  expect(ask('path-of-ldev', { ldevId: 7 }, { ldev: 7 })?.holds).toBe(true);
  expect(ask('path-of-ldev', { ldevId: 8 }, { ldev: 7 })).toEqual({
    ...{ holds: false, reading: { ldev: 8 } },
  });
});

test('sixteen hazards, each with what is seen, why and what to do, in both languages', () => {
  expect(Object.keys(hazards)).toEqual(Array.from({ length: 16 }, (_, i) => String(i + 1)));
  for (const { ko, en } of Object.values(hazards)) {
    for (const words of [...Object.values(ko), ...Object.values(en)]) {
      expect(words).toMatch(/\S.{10,}[.]$/);
    }
    expect(ko.why).toMatch(/[가-힣]/);
    expect(en.why).not.toMatch(/[가-힣]/);
  }
  expect(() => hazardText(17)).toThrow(RangeError);
});

test('a refusal told in English is told in Korean as well', () => {
  const said = `main P PAIR. ${hazardText(4)} ${hazardText(11)}`;
  expect(hazardsIn(said, 'en')).toBe(said);
  expect(hazardsIn(said, 'ko')).toBe(`main P PAIR. ${hazardText(4, 'ko')} ${hazardText(11, 'ko')}`);
});

test('what was seen says more than what the guard was made for', () => {
  const guard = against(4, 'side-taken');
  expect(hazardMet(guard, { states: ['S PAIR'], sameVolumes: true })).toBe(4);
  expect(hazardMet(guard, { states: ['S PAIR', 'S SSWS'], sameVolumes: true })).toBe(6);
  expect(hazardMet(guard, { states: ['S SSWS'], sameVolumes: false })).toBe(16);
  expect(hazardMet('secondary-takeable#h9', { states: ['PAIR'], samePairs: false })).toBe(16);
  expect(hazardMet('remote-paths-up', { states: ['ERR'] })).toBeUndefined();
  expect(hazardMet(guard, null)).toBe(4);
  expect(hazardMet(guard, { sameVolumes: false, lessVolumes: true })).toBe(8);
  expect(hazardMet('secondary-takeable#h9', { states: ['PAIR'], lessPairs: true })).toBe(8);
  // What is half copied is worth nothing, however the rest stands.
  expect(hazardMet('secondary-takeable#h9', { states: ['COPY', 'PAIR'] })).toBe(9);
  expect(hazardMet('secondary-takeable#h9', { states: ['PAIR', 'SSUS'] })).toBe(6);
  expect(hazardMet(guard, { states: ['S COPY', 'S PAIR'] })).toBe(6);
  const gone = ['side-taken#h4', 'secondary-takeable#h9', 'gad-open#h9', 'pair-leads-1#h5'];
  for (const id of gone) expect(hazardMet(id, { status: 404 })).toBe(5);
  expect(hazardMet('only-pair-path-7#h2', { status: 404 })).toBeUndefined();
});
