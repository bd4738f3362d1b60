/** What the facts and the drillable objects make of a call: `copy`, or as bad as `data`. */
import { classOf, type DangerContext } from '../../lib/runbook/danger.ts';
import type { Facts, PlanCall } from '../../lib/runbook/plan.ts';
import { calls, GROUP, ids, facts as ofDrill } from '../gateway/plan.ts';

const MAIN = '55555555-5555-4555-8555-555555555555';
type Json = Facts['bound'];
const { bound } = ofDrill;
const withFacts = (change: Json): Facts => ({ bound: { ...bound, ...change }, classed: {} });
const withClone = (change: Json): Facts =>
  withFacts({ clone: { ...(bound['clone'] as Json), ...change } });
const without = (name: string): Facts => ({
  bound: Object.fromEntries(Object.entries(bound).filter(([key]) => key !== name)),
  classed: {},
});
const [volume = {}] = bound['volumes'] as Json[];
const elsewhere: Json = { ...volume, ...{ copyLdev: 1399, copyVolume: ids.otherVolume } };
const empty: Facts = { bound: {}, classed: {} };
const odd: Facts = { bound: { odd: 1 }, classed: {} };

const drillable: DangerContext['drillable'] = {
  ...{ copyGroups: ['PAY01-DRILL'], ldevs: [1301] },
  ...{ volumes: [ids.copyVolume], networks: [ids.network] },
};
const classed = (
  call: PlanCall,
  change: Partial<DangerContext['drillable']> = {},
  facts: Facts = withFacts({}),
): string | undefined => classOf(call, { facts, drillable: { ...drillable, ...change } });
const unpark = (volume: string): PlanCall => ({
  ...calls.release,
  path: `/volumes/${volume}/action`,
});

test('each call of a drill is of class copy while all it touches is drillable', () => {
  const { foreign: _, ...here } = calls;
  for (const call of Object.values(here))
    expect([call.id, classed(call)]).toEqual([call.id, 'copy']);
});

test.each<[string, PlanCall, Partial<typeof drillable>]>([
  ['the copy group', calls.split, { copyGroups: ['PAY01'] }],
  ['an LDEV that is overwritten', calls.split, { ldevs: [1302] }],
  ['the volume on such an LDEV', calls.split, { volumes: [ids.otherVolume] }],
  ['the volume', calls.release, { volumes: [ids.otherVolume] }],
  ['the LDEV under the volume', calls.release, { ldevs: [1201] }],
  ['a volume a server starts from', calls.server, { volumes: [] }],
  ['the network', calls.port, { networks: [ids.copyVolume] }],
])('%s is not drillable: data', (_, call, change) => {
  expect(classed(call, change)).toBe('data');
});

test.each<[string, string, number]>([
  ['copy', ids.copyVolume, 1301],
  ['S-VOL', ids.drVolume, 1201],
  ['P-VOL', MAIN, 1101],
])('a volume listed by mistake is still known by the LDEV of its %s', (_, volume, ldev) => {
  const volumes = [volume];
  expect(classed(unpark(volume), { volumes, ldevs: [ldev] })).toBe('copy');
  const others = [1301, 1201, 1101].filter((one) => one !== ldev);
  expect(classed(unpark(volume), { volumes, ldevs: others })).toBe('data');
});

test('a volume that no fact joins to an LDEV goes by its own name', () => {
  const facts = without('volumes');
  for (const known of [facts, empty, withFacts({})]) {
    const volumes = [ids.otherVolume];
    expect(classed(unpark(ids.otherVolume), { volumes, ldevs: [] }, known)).toBe('copy');
    expect(classed(unpark(ids.otherVolume), { volumes: [], ldevs: [] }, known)).toBe('data');
  }
  expect(classed(calls.split, { volumes: [] }, facts)).toBe('copy');
});

test('facts of no known shape join nothing, so nothing is a copy', () => {
  for (const call of [calls.split, calls.release, calls.server, calls.port]) {
    expect([call.id, classed(call, {}, odd)]).toEqual([call.id, 'data']);
  }
  expect(classed(calls.split, {}, empty)).toBe('data');
  const broken = {
    get sites(): Json {
      throw new Error('not a matter of shape');
    },
  };
  expect(() => classed(calls.split, {}, { bound: broken, classed: {} })).toThrow('matter of shape');
});

test.each<[string, string, Facts]>([
  ['no copy group at all', 'data', without('clone')],
  ['another copy group', 'data', withClone({ id: GROUP.replace('_', '') })],
  ['its group at a site they do not know', 'data', withClone({ site: 'far' })],
  ['its group at the other site', 'data', withClone({ site: 'main' })],
  ['a name that is not in its id', 'data', withClone({ group: 'PAY02-DRILL' })],
  ['no pair in it', 'data', withClone({ pairs: [] })],
  ['one more volume elsewhere', 'copy', withFacts({ volumes: [volume, elsewhere] })],
])('a split when facts name %s: %s', (_, wanted, facts) => {
  const copyGroups = ['PAY01-DRILL', 'PAY02-DRILL'];
  expect(classed(calls.split, { copyGroups }, facts)).toBe(wanted);
});

test('one of two that is not drillable is enough', () => {
  const pairs = [1301, 1302].map((svol) => ({ name: `p${svol}`, pvol: 1, svol }));
  expect(classed(calls.split, {}, withClone({ pairs }))).toBe('data');
  expect(classed(calls.split, { ldevs: [1302, 1301] }, withClone({ pairs }))).toBe('copy');
  const { server } = calls.server.body as { server: Json };
  const [first = {}] = server['block_device_mapping_v2'] as Json[];
  const devices = [first, { ...first, boot_index: 1, uuid: ids.otherVolume }];
  const start: PlanCall = {
    ...calls.server,
    body: { server: { ...server, block_device_mapping_v2: devices } },
  };
  expect(classed(start)).toBe('data');
  expect(classed(start, { volumes: [ids.otherVolume, ids.copyVolume] })).toBe('copy');
});

test('a target that is neither an array nor a cloud has no table', () => {
  for (const target of ['probe', 'glance:dr', 'arrays:1', '', 'cinder-dr', 'x:nova']) {
    expect(classed({ ...calls.release, target })).toBeUndefined();
    expect(classed({ ...calls.split, target })).toBeUndefined();
  }
  expect(classed({ ...calls.release, target: 'nova:dr' })).toBeUndefined();
  expect(classed({ ...calls.split, target: 'array:900000040014' })).toBeUndefined();
});
