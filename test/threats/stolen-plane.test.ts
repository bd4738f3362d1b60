/**
 * Somebody has the control plane's key: a stolen Lambda role, or whoever administers its account.
 * What the gateways still refuse, and, as plainly, what they cannot.
 */
import { expect, test } from '@jest/globals';
import type { GatewayRefused } from '../../lib/gateway/errors.ts';
import { signRequest } from '../../lib/gateway/signatures.ts';
import { dataPlan, folderOf, lee, ownStatement, park } from '../gateway/people.ts';
import { calls, drillPlan, ids } from '../gateway/plan.ts';
import {
  codeOf,
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

test('what it can do, 1: a drill on drillable copies with clicks nobody made', async () => {
  const house = openHouse();
  await house.approve();
  expect((await house.done('split.group')).state).toBe('answered');
  expect(house.site.accepted).toHaveLength(1);
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
