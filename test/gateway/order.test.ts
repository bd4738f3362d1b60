/** What comes before what: here by the log, elsewhere by receipts that the other gateway signed. */
import { signStatement } from '../../lib/approval/statement.ts';
import { canonical, hashOf, sha256 } from '../../lib/canonical.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import type { PutCall, Receipt } from '../../lib/gateway/protocol.ts';
import { signReceipt } from '../../lib/gateway/receipt.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { calls, drillPlan } from './plan.ts';
import {
  codeOf,
  gatewayFolder,
  type House,
  keys,
  newPair,
  openHouse,
  type TestDisk,
  testDisk,
} from './support.ts';

const main = newPair();
const { split, server, remove } = calls;
/** A port that main makes; the server at DR takes its id. */
const portAtMain: PlanCall = { ...calls.port, site: 'main', target: 'neutron:main', after: [] };
const abroad = drillPlan({
  calls: [portAtMain, { ...server, after: ['boot.port'], guards: [] }, remove],
});

function openWith(plan: Plan, disk?: TestDisk): House {
  const base = gatewayFolder();
  const trust = { ...base.trust, peers: [{ site: 'main', publicKey: main.publicKey }] };
  return openHouse({
    plan,
    folder: { ...base, trust },
    ...(disk === undefined ? {} : { disk }),
  });
}

/** What main's gateway says became of its call. */
function told(
  plan: Plan,
  change: Partial<Receipt> = {},
  { privateKey }: { privateKey: string } = main,
): Receipt {
  const body = change.body ?? JSON.stringify({ port: { id: 'port-of-main' } });
  const callId = change.callId ?? 'boot.port';
  return signReceipt(
    {
      ...{ v: 1, gateway: 'main', incarnation: 'i-9', counter: 4, kind: 'call' },
      ...{ planHash: hashOf(plan), callId, key: callKey({ run: plan.run, callId, attempt: 1 }) },
      ...{ target: 'neutron:main', method: 'POST', path: '/v2.0/ports', requestHash: 'x' },
      ...{ status: 201, sentAt: 1, receivedAt: 2, simulated: true, guards: [] },
      ...change,
      ...{ body, answerHash: sha256(body) },
    },
    privateKey,
  );
}

const putWith = (house: House, callId: string, receipts: Receipt[], more: Partial<PutCall> = {}) =>
  codeOf(
    house
      .put(callId, { receipts, ...more })
      .then(() => house.running.settled())
      .then(() => Promise.reject(new Error('accepted'))),
  );

describe('a call of another site that comes before', () => {
  test('counts by the receipt of its gateway, which fills the hole and stays on the disk', async () => {
    const disk = testDisk();
    const house = openWith(abroad, disk);
    await house.approve();
    expect(await putWith(house, 'boot.server', [])).toBe('GW-AFTER');
    await house.gateway.ask(house.keyOf('boot.server'));
    expect(await putWith(house, 'boot.server', [told(abroad)], { attempt: 2 })).toBe('accepted');
    const sent = house.site.bodies.get('POST /compute/v2.1/servers') ?? '';
    expect(JSON.parse(sent).server.networks).toEqual([{ port: 'port-of-main' }]);
    // Kept: after a restart nobody needs to bring it again, and it stands there once.
    house.restart();
    await house.put('boot.server', { attempt: 2, receipts: [told(abroad)] });
    expect(disk.lines.filter((line) => line.includes('peer-receipts'))).toHaveLength(1);
  });

  test.each<[string, Partial<Receipt>, string]>([
    ['another plan', { planHash: '0'.repeat(64) }, 'GW-RECEIPT'],
    ['another call', { callId: 'boot.server' }, 'GW-RECEIPT'],
    ['a call nobody planned', { callId: 'boot.other' }, 'GW-RECEIPT'],
    [
      'the key of another run',
      { key: callKey({ run: 'r', callId: 'boot.port', attempt: 1 }) },
      'GW-RECEIPT',
    ],
    ['a read', { kind: 'read' }, 'GW-RECEIPT'],
    ['a gateway nobody knows', { gateway: 'far' }, 'GW-RECEIPT'],
    ['this gateway itself', { gateway: 'dr' }, 'GW-RECEIPT'],
    ['a call turned down', { status: 409 }, 'GW-AFTER'],
    ['a call of unclear end', { status: 500 }, 'GW-AFTER'],
    ['an answer without the value', { body: '{}' }, 'GW-HOLE'],
    ['an answer with no plain id', { body: '{"port":{"id":"../x"}}' }, 'GW-HOLE'],
  ])('does not count by a receipt of %s', async (_, change, code) => {
    const house = openWith(abroad);
    await house.approve();
    expect(await putWith(house, 'boot.server', [told(abroad, change)])).toBe(code);
    expect(house.site.accepted).toEqual([]);
  });

  test('does not count by a receipt that was altered, or that somebody else signed', async () => {
    const house = openWith(abroad);
    await house.approve();
    const good = told(abroad);
    const other = { ...good, body: '{"port":{"id":"other"}}' };
    expect(await putWith(house, 'boot.server', [other])).toBe('GW-RECEIPT');
    expect(await putWith(house, 'boot.server', [{ ...good, status: 200 }])).toBe('GW-RECEIPT');
    const forged = told(abroad, {}, keys.control);
    expect(await putWith(house, 'boot.server', [good, forged])).toBe('GW-RECEIPT');
  });

  test('that was not needed makes a clean-up not needed, and never a forward call', async () => {
    const tidy: PlanCall = {
      ...calls.release,
      ...{ id: 'tidy.up', step: 'tidy', phase: 'always' },
    };
    const plan = drillPlan({
      calls: [split, portAtMain, { ...server, after: ['boot.port'], guards: [] }, tidy],
    });
    const house = openWith(plan);
    await house.approve();
    const none = told(plan, { kind: 'not-needed', status: 0 });
    expect(await putWith(house, 'boot.server', [none])).toBe('GW-HOLE');
  });

  test('cannot be what a DELETE here names', async () => {
    const plan = drillPlan({
      calls: [
        { ...server, site: 'main', target: 'nova:main', after: [], holes: [] },
        { ...remove, after: [] },
      ],
    });
    expect(await codeOf(openWith(plan).register())).toBe('GW-PLAN-SHAPE');
  });
});

