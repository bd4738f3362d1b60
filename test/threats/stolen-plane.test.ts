/**
 * Somebody has the control plane's key: a stolen Lambda role, or whoever administers its account.
 * What the gateways still refuse, and, as plainly, what they cannot.
 */
import { expect, test } from '@jest/globals';
import { hashOf } from '../../lib/canonical.ts';
import type { GatewayRefused } from '../../lib/gateway/errors.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import { signRequest } from '../../lib/gateway/signatures.ts';
import { dataPlan, folderOf, lee, ownStatement, park } from '../gateway/people.ts';
import { calls, drillPlan, ids } from '../gateway/plan.ts';
import {
  codeOf,
  type House,
  keys,
  openHouse,
  statementsOf,
  testDisk,
  URL_OF_GATEWAY,
} from '../gateway/support.ts';

test('it cannot approve for people what is above class copy', async () => {
  const house = openHouse({ plan: dataPlan(), folder: folderOf() });
  await house.approve({ class: 'takeover' });
  expect(await codeOf(house.put('split.group'))).toBe('GW-NOT-APPROVED');
  // The witness names the person's key, and signs with its own.
  const forged = [lee, park].map((person) => {
    const own = ownStatement(house, person);
    const [click] = statementsOf(house, { class: 'data' }, [person]);
    return { ...own, signature: click?.signature ?? '' };
  });
  const { planHash } = house;
  expect(await codeOf(house.gateway.approve({ planHash, statements: forged }))).toBe(
    'GW-APPROVAL-WITNESS',
  );
  expect(house.site.accepted).toHaveLength(0);
});

test('it cannot use what people signed for another plan, run, or set of facts', async () => {
  const house = openHouse({ plan: dataPlan(), folder: folderOf() });
  await house.register();
  const signed = [lee, park].map((person) => ownStatement(house, person));
  const others = [
    { ...dataPlan(), run: 'r-0000000002' },
    { ...dataPlan(), unit: 'ELSE' },
    drillPlan({ class: 'data', calls: [...dataPlan().calls, calls.foreign] }),
  ];
  for (const plan of others) {
    const other = openHouse({ plan, folder: folderOf(), disk: house.disk });
    await other.register();
    const { planHash } = other;
    expect(await codeOf(other.gateway.approve({ planHash, statements: signed }))).toBe(
      'GW-APPROVAL-OTHER',
    );
  }
});

test('it cannot call what is not drillable a copy', async () => {
  const release = { ...calls.release, path: `/volumes/${ids.otherVolume}/action` };
  const house = openHouse({ plan: drillPlan({ calls: [calls.split, release] }) });
  expect(await codeOf(house.register())).toBe('GW-PLAN-CLASS');
});

test('it cannot change whom a gateway believes: there is no door for it', async () => {
  const house = openHouse({ folder: folderOf() });
  for (const path of ['/v1/trust', '/v1/orders', '/v1/arm']) {
    const request = await signRequest(
      { method: 'POST', url: `${URL_OF_GATEWAY}${path}`, headers: {}, body: '{}' },
      {
        signer: { keyId: 'control', privateKey: keys.control.privateKey },
        createdMs: house.clock.now(),
        nonce: path.length.toString(16).padStart(32, '0'),
      },
    );
    const answer = await house.running.handle(request);
    expect(JSON.parse(answer.body).code).toBe('GW-DOOR');
  }
});

test('it cannot have a call sent twice by denying what happened', async () => {
  const house = openHouse();
  await house.approve();
  await house.done('split.group');
  expect(await codeOf(house.put('split.group', { attempt: 2 }))).toBe('GW-ATTEMPT');
  await house.put('split.group');
  await house.running.settled();
  expect(house.site.accepted).toHaveLength(1);
});

test('it cannot keep the gateway busy with the name of a target', async () => {
  const house = openHouse();
  const path = `/v1/objects/storages/${'a'.repeat(40)}b`;
  const began = process.hrtime.bigint();
  expect(await codeOf(house.gateway.read('array:((a+)+)+', path))).toBe('GW-READ');
  expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(1_000);
});

