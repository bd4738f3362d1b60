/** The danger of a call, and every way to smuggle a worse one past the table. */
import fc from 'fast-check';
import { type CallShape, classOf } from '../../lib/runbook/danger.ts';
import type { Hole } from '../../lib/runbook/plan.ts';
import { arrayDangers } from '../../lib/vsp/danger.ts';
import { drillableOf, openLab, uuid } from '../actions/lab.ts';

const lab = openLab();
const facts = await lab.facts();
const plan = await lab.plan();
const drillable = drillableOf(lab).dr;
const context = { facts, drillable };

const DR = 'array:900000040015';
const objects = '/v1/objects/storages/900000040015';
const group = 'PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_';
const copyVolume = lab.pairs[0]?.copyVolume ?? '';
const drVolume = lab.pairs[0]?.drVolume ?? '';

const call = (
  target: string,
  [method, path, body]: readonly [string, string, unknown?],
  holes: readonly Hole[] = [],
): CallShape => ({ target, method, path, holes, ...(body === undefined ? {} : { body }) });

const serverHole: Hole = { name: 'server', call: 'boot.start-pay-db1', pointer: '/server/id' };
const split = `${objects}/local-clone-copygroups/${group}/actions/split/invoke`;
const reset = (status: string) => ({ 'os-reset_status': { status } });

test('every call of the shipped drill is of class copy, at the DR site only', () => {
  expect(plan.calls.length).toBeGreaterThan(30);
  expect(new Set(plan.calls.map((one) => one.class))).toEqual(new Set(['copy']));
  expect(new Set(plan.calls.map((one) => one.site))).toEqual(new Set(['dr']));
  for (const one of plan.calls) expect(classOf(one, context)).toBe('copy');
});

test.each<[string, CallShape, string | undefined]>([
  ['split', call(DR, ['PUT', split, { parameters: { quickMode: true } }]), 'copy'],
  ['split forced', call(DR, ['PUT', split, { parameters: { forceSplit: true } }]), 'data'],
  [
    'split suspending',
    call(DR, ['PUT', split, { parameters: { quickMode: true, forceSuspend: true } }]),
    'data',
  ],
  [
    'split with an unknown parameter',
    call(DR, ['PUT', split, { parameters: { also: 1 } }]),
    undefined,
  ],
  ['restore', call(DR, ['PUT', split.replace('split', 'restore')]), 'data'],
  [
    'remote split',
    call(DR, [
      'PUT',
      `${objects}/remote-mirror-copygroups/a,b,c,d/actions/split/invoke`,
      { parameters: { replicationType: 'UR' } },
    ]),
    'data',
  ],
  [
    'swap split',
    call(DR, [
      'PUT',
      `${objects}/remote-mirror-copygroups/a,b,c,d/actions/split/invoke`,
      { parameters: { svolOperationMode: 'SSWS' } },
    ]),
    'takeover',
  ],
  [
    'remote resync',
    call(DR, ['PUT', `${objects}/remote-mirror-copygroups/a,b,c,d/actions/resync/invoke`]),
    'data',
  ],
  [
    'swap resync',
    call(DR, [
      'PUT',
      `${objects}/remote-mirror-copypairs/a,b,c,d,e/actions/resync/invoke`,
      { parameters: { doSwapSvol: true } },
    ]),
    'takeover',
  ],
  [
    'takeover',
    call(DR, [
      'PUT',
      `${objects}/remote-mirror-copygroups/a,b,c,d/actions/takeover/invoke`,
      { parameters: { mode: 'auto' } },
    ]),
    'takeover',
  ],
  ['delete of a pair', call(DR, ['DELETE', `${objects}/local-clone-copypairs/${group},x`]), 'data'],
  ['initial copy', call(DR, ['POST', `${objects}/remote-mirror-copypairs`, {}]), 'data'],
  ['label of an LDEV', call(DR, ['PUT', `${objects}/ldevs/7`, { label: 'x' }]), 'data'],
  [
    'unpark a copy',
    call('cinder:dr', ['POST', `/volumes/${copyVolume}/action`, reset('available')]),
    'copy',
  ],
  [
    'unpark the S-VOL',
    call('cinder:dr', ['POST', `/volumes/${drVolume}/action`, reset('available')]),
    'data',
  ],
  [
    'reset to another status',
    call('cinder:dr', ['POST', `/volumes/${copyVolume}/action`, reset('error')]),
    undefined,
  ],
  ['delete of a volume', call('cinder:dr', ['DELETE', `/volumes/${copyVolume}`]), 'data'],
  ['delete by hole', call('nova:dr', ['DELETE', '/servers/{{server}}'], [serverHole]), 'copy'],
  ['delete by plain id', call('nova:dr', ['DELETE', `/servers/${uuid('x')}`]), 'data'],
  [
    'delete by a hole nobody declared',
    call('nova:dr', ['DELETE', '/servers/{{server}}']),
    undefined,
  ],
  [
    'delete by a hole that takes another field',
    call(
      'nova:dr',
      ['DELETE', '/servers/{{server}}'],
      [{ ...serverHole, pointer: '/server/metadata/victim' }],
    ),
    undefined,
  ],
  [
    'delete with a body',
    call('nova:dr', ['DELETE', '/servers/{{server}}', {}], [serverHole]),
    undefined,
  ],
  ['a write to a probe', call('probe', ['POST', 'http://10.90.1.11:8080/']), undefined],
  ['an unknown service', call('glance:dr', ['DELETE', '/images/1']), undefined],
])('%s', (_, one, wanted) => {
  expect(classOf(one, context)).toBe(wanted);
});

