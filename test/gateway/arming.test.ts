/** A gateway that lost its memory changes nothing until two people arm it again (rules 3 and 11). */
import { waveHash } from '../../lib/approval/wave.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import type { Order } from '../../lib/gateway/orders.ts';
import { openBook } from '../../lib/gateway/server/book.ts';
import { carryOut } from '../../lib/gateway/server/orders.ts';
import { seededRandom } from '../../lib/random.ts';
import { openSight, watchful } from '../../lib/run/watchful.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { folderOf, lee, mallory, park, signedBy } from './people.ts';
import { drillPlan } from './plan.ts';
import { codeOf, type House, keys, openHouse, testDisk, URL_OF_GATEWAY } from './support.ts';

/** A client that tells what was seen. */
const telling = (house: House, seen: () => Promise<string | undefined>) =>
  gatewayClient({
    site: 'dr',
    url: URL_OF_GATEWAY,
    http: (request) => house.tap((inner) => house.running.handle(inner))(request),
    signer: { keyId: 'control', privateKey: keys.control.privateKey },
    gatewayKey: keys.own.publicKey,
    clock: house.clock,
    random: seededRandom('telling'),
    seen,
  });

/** Approved and begun, then put back to where it was before the call. */
async function forgetful(): Promise<House> {
  const house = openHouse({ folder: folderOf() });
  await house.approve();
  const copy = [...house.disk.lines];
  await house.done('split.group');
  const seen = `i-1 ${house.disk.lines.length}`;
  const restored = openHouse({ folder: folderOf(), disk: testDisk(copy) });
  restored.gateway = telling(restored, async () => seen);
  return restored;
}

async function arm(house: House, people = [lee, park], change: object = {}): Promise<string> {
  const book = openBook(house.disk.open());
  const seen = book.memory.amnesia?.seen;
  const order: Order = {
    ...{ v: 1, kind: 'arm', site: 'dr', ends: book.incarnation, has: book.count() },
    ...(seen === undefined ? {} : { seen }),
    begins: 'i-2',
    ...change,
  };
  const signatures = people.map((person) => signedBy(order, person));
  const desk = { book, folder: folderOf(), clock: house.clock, say: () => {} };
  const code = await codeOf(carryOut(desk, { order, signatures }));
  house.restart();
  return code;
}

test('what was sent before the loss is not sent again: every door that changes is shut', async () => {
  const house = await forgetful();
  expect(await codeOf(house.put('split.group'))).toBe('GW-AMNESIA');
  expect(await codeOf(house.register())).toBe('GW-AMNESIA');
  expect(await codeOf(house.approve())).toBe('GW-AMNESIA');
  expect(await codeOf(house.gateway.ask(house.keyOf('split.group')))).toBe('GW-AMNESIA');
  expect(await house.gateway.health()).toMatchObject({ armed: false, why: expect.any(String) });
  expect(house.site.accepted).toHaveLength(0);
});

test('it stays so after a start, also towards somebody who saw less', async () => {
  const house = await forgetful();
  await house.gateway.health();
  house.restart();
  house.gateway = telling(house, async () => undefined);
  expect(await codeOf(house.put('split.group'))).toBe('GW-AMNESIA');
  expect(house.disk.lines.filter((line) => line.includes('"amnesia"'))).toHaveLength(1);
});

test('who tells what it knows anyway, or less, is no news', async () => {
  const house = openHouse({ folder: folderOf() });
  await house.approve();
  house.gateway = telling(house, async () => `i-1 ${house.disk.lines.length}`);
  await house.done('split.group');
  expect(await house.gateway.health()).toMatchObject({ armed: true });
});

test('what was seen cannot be taken off or put onto a signed message', async () => {
  const house = await forgetful();
  house.tap = (http) => (request) => {
    const { 'drillbook-seen': _gone, ...headers } = request.headers;
    return http({ ...request, headers });
  };
  expect(await codeOf(house.gateway.health())).toBe('GW-SIGNATURE');
  house.gateway = telling(house, async () => undefined);
  house.tap = (http) => (request) =>
    http({ ...request, headers: { ...request.headers, 'drillbook-seen': 'i-1 9999' } });
  expect(await codeOf(house.gateway.health())).toBe('GW-SIGNATURE');
});

