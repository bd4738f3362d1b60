/** Copies that Cinder takes over: nothing is called copied, managed or cut that is not seen to be so. */
import type { Mine } from '../../lib/actions/action.ts';
import { actions } from '../../lib/actions/index.ts';
import { volumesClone } from '../../lib/actions/volumes/clone.ts';
import { volumesManage } from '../../lib/actions/volumes/manage.ts';
import type { Volume } from '../../lib/openstack/schema.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import type { Snapshot } from '../../lib/vsp/schema.ts';
import { config, lost, sent } from './lab.ts';
import { factsOf, service, viewOf } from './moves.ts';

const text = `runbook: move
title: { ko: 이동, en: Move }
drillType: real-disaster
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 60m, runWithin: 8h }
steps:
  - { id: clone, uses: volumes/clone }
  - { id: manage, uses: volumes/manage, with: { host: "cinder-dr@hbsd#pool0" } }
`;
const mains = service.servers.flatMap(({ volumes }) => volumes);
const facts = factsOf({
  bound: {
    takeover: {
      ...{ site: 'dr', type: 'UR', group: 'PAY01', id: 'NotSpecified,PAY01,PAY01S_,NotSpecified' },
      ...{ primary: '900000040014', journalId: 2, muNumber: 1 },
      pairs: mains.map((_, i) => ({ name: `p-${i}`, svol: 2000 + i })),
    },
    secondaries: mains.map((main, i) => ({
      ...{ main, ldev: 2000 + i, blocks: 2_097_152, pool: 0, paths: [] },
    })),
    spares: mains.map((_, i) => 5000 + i),
  },
});
const planFor = (source: string) =>
  compile({
    ...{ run: 'r-0123456789', runbook: loadRunbook({ file: 'move.yml', text: source }, actions) },
    ...{ source, service: { ...service, atDr: 'copy' }, config, facts, actions },
  });
const plan = planFor(text);
const callOf = (id: string) => plan.calls.find((call) => call.id === id);

test('every number stands in the plan; Cinder takes over only what the copy of this run made', () => {
  expect(callOf('clone.make-5000')?.body).toEqual({
    ...{ ldevId: 5000, poolId: 0, blockCapacity: 2_097_152 },
  });
  expect(callOf('clone.pair-5000')?.body).toMatchObject({ pvolLdevId: 2000, svolLdevId: 5000 });
  const manage = callOf(`manage.manage-${mains[0]}`);
  expect(manage).toMatchObject({
    body: { volume: { ref: { 'source-id': '5000' }, bootable: true } },
    after: ['clone.copy'],
    class: 'data',
  });
  expect(manage?.guards.map(({ id }) => id)).toEqual(['ldev-adoptable-5000']);
  const alone = text.replace(/ {2}- \{ id: clone.*\n/, '');
  expect(() => planFor(alone)).toThrow(/No volumes\/clone step/);
});

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const ldev = (ldevId: number, change: object) => ({
  ...{ ldevId, status: 'NML', blockCapacity: 2_097_152, attributes: ['CVS', 'HDP'] },
  ...{ numOfPorts: 0, numOfUsedBlock: 9, ...change },
});
const snaps = (status: string): Snapshot[] =>
  mains.map((_, i) => ({ pvolLdevId: 2000 + i, svolLdevId: 5000 + i, status }));

test.each<[string, Partial<Mine>, Snapshot[], object, string]>([
  ['ordered before all pairs are there', {}, snaps('PAIR').slice(1), {}, 'pending'],
  ['ready', {}, snaps('PAIR'), {}, 'ready'],
  ['being copied', sent(), snaps('PSUP'), {}, 'pending'],
  ['failed', sent(), snaps('PSUE'), {}, 'refuse'],
  ['done', sent(), [], {}, 'done'],
  ['done, its answer lost', lost(), [], {}, 'done'],
  ['gone, and nothing was copied', sent(), [], { numOfUsedBlock: 0 }, 'pending'],
  [
    'done, of volumes that were never written to',
    sent(),
    [],
    { numOfUsedBlock: 0, empty: true },
    'done',
  ],
  ['gone, and the volume is bound', sent(), [], { attributes: ['CVS', 'HTI'] }, 'pending'],
  ['never ordered, and the pairs are gone', {}, [], {}, 'pending'],
])('a copy that is %s', (_, mine, pairs, change, state) => {
  const view = viewOf(plan, 'clone', { mine: { 'clone.copy': mine } });
  const source = 'empty' in change ? { numOfUsedBlock: 0 } : {};
  const ldevs = new Map(
    mains.flatMap((__, i) => [
      [5000 + i, ok(ldev(5000 + i, change))] as const,
      [2000 + i, ok(ldev(2000 + i, source))] as const,
    ]),
  );
  const observed = { ldevs, pairs: ok(pairs), jobs: new Map() };
  expect(volumesClone.judge(observed, {}, view).verdicts['clone.copy']?.state).toBe(state);
});

test('a number that somebody else took is refused, not overwritten', () => {
  const view = viewOf(plan, 'clone');
  const ldevs = new Map(mains.map((_, i) => [5000 + i, ok(ldev(5000 + i, {}))]));
  const { verdicts } = volumesClone.judge({ ldevs, pairs: ok([]), jobs: new Map() }, {}, view);
  expect(verdicts['clone.make-5000']?.state).toBe('preexisting');
  expect(volumesClone.preexisting).toBe('refuse');
});

const id = `manage.manage-${mains[0]}`;
const volume = (status: string) =>
  ({
    ...{ id: 'v-1', name: callOf(id)?.creates?.key, status, size: 1 },
    ...{ attachments: [], metadata: {} },
  }) as Volume;

test.each<[string, readonly Volume[], Partial<Mine>, string]>([
  ['unknown to Cinder', [], {}, 'ready'],
  ['being taken over', [volume('managing')], sent(), 'pending'],
  ['taken over', [volume('available')], sent(), 'done'],
  ['taken over, its answer lost', [volume('available')], lost(), 'done'],
  ['refused by the driver', [volume('error_managing')], sent(), 'refuse'],
  ['there twice', [volume('available'), volume('available')], sent(), 'refuse'],
])('a volume that is %s', (_, value, mine, state) => {
  const view = viewOf(plan, 'manage', { mine: { [id]: mine } });
  const found = volumesManage.judge(ok(value), { host: 'h@b#p' }, view).verdicts[id];
  expect(found?.state).toBe(state);
  if (state === 'refuse' && value.length === 1) expect(found?.reason).toMatch(/driver takes/);
});
