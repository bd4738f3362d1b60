/** Grants by class and path, and what a diff of facts says, at its edges. */

import { diffFacts } from '../../lib/runbook/diff.ts';
import { grantOf, grantRule } from '../../lib/runbook/grants.ts';
import { evaluateGuard } from '../../lib/runbook/guards.ts';
import type { DangerClass, Facts, Guard } from '../../lib/runbook/plan.ts';
import { facts } from '../gateway/plan.ts';

const remote = '/v1/objects/remote-mirror-copygroups/900000040014,G,L,R/actions/split/invoke';
const half = '/v1/objects/remote-mirror-copygroups/NotSpecified,G,L,NotSpecified';
const asked = (target: string, path: string, danger: DangerClass) => ({
  target,
  path,
  class: danger,
});

test.each<[string, string, DangerClass, boolean | undefined]>([
  ['array:1', remote, 'none', true],
  ['array:1', remote, 'copy', true],
  ['array:1', remote, 'data', true],
  ['array:1', half, 'copy', undefined],
  ['array:1', half, 'data', false],
  ['array:1', half, 'takeover', false],
  ['array:1', '/v1/objects/ldevs/7', 'none', undefined],
  ['array:1', '/v1/objects/ldevs/7', 'data', false],
  ['cinder:dr', remote, 'copy', undefined],
  ['cinder:dr', '/volumes/1', 'copy', undefined],
  ['cinder:dr', '/volumes/1', 'data', false],
  ['nova:dr', '/servers', 'takeover', false],
  ['x-array:', remote, 'copy', undefined],
])('a call to %s %s of class %s: session %s', (target, path, danger, session) => {
  const call = asked(target, path, danger);
  expect(grantRule(call)).toEqual(session === undefined ? undefined : { session });
  const guard: Guard = { id: 'g', target, path: '/x', predicate: 'p', args: {} };
  const wanted = session === undefined ? undefined : { site: 'main', guards: [], session };
  expect(grantOf(call, ['main', 'far'])).toEqual(wanted);
  expect(grantOf(call, ['main'], [guard])).toEqual(wanted && { ...wanted, guards: [guard] });
  expect(grantOf(call, [])).toBeUndefined();
});

const withClasses = (classed: Facts['classed']): Facts => ({ ...facts, classed });

test('facts that did not change: same, and nothing is said', () => {
  const before = withClasses({ clone: 'paired' });
  expect(diffFacts(before, withClasses({ clone: 'paired' }))).toEqual({
    verdict: 'same',
    lines: [],
  });
});

test.each<[Facts['classed'], Facts['classed'], string, string]>([
  [{ clone: 'copying' }, { clone: 'paired' }, 'better', 'clone: copying -> paired (better)'],
  [{ clone: 'paired' }, { clone: 'copying' }, 'worse', 'clone: paired -> copying (worse)'],
  [{ takeover: 'taken' }, { takeover: 'current' }, 'better', 'takeover: taken -> current (better)'],
  [
    ...([{ replication: 'copying' }, { replication: 'replicating' }, 'better'] as const),
    'replication: copying -> replicating (better)',
  ],
  [{}, { clone: 'paired' }, 'worse', 'clone: not known -> paired (worse)'],
  [{ clone: 'paired' }, {}, 'worse', 'clone: paired -> not known (worse)'],
  [{ clone: 'odd' }, { clone: 'paired' }, 'worse', 'clone: odd -> paired (worse)'],
  [{ clone: 'paired' }, { clone: 'odd' }, 'worse', 'clone: paired -> odd (worse)'],
  [{ novel: 'b' }, { novel: 'a' }, 'worse', 'novel: b -> a (worse)'],
])('%j, then %j: %s', (before, after, verdict, line) => {
  const diff = diffFacts(withClasses(before), withClasses(after));
  expect(diff).toEqual({ verdict, lines: [`state: ${line}`] });
});

