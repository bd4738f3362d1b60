/** The whole way: register, approve, put, ask; and at most once whatever dies when. */
import { canonical } from '../../lib/canonical.ts';
import { verifyReceipt } from '../../lib/gateway/receipt.ts';
import {
  codeOf,
  gatewayFolder,
  type House,
  keys,
  openHouse,
  secrets,
  testDisk,
} from './support.ts';

const FORWARD = ['split.group', 'boot.release', 'boot.port', 'boot.server'];
const WHOLE = [...FORWARD, 'remove.server', 'resync.group'];

async function drill(house: House, calls: readonly string[] = WHOLE): Promise<void> {
  for (const call of calls) {
    const asked = await house.done(call);
    expect([call, asked.state]).toEqual([call, 'answered']);
  }
}

test('a whole small drill is sent once, in order, and receipted', async () => {
  const house = openHouse();
  await house.approve();
  await drill(house);
  expect(house.site.accepted.map((text) => text.replace(/.*(?=\/)/, ''))).toEqual([
    ...['/invoke', '/action', '/ports', '/servers', '/server-1', '/invoke'],
  ]);
  const created = house.site.bodies.get('POST /compute/v2.1/servers') ?? '';
  expect(JSON.parse(created).server.networks).toEqual([{ port: 'port-1' }]);
  const { receipt, record } = await house.gateway.ask(house.keyOf('split.group'));
  expect(record).toMatchObject({ state: 'answered', callId: 'split.group', attempt: 1 });
  expect(receipt).toMatchObject({ kind: 'call', status: 202, simulated: true, gateway: 'dr' });
  expect(receipt?.guards).toMatchObject([{ id: 'clone-paired', holds: true }]);
  expect(receipt && verifyReceipt(receipt, keys.own.publicKey)).toBe(true);
});

test('no secret and no token is on the disk, in receipts or in what is said', async () => {
  const house = openHouse();
  await house.approve();
  await drill(house);
  const receipts = await Promise.all(WHOLE.map((call) => house.gateway.ask(house.keyOf(call))));
  const all = [house.disk.lines.join('\n'), canonical(receipts), house.said.join('\n')].join('\n');
  expect(house.site.tokens.length).toBeGreaterThan(1);
  for (const secret of [...secrets, ...house.site.tokens, keys.own.privateKey]) {
    expect(all).not.toContain(secret);
  }
});

test('what Nova tells an administrator in secret is in no record, receipt or reading', async () => {
  const house = openHouse();
  await house.approve();
  const made = { server: { id: 'server-1', adminPass: 'S3cret-of-the-server', name: '계정계' } };
  house.site.onChange = ({ url }) =>
    url.endsWith('/servers')
      ? { status: 202, headers: {}, body: JSON.stringify(made, null, 1) }
      : undefined;
  await drill(house, FORWARD);
  const seen = { id: 'server-1', 'OS-EXT-SRV-ATTR:user_data': 'c2VjcmV0IG9mIHRoZSBpbWFnZQ==' };
  const bodies = [
    JSON.stringify({ servers: [seen] }),
    'adminPass=S3cret-of-the-server',
    '{"a": 1}',
  ];
  const readings = [];
  for (const body of bodies) {
    house.site.onRead = () => ({ status: 200, headers: {}, body });
    readings.push(await house.gateway.read('nova:dr', '/servers/detail'));
  }
  const { receipt } = await house.gateway.ask(house.keyOf('boot.server'));
  const all = [house.disk.lines.join('\n'), canonical([receipt, readings]), house.said.join('\n')];
  expect(all.join('\n')).not.toMatch(/S3cret|c2VjcmV0/);
  expect(receipt?.body).toContain('(taken out by the gateway)');
  expect(receipt?.body).toContain('계정계');
  expect(readings.map(({ body }) => body)).toEqual([
    expect.stringContaining('"id":"server-1"'),
    '(taken out by the gateway)',
    '{"a": 1}',
  ]);
});