describe('phases', () => {
  const undo: PlanCall = {
    ...calls.resync,
    ...{ id: 'back.group', step: 'back', phase: 'undo', after: ['split.group'], guards: [] },
  };
  const undoAtMain: PlanCall = { ...undo, ...{ id: 'back.main', site: 'main' } };
  const forward = { ...calls.release, guards: [] };
  const plan = drillPlan({
    calls: [{ ...split, guards: [] }, forward, undo, undoAtMain, { ...calls.resync, after: [] }],
  });

  test('the first undo call closes forward; cleaning up stays open', async () => {
    const house = openWith(plan);
    await house.approve();
    await house.done('split.group');
    await house.done('back.group');
    expect(await codeOf(house.put('boot.release'))).toBe('GW-PHASE');
    house.restart();
    expect(await codeOf(house.put('boot.release'))).toBe('GW-PHASE');
    house.site.state.clones = 'PSUS';
    expect((await house.done('resync.group')).state).toBe('answered');
  });

  test('so does one at the other site, by its receipt', async () => {
    const house = openWith(plan);
    await house.approve();
    await house.done('split.group');
    const back = told(plan, { callId: 'back.main', status: 202 });
    expect(await putWith(house, 'boot.release', [back])).toBe('GW-PHASE');
  });

  test('a forward call beside an undo call that is being written down does not slip in', async () => {
    for (const order of [
      ['back.group', 'boot.release'],
      ['boot.release', 'back.group'],
    ]) {
      const house = openWith(plan);
      await house.approve();
      await house.done('split.group');
      await Promise.allSettled(order.map((id) => house.put(id)));
      await house.running.settled();
      const written = house.disk.lines
        .map((line) => JSON.parse(line))
        .filter(({ type }) => type === 'accepted')
        .map(({ callId }) => callId);
      const closed = written.indexOf('back.group');
      expect(closed).toBeGreaterThan(0);
      expect(written.slice(closed)).not.toContain('boot.release');
    }
  });

  test('nothing is undone where nothing was changed', async () => {
    const house = openWith(plan);
    await house.approve();
    expect(await codeOf(house.put('back.group'))).toBe('GW-PHASE');
    expect(await codeOf(house.put('resync.group'))).toBe('GW-PHASE');
  });
});

test('a step that two people skipped lets go what comes after it, and is never sent after all', async () => {
  const plan = drillPlan({ calls: [split, { ...calls.release, guards: [] }] });
  const house = openWith(plan);
  await house.approve();
  expect(await codeOf(house.put('boot.release'))).toBe('GW-AFTER');
  const statements = ['p-00000001', 'p-00000002'].map((person) =>
    signStatement(
      {
        ...{ v: 1, run: plan.run, planHash: hashOf(plan), factsHash: plan.factsHash },
        ...{ decision: 'skip', step: 'split', person, role: 'dr-approver', class: 'copy' },
        ...{ gateways: ['main', 'dr'], notAfter: house.clock.now() + 600_000, nonce: person },
      },
      { keyId: 'control', privateKey: keys.control.privateKey },
    ),
  );
  await house.gateway.skip({ planHash: hashOf(plan), step: 'split', statements });
  await house.gateway.ask(house.keyOf('boot.release'));
  expect((await house.done('boot.release', { attempt: 2 })).state).toBe('answered');
  expect(await codeOf(house.put('split.group'))).toBe('GW-SKIP');
});

test('what decided is in the receipt: guards, and the listings by key', async () => {
  const house = openHouse();
  await house.approve();
  for (const id of ['split.group', 'boot.release']) await house.done(id);
  const { receipt } = await house.done('boot.port');
  expect(receipt?.guards).toEqual([
    {
      ...{ id: 'made:boot.port', status: 200, holds: true, reading: [] },
      path: expect.stringContaining('/v2.0/ports'),
      answerHash: sha256(JSON.stringify({ ports: [] })),
    },
  ]);
  expect(canonical(receipt?.guards)).not.toContain('token');
});