test('a class that got worse beside one that got better is worse; both are told, by name', () => {
  const before = withClasses({ takeover: 'taken', clone: 'paired' });
  const after = withClasses({ takeover: 'current', clone: 'split' });
  expect(diffFacts(before, after)).toEqual({
    verdict: 'worse',
    lines: ['state: clone: paired -> split (worse)', 'state: takeover: taken -> current (better)'],
  });
});

test('the same facts in another order are the same', () => {
  const bound = Object.fromEntries(Object.entries(facts.bound).reverse());
  expect(diffFacts(facts, { ...facts, bound }).verdict).toBe('same');
});

const clones = (count: number): Facts => {
  const pairs = Array.from({ length: count }, (_, i) => ({ name: `p${i + 10}`, pvol: i, svol: i }));
  return {
    ...facts,
    bound: { ...facts.bound, clone: { ...(facts.bound['clone'] as object), pairs } },
  };
};

test.each<[number, number, string | undefined]>([
  [11, 11, undefined],
  [12, 12, undefined],
  [13, 13, 'drill copies: and 1 more changes'],
  [20, 13, 'drill copies: and 8 more changes'],
])('%i changes of one group are %i lines, the last %s', (count, shown, last) => {
  const { lines, verdict } = diffFacts(clones(0), clones(count));
  expect([verdict, lines.length]).toEqual(['worse', shown]);
  if (last !== undefined) expect(lines.at(-1)).toBe(last);
  expect(lines[0]).toBe('drill copies: pair p10: nothing -> LDEV 0 to 0');
});

test('groups stand together, in the order in which they come', () => {
  const other = clones(2);
  const after = { ...other, bound: { ...other.bound, hashes: { service: 'y', policy: 'x' } } };
  expect(diffFacts(clones(0), { ...after, classed: { clone: 'split' } }).lines).toEqual([
    'state: clone: not known -> split (worse)',
    'drill copies: pair p10: nothing -> LDEV 0 to 0',
    'drill copies: pair p11: nothing -> LDEV 1 to 1',
    'configuration: service: x -> y',
  ]);
});

test.each([
  [199, 199],
  [200, 200],
  [201, 200],
  [400, 200],
])('a line of %i characters is shown with %i', (length, shown) => {
  const start = 'configuration: service: x -> ';
  const service = 'y'.repeat(length - start.length);
  const after = { ...facts, bound: { ...facts.bound, hashes: { service, policy: 'x' } } };
  const [line = ''] = diffFacts(facts, after).lines;
  expect(line).toHaveLength(shown);
  expect(line.endsWith('…')).toBe(length > 200);
  expect(line.startsWith(start)).toBe(true);
});

const guard = (target: string, predicate: string, args: object = {}): Guard => ({
  ...{ id: 'g', target, path: '/x', predicate, args: args as Guard['args'] },
});

test('a guard that cannot be asked does not hold, and says what it saw', () => {
  const paired = guard('array:1', 'secondary-replicating');
  expect(evaluateGuard(paired, { status: 503, body: {} })).toEqual({
    ...{ holds: false, reading: { status: 503 } },
  });
  for (const [target, predicate] of [
    ['array:1', 'network-closed'],
    ['cinder:dr', 'secondary-replicating'],
    ['nova:array:', 'secondary-replicating'],
    ['array:1', 'toString'],
    ['cinder:dr', 'constructor'],
  ] as const) {
    const found = evaluateGuard(guard(target, predicate), { status: 200, body: {} });
    expect(found).toEqual({ holds: false, reading: { unknownPredicate: predicate } });
  }
  const group = { copyGroupName: 'G', localDeviceGroupName: 'L' };
  const copyPairs = [{ copyPairName: 'p', svolStatus: 'PAIR' }];
  expect(evaluateGuard(paired, { status: 200, body: { ...group, copyPairs } }).holds).toBe(true);
  const ports = guard('neutron:dr', 'only-own-ports', { network: 'n', names: [] });
  expect(evaluateGuard(ports, { status: 200, body: { ports: [] } }).holds).toBe(true);
});