test('one person, one person twice, or a stranger do not arm it', async () => {
  const house = await forgetful();
  await house.gateway.health();
  for (const people of [[lee], [lee, lee], [lee, mallory]]) {
    expect(await arm(house, people)).toBe('GW-ORDER-PEOPLE');
  }
  expect(await arm(house, [lee, park], { seen: { incarnation: 'i-1', counter: 1 } })).toBe(
    'GW-ORDER',
  );
  expect(await arm(house, [lee, park], { ends: 'i-0' })).toBe('GW-ORDER');
  expect(await codeOf(house.put('split.group'))).toBe('GW-AMNESIA');
});

test('armed again it takes new runs, and nothing of those approved before', async () => {
  const house = await forgetful();
  await house.gateway.health();
  expect(await arm(house)).toBe('was not refused');
  expect(await house.gateway.health()).toMatchObject({
    armed: true,
    incarnation: 'i-2',
    ended: ['i-1'],
  });
  expect(await codeOf(house.put('split.group'))).toBe('GW-AMNESIA');
  const key = house.keyOf('split.group');
  const asked = await house.gateway.ask(key, { planHash: house.planHash });
  expect(asked.state).toBe('lost');
  expect(await codeOf(house.put('split.group'))).toBe('GW-KEY-VOID');
  expect(await codeOf(house.put('split.group', { attempt: 2 }))).toBe('GW-AMNESIA');
  expect(await codeOf(house.approve({ nonce: 'again' }))).toBe('GW-AMNESIA');
  const plan = drillPlan({ run: 'r-0000000002' });
  const next = openHouse({ plan, folder: folderOf(), disk: house.disk });
  expect(await codeOf(next.approve())).toBe('GW-AMNESIA');
  next.clock.advance(600_000);
  await next.approve({ notAfter: next.clock.now() + plan.approval.expiresMs });
  expect((await next.done('split.group')).state).toBe('answered');
});

test('the approval of a wave is no younger than it is: its end lies later than that of one plan', async () => {
  const first = drillPlan();
  const before = openHouse({ folder: folderOf() });
  await before.register();
  const list = [
    { run: first.run, planHash: before.planHash },
    { run: 'r-0000000002', planHash: 'f'.repeat(64) },
  ];
  const hash = waveHash(list);
  const { expiresMs, runWithinMs } = first.approval;
  const notAfter = before.clock.now() + expiresMs + runWithinMs;
  const wave = { planHash: hash, factsHash: hash, wave: list, notAfter };
  const copy = [...before.disk.lines];
  await before.approve(wave);
  await before.done('split.group');

  const restored = openHouse({ folder: folderOf(), disk: testDisk(copy) });
  restored.gateway = telling(restored, async () => `i-1 ${before.disk.lines.length}`);
  await restored.gateway.health();
  expect(await arm(restored)).toBe('was not refused');
  expect(await codeOf(restored.approve(wave))).toBe('GW-AMNESIA');
  expect(await codeOf(restored.put('split.group'))).not.toBe('was not refused');
  expect(restored.site.accepted).toEqual([]);
});

test('a run that was here before is not served again, however fresh the signatures are', async () => {
  const house = await forgetful();
  await house.gateway.health();
  await arm(house);
  house.clock.advance(600_000);
  const fresh = { nonce: 'fresh', notAfter: house.clock.now() + house.plan.approval.expiresMs };
  expect(await codeOf(house.approve(fresh))).toBe('GW-AMNESIA');
  expect(await codeOf(house.put('split.group', { attempt: 1 }))).toBe('GW-AMNESIA');
  expect(house.site.accepted).toEqual([]);
});

test('armed again it calls nothing void for who does not say of which plan the key is', async () => {
  const house = await forgetful();
  await house.gateway.health();
  await arm(house);
  expect((await house.gateway.ask(house.keyOf('split.group'))).state).toBe('lost');
});

test('the engine goes on with it when two people ended the incarnation of which it saw more', async () => {
  const house = openHouse({ folder: folderOf() });
  await house.approve();
  const copy = [...house.disk.lines];
  const store = memoryStore();
  const watched = (one: House) => {
    const sight = openSight(store, 'dr');
    return watchful(telling(one, sight.told), store, sight);
  };
  const before = watched(house);
  await house.done('split.group');
  await before.health();
  const restored = openHouse({ folder: folderOf(), disk: testDisk(copy) });
  const engine = watched(restored);
  expect(await codeOf(engine.health())).toBe('RUN-GATEWAY-FORGOT');
  expect(await codeOf(engine.health())).toBe('RUN-GATEWAY-FORGOT');
  expect(await arm(restored)).toBe('was not refused');
  expect(await engine.health()).toMatchObject({ incarnation: 'i-2' });
  expect((await engine.ask('f'.repeat(64))).state).toBe('lost');
});
