/** A target that is silent, busy, or full of waiting reads: what is refused, and what is sent once. */
import { manualClock } from '../../lib/clock.ts';
import {
  admitRead,
  admitsChange,
  answered,
  type Breaker,
  CLOSED,
  silent,
} from '../../lib/gateway/server/targets/breaker.ts';
import { openTargets } from '../../lib/gateway/server/targets/index.ts';
import { openLane } from '../../lib/gateway/server/targets/lane.ts';
import { scriptedSite } from './scripted.ts';
import { codeOf, gatewayFolder, openHouse } from './support.ts';

const ARRAY = 'array:900000040015';

describe('the breaker, every state by every event', () => {
  const one: Breaker = { state: 'closed', silences: 1 };
  const two: Breaker = { state: 'closed', silences: 2 };
  const open: Breaker = { state: 'open', until: 10_000 };
  const half: Breaker = { state: 'half-open' };
  test.each([
    [CLOSED, one],
    [one, two],
    [two, { state: 'open', until: 10_500 }],
    [open, open],
    [half, { state: 'open', until: 10_500 }],
  ] as const)('silence: %j -> %j', (from, to) => {
    expect(silent(from, 500)).toEqual(to);
  });
  test.each([
    [CLOSED, 0, CLOSED],
    [two, 0, two],
    [open, 9_999, undefined],
    [open, 10_000, half],
    [half, 99_999, undefined],
  ] as const)('a read at %j, %d -> %j', (from, now, to) => {
    expect(admitRead(from, now)).toEqual(to);
    expect(admitsChange(from, now)).toBe(to !== undefined);
  });
  test('any answer closes it', () => {
    expect(answered()).toEqual(CLOSED);
  });
});

test('open: nothing is sent, not even a read; after the rest one read decides, never a change', async () => {
  const house = openHouse();
  await house.approve();
  let dead = true;
  let knocks = 0;
  const through = house.site.http;
  const site = { ...house.site };
  house.site.onRead = () => {
    knocks++;
    if (dead) throw new Error('connect ETIMEDOUT');
    return undefined;
  };
  expect(site.http).toBe(through);
  const read = () => house.gateway.read(ARRAY, '/v1/objects/ldevs');
  for (let time = 0; time < 3; time++) expect(await codeOf(read())).toBe('GW-TARGET-SILENT');
  const asked = house.site.asked.length;
  expect(await codeOf(read())).toBe('GW-TARGET-OPEN');
  expect(await codeOf(house.put('split.group'))).toBe('GW-TARGET-OPEN');
  expect(house.site.asked).toHaveLength(asked);
  house.clock.advance(10_000);
  // The probe of a put is its first read; it fails, and the change was never accepted.
  expect(await codeOf(house.put('split.group'))).toMatch(/GW-TARGET-SILENT|GW-GUARD/);
  expect(await codeOf(house.put('split.group'))).toBe('GW-TARGET-OPEN');
  expect(house.site.accepted).toEqual([]);
  dead = false;
  house.clock.advance(10_000);
  expect((await house.done('split.group')).state).toBe('answered');
  expect(house.site.accepted).toHaveLength(1);
  expect(knocks).toBeGreaterThan(3);
});

test('half-open lets one read through at a time', async () => {
  const clock = manualClock();
  const site = scriptedSite(clock);
  const { find } = openTargets(gatewayFolder(), { http: site.http, clock });
  const target = find(ARRAY);
  site.onRead = () => {
    throw new Error('socket hang up');
  };
  for (let time = 0; time < 3; time++) await target.get('/v1/objects/ldevs').catch(() => {});
  clock.advance(10_000);
  site.onRead = () => undefined;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => target.get('/v1/objects/ldevs')),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual([
    ...['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected'],
  ]);
  expect((await target.get('/v1/objects/ldevs')).status).toBe(200);
});

test('a refusal is an answer: 503 and 401 open nothing', async () => {
  const clock = manualClock();
  const site = scriptedSite(clock);
  const { find } = openTargets(gatewayFolder(), { http: site.http, clock });
  site.onRead = () => ({ status: 503, headers: {}, body: '' });
  for (let time = 0; time < 9; time++) {
    expect((await find(ARRAY).get('/v1/objects/ldevs')).status).toBe(503);
  }
  site.onRead = () => ({ status: 401, headers: {}, body: '' });
  expect((await find(ARRAY).get('/v1/objects/ldevs')).status).toBe(401);
});

describe('changes at once', () => {
  const clock = manualClock();
  const later = () => clock.now() + 30_000;

  test('first come, first served; who waits too long is told and never goes', async () => {
    const lane = openLane('array:x', { limit: 1, clock });
    const first = await lane.enter(later());
    const order: string[] = [];
    const soon = codeOf(lane.enter(clock.now() + 1_000));
    const second = lane.enter(later()).then((leave) => {
      order.push('second');
      return leave;
    });
    const third = lane.enter(later()).then((leave) => {
      order.push('third');
      return leave;
    });
    clock.advance(2_000);
    first();
    expect(await soon).toBe('GW-LATE');
    const leave = await second;
    leave();
    leave();
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  test('a queue that is full refuses, and goes on when there is room again', async () => {
    const lane = openLane('array:x', { limit: 2, clock });
    const leave = await lane.enter(later());
    await lane.enter(later());
    const waiting = Array.from({ length: 64 }, () => lane.enter(later()));
    expect(await codeOf(lane.enter(later()))).toBe('GW-BUSY');
    leave();
    await waiting[0];
    const another = lane.enter(later());
    expect(await Promise.race([another, 'waits'])).toBe('waits');
  });

  test('no more than the limit is on its way to an array, and each goes once', async () => {
    const site = scriptedSite(clock);
    const { find } = openTargets(gatewayFolder(), { http: site.http, clock });
    let now = 0;
    let most = 0;
    site.onChange = async () => {
      most = Math.max(most, ++now);
      await clock.sleep(1);
      now--;
      return { status: 202, headers: {}, body: '{}' };
    };
    const change = async () => {
      const turn = await find(ARRAY).enter(clock.now() + 60_000);
      await turn.prove();
      await turn.send({ method: 'PUT', path: '/v1/objects/x/actions/split/invoke' });
      turn.leave();
    };
    await Promise.all(Array.from({ length: 20 }, change));
    expect(most).toBe(4);
    expect(site.asked.filter((text) => text.startsWith('PUT'))).toHaveLength(20);
  });
});
