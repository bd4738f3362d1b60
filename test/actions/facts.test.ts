/** Facts are joined, not typed; what flickers never reaches them; what changed is said in words. */
import fc from 'fast-check';
import { hashOf } from '../../lib/canonical.ts';
import { boundOf } from '../../lib/runbook/bound.ts';
import { planHash } from '../../lib/runbook/compile.ts';
import { diffFacts } from '../../lib/runbook/diff.ts';
import { type Lab, openLab } from './lab.ts';

const seed = 20261122;

test('one chain per volume, from the main volume to the volume drill servers boot from', async () => {
  const lab = openLab();
  const bound = boundOf(await lab.facts());
  expect(bound.volumes).toHaveLength(12);
  for (const [i, volume] of (bound.volumes ?? []).entries()) {
    const pair = lab.pairs[i];
    expect(volume).toEqual({
      main: pair?.main,
      mainLdev: pair?.pvol,
      drLdev: pair?.svol,
      drVolume: pair?.drVolume,
      copyLdev: pair?.copy,
      copyVolume: pair?.copyVolume,
      sizeGiB: 100,
    });
  }
  expect(bound.replication?.secondary).toEqual({
    site: 'dr',
    deviceGroup: 'PAY01S_',
    journalId: 2,
  });
  expect(bound.clone).toMatchObject({
    id: 'PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_',
    atTime: true,
  });
  expect(bound.flavors).toEqual({ 'c4.m16': 'f-c4-m16', 'c8.m32': 'f-c8-m32' });
});

test('no token crosses sites: each array is asked only for its own half', async () => {
  const lab = openLab();
  await lab.facts();
  const half = (site: string, id: string) =>
    `${site} array:${id} /v1/objects/storages/${id}/remote-mirror-copygroups`;
  const halves = lab.reads.filter((read) => read.includes('remote-mirror'));
  expect(new Set(halves)).toEqual(
    new Set([
      `${half('main', '900000040014')}/NotSpecified,PAY01,PAY01P_,NotSpecified`,
      `${half('dr', '900000040015')}/NotSpecified,PAY01,PAY01S_,NotSpecified`,
    ]),
  );
});

test('names and other personal data never stand in facts', async () => {
  const text = JSON.stringify(await openLab().facts());
  expect(text).not.toMatch(/김하늘|Kim Haneul|U01KIM|"kim"/);
  expect(text).toContain('p-f054e0b8');
});

test.each<[string, (lab: Lab) => void, RegExp]>([
  ['main is silent', (lab) => lab.silent.add('main array:900000040014'), /^ACT-UNREAD.*at main/],
  ['the DR cloud is silent', (lab) => lab.silent.add('dr cinder:dr'), /^ACT-UNREAD.*Volume/],
  [
    'a label names no volume',
    (lab) => {
      (lab.pairs[3] as { main: string }).main = 'x';
    },
    /^ACT-UNJOINED.*not replicated once/,
  ],
  [
    'a copy has no volume id',
    (lab) => {
      (lab.pairs[3] as { copyVolume: string }).copyVolume = 'scratch';
    },
    /^ACT-UNJOINED.*LDEV 3003.*"scratch"/,
  ],
  [
    'a DR volume is missing',
    (lab) => lab.volumes.delete(lab.pairs[2]?.copyVolume ?? ''),
    /^ACT-UNREAD.*404/,
  ],
])('%s: refused with its name', async (_, spoil, message) => {
  const lab = openLab();
  spoil(lab);
  await expect(lab.facts()).rejects.toThrow(message);
});

const flicker = fc.record({
  pvolStatus: fc.constantFrom('PAIR', 'PFUL'),
  svolStatus: fc.constantFrom('PAIR', 'PFUL'),
  masterMarker: fc.integer({ min: 0, max: 2 ** 31 }).map((n) => n.toString(16)),
  restoreMarker: fc.integer({ min: 0, max: 2 ** 31 }).map((n) => n.toString(16)),
  usageRate: fc.integer({ min: 0, max: 79 }),
});

test(`lag, markers, journal usage and PFUL change neither facts nor plan (seed ${seed})`, async () => {
  const before = openLab();
  const facts = await before.facts();
  const hash = planHash(await before.plan());
  await fc.assert(
    fc.asyncProperty(flicker, async (change) => {
      const lab = Object.assign(openLab(), change);
      expect(diffFacts(facts, await lab.facts())).toEqual({ verdict: 'same', lines: [] });
      expect(planHash(await lab.plan())).toBe(hash);
    }),
    { seed, numRuns: 20 },
  );
});

test(`a pair that is moved changes the hash and is named (seed ${seed})`, async () => {
  const facts = await openLab().facts();
  const at = fc.integer({ min: 0, max: 11 });
  await fc.assert(
    fc.asyncProperty(at, fc.constantFrom('pvol', 'svol', 'copy'), async (i, field) => {
      const lab = openLab();
      const pair = lab.pairs[i] as Record<'pvol' | 'svol' | 'copy', number>;
      pair[field] += 500;
      const after = await lab.facts();
      const { verdict, lines } = diffFacts(facts, after);
      expect(verdict).toBe('worse');
      expect(hashOf(after)).not.toBe(hashOf(facts));
      expect(lines.join('\n')).toContain(String(pair[field]));
    }),
    { seed, numRuns: 20 },
  );
});

test('what changed is said in words a person reads', async () => {
  const facts = await openLab().facts();
  const moved = openLab();
  const first = moved.pairs[0];
  if (first) first.copy = 3905;
  expect(diffFacts(facts, await moved.facts()).lines).toEqual([
    'drill copies: pair copy-PAY01-01: LDEV 2000 to 3000 -> LDEV 2000 to 3905',
    'volumes: 047a8387-cdde-4d51-a301-bbfca0c5154e copy LDEV: 3000 -> 3905',
    'drillable: dr ldevs 3000: 3000 -> nothing',
    'drillable: dr ldevs 3905: nothing -> 3905',
  ]);
  const added = openLab();
  added.pairs.push({
    name: 'PAY01-13',
    pvol: 1800,
    svol: 2800,
    copy: 3800,
    main: '11111111-2222-3333-4444-555555555555',
    drVolume: '11111111-2222-3333-4444-555555555556',
    copyVolume: '11111111-2222-3333-4444-555555555557',
  });
  const diff = diffFacts(facts, await added.facts());
  expect(diff.verdict).toBe('worse');
  expect(diff.lines).toContain('remote copy: pair PAY01-13: nothing -> LDEV 1800 to 2800');
});

test.each([
  ['replication suspends', { svolStatus: 'PSUE' }, 'worse'],
  ['copies are found split', { copyStatus: ['PSUS', 'SSUS'] }, 'worse'],
  ['replication only fills its journal', { svolStatus: 'PFUL' }, 'same'],
] as const)('class of a state: %s is %s', async (_, change, verdict) => {
  const before = await openLab().facts();
  const lab = Object.assign(openLab(), change);
  expect(diffFacts(before, await lab.facts()).verdict).toBe(verdict);
  const back = diffFacts(await lab.facts(), before).verdict;
  expect(back).toBe(verdict === 'worse' ? 'better' : 'same');
});