test('it cannot use up the epochs of a unit', async () => {
  const house = openHouse();
  await house.approve();
  const { unit, run } = house.plan;
  const { planHash } = house;
  const far = Number.MAX_SAFE_INTEGER;
  expect(await codeOf(house.gateway.announce({ unit, run, planHash, epoch: far }))).toBe(
    'GW-EPOCH',
  );
  expect(await codeOf(house.put('split.group', { epoch: far }))).toBe('GW-EPOCH');
  expect((await house.done('split.group', { epoch: 7 })).state).toBe('answered');
});

test('it cannot take a unit from its holder with a run whose time is over, or without saying so', async () => {
  const old = openHouse();
  await old.approve({ notAfter: old.clock.now() + 60_000 });
  old.clock.advance(60_001 + old.plan.approval.runWithinMs);
  const plan = drillPlan({ run: 'r-0000000002', drillType: 'real-disaster' });
  const holder: House = { ...old, plan, planHash: hashOf(plan) };
  await old.gateway.register({ plan, runbook: 'runbook: x', config: {} });
  await old.gateway.approve({ planHash: holder.planHash, statements: statementsOf(holder) });
  const { unit } = plan;
  await old.gateway.announce({ unit, run: plan.run, planHash: holder.planHash, epoch: 2 });
  const taking = { unit, run: old.plan.run, planHash: old.planHash, epoch: 3 };
  expect(await codeOf(old.gateway.announce(taking))).toBe('GW-EXPIRED');

  const third = drillPlan({ run: 'r-0000000003' });
  const unsaid: House = { ...old, plan: third, planHash: hashOf(third) };
  await old.gateway.register({ plan: third, runbook: 'runbook: x', config: {} });
  await old.gateway.approve({ planHash: unsaid.planHash, statements: statementsOf(unsaid) });
  const key = callKey({ run: third.run, callId: 'split.group', attempt: 1 });
  const body = { ...old.body('split.group', { epoch: 3 }), planHash: unsaid.planHash };
  expect(await codeOf(old.gateway.put(key, body))).toBe('GW-EPOCH');
  expect(old.site.accepted).toEqual([]);
});

test('what it can do, 1: a drill on drillable copies with clicks nobody made', async () => {
  const house = openHouse();
  await house.approve();
  expect((await house.done('split.group')).state).toBe('answered');
  expect(house.site.accepted).toHaveLength(1);
});

test('what it can do, 3: a call of an approved plan once more, by a retry that nobody ordered', async () => {
  const house = openHouse();
  await house.approve();
  await house.done('split.group');
  house.site.state.clones = 'PSUS';
  const retry = { event: 'made-up', person: 'p-00000003' };
  // Only the guards of the plan stand in its way.
  expect(await codeOf(house.put('split.group', { attempt: 2, retry }))).toBe('GW-GUARD');
  house.site.state.clones = 'PAIR';
  expect((await house.done('split.group', { attempt: 2, retry })).state).toBe('answered');
  expect(house.site.accepted).toHaveLength(2);
});

test('what it can do, 2: shut a gateway by saying that more was seen of it', async () => {
  const house = openHouse({ disk: testDisk() });
  await house.register();
  const request = await signRequest(
    {
      method: 'GET',
      url: `${URL_OF_GATEWAY}/v1/health`,
      headers: { 'drillbook-seen': 'i-1 999999' },
    },
    {
      signer: { keyId: 'control', privateKey: keys.control.privateKey },
      createdMs: house.clock.now(),
      nonce: 'ee'.repeat(16),
    },
  );
  await house.running.handle(request);
  const refused: GatewayRefused = await house.register().then(
    () => Promise.reject(new Error('taken')),
    (error) => error,
  );
  expect(refused.code).toBe('GW-AMNESIA');
});