test('a start of servers names only copies, never lets them be deleted, and only ports it made', () => {
  const start = plan.calls.find((one) => one.id === 'boot.start-pay-db1');
  if (start === undefined) throw new Error('no start');
  const text = JSON.stringify(start.body);
  const spoilt = (from: string, to: string) =>
    classOf({ ...start, body: JSON.parse(text.replace(from, to)) }, context);
  expect(classOf(start, context)).toBe('copy');
  expect(spoilt('"delete_on_termination":false', '"delete_on_termination":true')).toBeUndefined();
  expect(spoilt(copyVolume, drVolume)).toBe('data');
  expect(spoilt('"{{port1}}"', `"${uuid('p')}"`)).toBeUndefined();
  expect(spoilt('"networks":[', '"security_groups":[],"networks":[')).toBeUndefined();
});

test('one LDEV, volume, group or network that is not drillable makes it data', () => {
  const outside = (change: Partial<typeof drillable>, id: string) => {
    const one = plan.calls.find((candidate) => candidate.id === id);
    return one && classOf(one, { facts, drillable: { ...drillable, ...change } });
  };
  expect(outside({ copyGroups: [] }, 'split.split')).toBe('data');
  expect(outside({ ldevs: drillable.ldevs.slice(1) }, 'split.split')).toBe('data');
  expect(outside({ volumes: drillable.volumes.slice(1) }, 'resync.resync')).toBe('data');
  expect(outside({ volumes: drillable.volumes.slice(1) }, 'boot.unpark-pay-db1-1')).toBe('data');
  expect(outside({ ldevs: drillable.ldevs.slice(1) }, 'boot.unpark-pay-db1-1')).toBe('data');
  expect(outside({ networks: [] }, 'boot.port-pay-db1-1')).toBe('data');
});

test('a group the facts do not know, or know on another array, is data', () => {
  const known = call(DR, ['PUT', split, { parameters: { quickMode: true } }]);
  expect(classOf(known, { facts: { bound: {}, classed: {} }, drillable })).toBe('data');
  const other = { ...known, path: split.replace('DRILLP_', 'DRILLX_') };
  expect(classOf(other, context)).toBe('data');
  const main = 'array:900000040014';
  const atMain = { ...known, target: main, path: split.replace('40015', '40014') };
  expect(classOf(atMain, context)).toBe('data');
  expect(classOf({ ...known, path: split.replace('40015', '40014') }, context)).toBeUndefined();
});

test.each([
  split.replace('/split/', '/%73plit/'),
  split.replace('local-clone', 'local%2Dclone'),
  `${objects}/x/../local-clone-copygroups/${group}/actions/split/invoke`,
  `${objects}/%2e%2e/local-clone-copygroups/${group}/actions/split/invoke`,
  `${split}?a=b`,
  `${split}#a`,
  `${split}/`,
  split.replace('/actions', '//actions'),
  split.replace('split', 'Split'),
  split.replace('/v1', '/V1'),
  ` ${split}`,
  `${split}\n`,
  split.replace('/invoke', ''),
])('a path in disguise is in no table: %j', (path) => {
  expect(classOf(call(DR, ['PUT', path, { parameters: {} }]), context)).toBeUndefined();
});

test('the verb follows the form of the API', () => {
  const body = { parameters: { quickMode: true } };
  expect(classOf(call(DR, ['POST', split, body]), context)).toBeUndefined();
  const embedded = split.replace('/storages/900000040015', '');
  expect(classOf(call(DR, ['POST', embedded, body]), context)).toBe('copy');
  expect(classOf(call(DR, ['PUT', embedded, body]), context)).toBeUndefined();
});

test('no path that a table does not list gets a class', () => {
  const kinds = new Set(arrayDangers.map((row) => row.path.split('/')[0]));
  const part = fc.stringMatching(/^[a-z-]{3,24}$/).filter((text) => !kinds.has(text));
  fc.assert(
    fc.property(part, fc.constantFrom('PUT', 'POST', 'PATCH', 'DELETE'), (kind, method) => {
      expect(classOf(call(DR, [method, `${objects}/${kind}/1`]), context)).toBeUndefined();
    }),
    { seed: 7 },
  );
});