test('a repeated put returns the record and sends nothing', async () => {
  const house = openHouse();
  await house.approve();
  const [first, second] = await Promise.all([house.put('split.group'), house.put('split.group')]);
  await house.running.settled();
  const third = await house.put('split.group');
  expect([first.key, second.key, third.state]).toEqual([first.key, first.key, 'answered']);
  expect(house.site.accepted).toHaveLength(1);
  expect(await codeOf(house.gateway.put(first.key, house.body('boot.port')))).toBe('GW-KEY');
});

test('asking for an unknown key makes it void for ever, and frees the next attempt', async () => {
  const house = openHouse();
  await house.approve();
  expect(await house.gateway.ask(house.keyOf('split.group'))).toMatchObject({ state: 'void' });
  expect(await codeOf(house.put('split.group'))).toBe('GW-KEY-VOID');
  house.restart();
  expect(await codeOf(house.put('split.group'))).toBe('GW-KEY-VOID');
  expect(await house.done('split.group', { attempt: 2 })).toMatchObject({ state: 'answered' });
  expect(house.site.accepted).toHaveLength(1);
});

test('late worker: frozen before its put, its key is void when it thaws', async () => {
  const house = openHouse();
  await house.approve();
  const frozen = house.body('split.group');
  house.clock.advance(31_000);
  expect((await house.gateway.ask(house.keyOf('split.group'))).state).toBe('void');
  expect(await codeOf(house.gateway.put(house.keyOf('split.group'), frozen))).toBe('GW-KEY-VOID');
  expect(house.site.accepted).toHaveLength(0);
});

test('accepted without answer: lost for ever, sent again only as a new attempt by an operator', async () => {
  const house = openHouse();
  await house.approve();
  house.site.onChange = () => new Promise(() => {});
  await house.put('split.group');
  expect((await house.gateway.ask(house.keyOf('split.group'))).state).toBe('busy');
  house.restart();
  house.site.onChange = () => undefined;
  expect((await house.gateway.ask(house.keyOf('split.group'))).state).toBe('lost');
  expect((await house.put('split.group')).state).toBe('lost');
  const again = { attempt: 2, retry: { event: 'e-1', person: 'p-00000003' } };
  expect(await codeOf(house.put('split.group', { attempt: 2 }))).toBe('GW-ATTEMPT');
  const approver = { event: 'e-1', person: 'p-00000001' };
  expect(await codeOf(house.put('split.group', { ...again, retry: approver }))).toBe('GW-RETRY');
  expect(house.site.accepted).toHaveLength(0);
  expect((await house.done('split.group', again)).state).toBe('answered');
  const third = { ...again, attempt: 3 };
  expect(await codeOf(house.put('split.group', third))).toBe('GW-RETRY');
  expect(house.site.accepted).toHaveLength(1);
});

test('an exchange without an answer is lost, its effect may be there', async () => {
  const house = openHouse();
  await house.approve();
  house.site.afterChange = () => {
    throw new Error('socket hang up');
  };
  expect((await house.done('split.group')).state).toBe('lost');
  house.restart();
  expect((await house.gateway.ask(house.keyOf('split.group'))).state).toBe('lost');
  expect(house.site.accepted).toHaveLength(1);
});

test('a 401 to the change itself is a refusal and is not resent', async () => {
  const house = openHouse();
  await house.approve();
  let turnedDown = 0;
  house.site.onChange = () => ({ status: 401, headers: {}, body: String(++turnedDown) });
  expect((await house.done('split.group')).receipt).toMatchObject({ status: 401 });
  expect(turnedDown).toBe(1);
  house.site.onChange = () => undefined;
  expect((await house.done('split.group', { attempt: 2 })).receipt).toMatchObject({ status: 202 });
});

