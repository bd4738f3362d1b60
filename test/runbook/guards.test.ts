/** Guards hold only for a 200 whose body says so plainly. */
import { evaluateGuard } from '../../lib/runbook/guards.ts';
import type { Guard } from '../../lib/runbook/plan.ts';
import { openLab, uuid } from '../actions/lab.ts';

const lab = openLab();
const plan = await lab.plan();
const guardOf = (call: string, predicate: string): Guard => {
  const found = plan.calls
    .find((one) => one.id === call)
    ?.guards.find((one) => one.predicate === predicate);
  if (found === undefined) throw new Error(`${call} has no guard ${predicate}`);
  return found;
};
const ask = async (guard: Guard, change: Partial<typeof lab> = {}) => {
  const reading = await Object.assign(openLab(), change).read('dr', guard.target, guard.path);
  if (!reading.ok) throw new Error('silent');
  return evaluateGuard(guard, reading).holds;
};

test('the guards of a split: copies PAIR, replication PAIR, restore journal small', async () => {
  const paired = guardOf('split.split', 'clone-paired');
  expect(await ask(paired)).toBe(true);
  expect(await ask(paired, { copyStatus: ['PSUS', 'SSUS'] })).toBe(false);
  expect(await ask(paired, { copyStatus: ['COPY', 'COPY'] })).toBe(false);
  const secondary = guardOf('split.split', 'secondary-paired');
  expect(await ask(secondary)).toBe(true);
  expect(await ask(secondary, { svolStatus: 'PFUL' })).toBe(false);
  expect(await ask(secondary, { svolStatus: 'SSWS' })).toBe(false);
  const journal = guardOf('split.split', 'journal-steady');
  expect(await ask(journal, { usageRate: 20 })).toBe(true);
  expect(await ask(journal, { usageRate: 21 })).toBe(false);
  expect(await ask(journal, { restoreStatus: 'SJSN' })).toBe(false);
});

test('a pair too many, too few or another LDEV does not hold', async () => {
  const paired = guardOf('split.split', 'clone-paired');
  const pairs = openLab().pairs;
  const moved = pairs.map((pair, i) => (i === 0 ? { ...pair, copy: 9999 } : pair));
  expect(await ask(paired, { pairs: pairs.slice(1) })).toBe(false);
  expect(
    await ask(paired, { pairs: [...pairs, { ...(pairs[0] as (typeof pairs)[0]), name: 'more' }] }),
  ).toBe(false);
  expect(await ask(paired, { pairs: moved })).toBe(false);
  expect(await ask(paired, { pairs: [] })).toBe(false);
});

test('the guards of a start: network closed and alone, no port but ours, copies split', async () => {
  const start = 'boot.start-pay-db1';
  const network = { shared: false, external: false, segment: 1201, otherOnSegment: false };
  const closed = guardOf(start, 'network-closed');
  expect(await ask(closed)).toBe(true);
  expect(await ask(closed, { network: { ...network, shared: true } })).toBe(false);
  expect(await ask(closed, { network: { ...network, external: true } })).toBe(false);
  const alone = guardOf(start, 'segment-alone');
  expect(await ask(alone)).toBe(true);
  expect(await ask(alone, { network: { ...network, otherOnSegment: true } })).toBe(false);
  expect(await ask(alone, { network: { ...network, segment: null } })).toBe(false);
  const ports = guardOf(start, 'only-own-ports');
  const port = { id: uuid('p'), network_id: lab.service.drill.network, device_id: '' };
  expect(
    await ask(ports, { ports: [{ ...port, name: 'stranger', device_owner: 'compute:nova' }] }),
  ).toBe(false);
  expect(
    await ask(ports, { ports: [{ ...port, name: '', device_owner: 'network:router_interface' }] }),
  ).toBe(false);
  const own = plan.calls.find((call) => call.id === 'boot.port-pay-db1-1')?.creates?.key ?? '';
  expect(await ask(ports, { ports: [{ ...port, name: own, device_owner: 'compute:nova' }] })).toBe(
    true,
  );
  expect(
    await ask(ports, { ports: [{ ...port, name: own, device_owner: 'network:router_gateway' }] }),
  ).toBe(false);
  const split = guardOf(start, 'clone-split');
  expect(await ask(split)).toBe(false);
  expect(await ask(split, { copyStatus: ['PSUS', 'SSUS'], copyProgress: 10 })).toBe(true);
});

test('the guards of a resync: copied to the end, no path but the pair path, attached to nothing', async () => {
  const whole = guardOf('resync.resync', 'clone-split-whole');
  expect(await ask(whole, { copyStatus: ['PSUS', 'SSUS'] })).toBe(true);
  expect(await ask(whole, { copyStatus: ['PSUS', 'SSUS'], copyProgress: 99 })).toBe(false);
  const path = guardOf('resync.resync', 'only-pair-path');
  expect(await ask(path)).toBe(true);
  expect(await ask(path, { paths: 2 })).toBe(false);
  const free = guardOf('resync.resync', 'volume-free');
  const status = (text: string, attachments: { server_id: string }[] = []) => ({
    volumes: new Map(lab.pairs.map((pair) => [pair.copyVolume, { status: text, attachments }])),
  });
  expect(await ask(free, status('maintenance'))).toBe(true);
  expect(await ask(free, status('in-use'))).toBe(false);
  expect(await ask(free, status('available', [{ server_id: 'x' }]))).toBe(false);
});

test.each([
  [404, {}],
  [500, {}],
  [202, undefined],
  [200, 'an HTML page'],
  [200, null],
  [200, {}],
  [200, { data: [] }],
])('no guard of the whole plan holds on %s %j', (status, body) => {
  for (const call of plan.calls) {
    for (const guard of call.guards)
      expect(evaluateGuard(guard, { status, body }).holds).toBe(false);
  }
});

test('an unknown predicate, one of another target, and odd arguments never hold', async () => {
  const guard = guardOf('split.split', 'clone-paired');
  expect(await ask({ ...guard, predicate: 'toString' })).toBe(false);
  expect(await ask({ ...guard, predicate: 'network-closed' })).toBe(false);
  expect(await ask({ ...guard, args: {} })).toBe(false);
  expect(await ask({ ...guard, args: { pairs: [] } })).toBe(false);
});
