/** Values that only the gateway fills in, and only from what this run made. */

import { ids } from './plan.ts';
import { codeOf, type House, openHouse } from './support.ts';

async function upTo(calls: readonly string[]): Promise<House> {
  const house = openHouse();
  await house.approve();
  for (const call of calls) await house.done(call);
  return house;
}

const BOOT = ['split.group', 'boot.release', 'boot.port', 'boot.server'];
const loseAnswer = (house: House): void => {
  house.site.afterChange = () => {
    throw new Error('reset');
  };
};

test('an answer that gives no plain id fills no hole', async () => {
  for (const id of ['../servers/prod', 'a b', '', 'x'.repeat(65), 7, undefined]) {
    const house = await upTo(BOOT.slice(0, 3));
    house.site.onChange = () => ({
      status: 202,
      headers: {},
      body: JSON.stringify({ server: { id } }),
    });
    await house.done('boot.server');
    house.site.onChange = () => undefined;
    expect(await codeOf(house.put('remove.server'))).toBe('GW-HOLE');
  }
});

test('a lost create is found again by its key, and by its key alone', async () => {
  const house = await upTo(BOOT.slice(0, 3));
  house.site.state.servers.push({ id: 'prod-1', metadata: { 'drillbook-key': 'another' } });
  loseAnswer(house);
  expect((await house.done('boot.server')).state).toBe('lost');
  house.site.afterChange = () => {};
  house.restart();
  await house.done('remove.server');
  expect(house.site.accepted.at(-1)).toBe('DELETE /compute/v2.1/servers/server-2');
  expect(house.site.state.servers.map(({ id }) => id)).toEqual(['prod-1']);
});

test('a lost create that made two, or an unreadable listing, is refused', async () => {
  const house = await upTo(BOOT.slice(0, 3));
  loseAnswer(house);
  await house.done('boot.server');
  house.site.afterChange = () => {};
  house.site.state.servers.push({ id: 'x-2', metadata: { 'drillbook-key': ids.serverKey } });
  expect(await codeOf(house.put('remove.server'))).toBe('GW-HOLE');
  house.site.onRead = () => ({ status: 500, headers: {}, body: '' });
  expect(await codeOf(house.put('remove.server'))).toBe('GW-HOLE');
  const [server] = house.site.state.servers;
  const page = { servers: [server], servers_links: [{ rel: 'next', href: 'http://x' }] };
  house.site.onRead = () => ({ status: 200, headers: {}, body: JSON.stringify(page) });
  expect(await codeOf(house.put('remove.server'))).toBe('GW-HOLE');
});

test('a lost create may still turn up: not needed only when it did not for a minute', async () => {
  const house = await upTo(BOOT.slice(0, 3));
  house.site.onChange = () => {
    throw new Error('reset');
  };
  await house.done('boot.server');
  house.site.onChange = () => undefined;
  expect(await codeOf(house.put('remove.server'))).toBe('GW-HOLE');
  house.clock.advance(61_000);
  const asked = await house.done('remove.server');
  expect(asked.receipt).toMatchObject({ kind: 'not-needed', status: 0 });
});

test('what was never made need not be removed: receipted, sent nowhere, counts as satisfied', async () => {
  const house = await upTo(BOOT.slice(0, 2));
  const sent = house.site.accepted.length;
  const asked = await house.done('remove.server');
  expect(asked).toMatchObject({ state: 'answered', receipt: { kind: 'not-needed', guards: [] } });
  expect(house.site.accepted).toHaveLength(sent);
  house.restart();
  expect((await house.gateway.ask(house.keyOf('remove.server'))).receipt?.kind).toBe('not-needed');
  expect((await house.done('resync.group')).state).toBe('answered');
});

test('with an object under its key that nobody sent for, nothing is removed', async () => {
  const house = await upTo(BOOT.slice(0, 2));
  house.site.state.servers.push({ id: 'x-1', metadata: { 'drillbook-key': ids.serverKey } });
  expect(await codeOf(house.put('remove.server'))).toBe('GW-HOLE');
});

test('nothing is created under a key that is taken, and a retry makes no second one', async () => {
  const house = await upTo(BOOT.slice(0, 3));
  loseAnswer(house);
  await house.done('boot.server');
  house.site.afterChange = () => {};
  const retry = { attempt: 2, retry: { event: 'e-1', person: 'p-00000003' } };
  expect(await codeOf(house.put('boot.server', retry))).toBe('GW-EXISTS');
  expect(house.site.state.servers).toHaveLength(1);
});

test('a server that is gone already counts as removed', async () => {
  const house = await upTo(BOOT);
  house.site.state.servers = [];
  expect((await house.done('remove.server')).receipt).toMatchObject({ kind: 'not-needed' });
  expect((await house.done('resync.group')).state).toBe('answered');
});

test('a change turned down holds up what follows it, and may be tried again', async () => {
  const house = await upTo(['split.group']);
  house.site.onChange = () => ({ status: 503, headers: {}, body: '' });
  await house.done('boot.release');
  house.site.onChange = () => undefined;
  expect(await codeOf(house.put('boot.port'))).toBe('GW-AFTER');
  await house.done('boot.release', { attempt: 2 });
  expect((await house.done('boot.port')).state).toBe('answered');
});

test('after a lost change without a key, the guards of the next call must see its effect', async () => {
  const house = await upTo(['split.group']);
  loseAnswer(house);
  await house.done('boot.release');
  house.site.afterChange = () => {};
  // boot.port has no guards: nothing shows that the volume was released.
  expect(await codeOf(house.put('boot.port'))).toBe('GW-AFTER');
  const split = await upTo([]);
  loseAnswer(split);
  await split.done('split.group');
  split.site.afterChange = () => {};
  expect((await split.done('boot.release')).state).toBe('answered');
});