test('a session that ran out is renewed before the change, not by it', async () => {
  const house = openHouse();
  await house.approve();
  await house.gateway.read('array:900000040015', '/configuration/version');
  house.site.revoke();
  expect((await house.done('split.group')).receipt).toMatchObject({ status: 202 });
  // One for what is read, one for the change, and the first again for the guards.
  expect(house.site.asked.filter((text) => text.endsWith('/sessions'))).toHaveLength(3);
  const given = house.site.asked.filter((text) => /DELETE .*\/sessions\/\d+$/.test(text));
  expect(given).toHaveLength(1);
});

/** What the scripted site shows for each call. */
const effects: Readonly<Record<string, RegExp>> = {
  'split.group': /PUT .*split/,
  'boot.release': /POST .*action/,
  'boot.port': /POST .*ports/,
  'boot.server': /POST .*servers/,
  'remove.server': /DELETE .*server/,
  'resync.group': /PUT .*resync/,
};

test('killed at any disk write, before or after it reached the disk: each call at most once', async () => {
  const whole = openHouse();
  await whole.approve();
  await drill(whole);
  const writes = whole.disk.lines.length;
  expect(writes).toBe(14);
  const died = [];
  for (const how of ['dieAt', 'dieAfter'] as const) {
    for (let write = 1; write <= writes; write++) {
      const house = openHouse({ disk: testDisk() });
      house.restart({ [how]: write });
      const end = await Promise.race([goThrough(house), house.disk.died]);
      died.push(end);
      house.restart();
      for (const call of WHOLE) {
        const times = () => house.site.accepted.filter((text) => effects[call]?.test(text)).length;
        const before = times();
        const { state } = await house.gateway.ask(house.keyOf(call));
        await house.put(call).catch(() => {});
        await house.running.settled();
        const expected: readonly number[] = { void: [0], answered: [1], lost: [0, 1], busy: [] }[
          state
        ];
        expect({
          how,
          write,
          call,
          state,
          before: expected.includes(before) ? 'fits' : before,
        }).toEqual({
          ...{ how, write, call, state, before: 'fits' },
        });
        expect({ how, write, call, times: times() }).toEqual({ how, write, call, times: before });
      }
    }
  }
  expect(new Set(died)).toEqual(new Set(['died']));
});

/** Dies with the gateway: an engine that lives on is another test. */
async function goThrough(house: House): Promise<string> {
  let alive = true;
  void house.disk.died.then(() => {
    alive = false;
  });
  await house.approve();
  for (const call of WHOLE) if (alive) await house.done(call);
  return house.disk.died;
}

test('a broken disk sends nothing and gives no answer that could be believed', async () => {
  const house = openHouse();
  await house.approve();
  house.restart({ fails: true });
  expect(await codeOf(house.put('split.group'))).toBe('GW-UNREACHABLE');
  expect(await codeOf(house.gateway.ask(house.keyOf('split.group')))).toBe('GW-UNREACHABLE');
  expect(house.site.accepted).toHaveLength(0);
  expect(house.said.join()).toContain('no space left');
});

test('a disk put back to an older state shows a smaller counter, before its first void', async () => {
  const house = openHouse();
  await house.approve();
  const copy = [...house.disk.lines];
  await house.done('split.group');
  const seen = (await house.gateway.ask(house.keyOf('split.group'))).counter;
  house.disk.lines.splice(0, house.disk.lines.length, ...copy);
  house.restart();
  expect((await house.gateway.health()).counter).toBeLessThan(seen);
  const asked = await house.gateway.ask(house.keyOf('split.group'));
  expect(asked).toMatchObject({ state: 'void' });
  expect(asked.counter).toBeLessThan(seen);
});

test('health tells who it is and what may be touched, and the clock door tells the time', async () => {
  const house = openHouse();
  const health = await house.gateway.health();
  expect(health).toMatchObject({
    site: 'dr',
    version: 1,
    incarnation: 'i-1',
    drillable: gatewayFolder().settings.drillable,
    targets: expect.arrayContaining([
      'array:900000040015',
      'cinder:dr',
      'nova:dr',
      'neutron:dr',
      'probe',
    ]),
  });
});
