/** Somebody has the disk of a gateway: its log, and a copy of it that is started elsewhere. */
import { expect, test } from '@jest/globals';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { seededRandom } from '../../lib/random.ts';
import { askMain, callAt, openPair, remoteGroup } from '../gateway/pair.ts';
import { folderOf, lee, pairOf, park } from '../gateway/people.ts';
import { drillPlan } from '../gateway/plan.ts';
import { codeOf, keys, openHouse, secrets, testDisk, URL_OF_GATEWAY } from '../gateway/support.ts';

test('the log holds no password, no token and no private key', async () => {
  const house = openHouse({ folder: folderOf() });
  await house.approve();
  for (const call of ['split.group', 'boot.release', 'boot.port', 'boot.server']) {
    await house.done(call);
  }
  const log = house.disk.lines.join('\n');
  const hidden = [keys.own, keys.control, pairOf(lee), pairOf(park)].map(({ privateKey }) =>
    privateKey.split('\n').slice(1, 2).join(''),
  );
  for (const secret of [...secrets, ...hidden]) expect(log).not.toContain(secret);
  expect(log).not.toMatch(/PRIVATE KEY|x-auth-token|"token"/i);
});

test('a copy that was left behind and is started again is told so, and changes nothing', async () => {
  const house = openHouse({ folder: folderOf() });
  await house.approve();
  const stolen = [...house.disk.lines];
  await house.done('split.group');
  const seen = `i-1 ${house.disk.lines.length}`;
  const copy = openHouse({ folder: folderOf(), disk: testDisk(stolen) });
  copy.gateway = gatewayClient({
    ...{ site: 'dr', url: URL_OF_GATEWAY, http: (request) => copy.running.handle(request) },
    ...{ gatewayKey: keys.own.publicKey, clock: copy.clock, random: seededRandom('copy') },
    signer: { keyId: 'control', privateKey: keys.control.privateKey },
    seen: async () => seen,
  });
  expect(await codeOf(copy.put('split.group'))).toBe('GW-AMNESIA');
  expect(copy.site.accepted).toHaveLength(0);
});

test('a thief of the other gateway gets a few sessions of this array at a time, not all of them', async () => {
  const swap = callAt('dr', {
    ...{ id: 'swap.resync', step: 'swap', class: 'takeover' },
    path: remoteGroup('dr', 'whole', 'resync'),
    body: { parameters: { replicationType: 'UR', doSwapSvol: true } },
  });
  const plan = drillPlan({ class: 'takeover', calls: [swap] });
  const house = openPair();
  await house.open(plan);
  const { grant } = await askMain(house);
  const asks = Array.from({ length: 20 }, (_, i) => codeOf(grant(plan, 'swap.resync', i + 1)));
  const codes = await Promise.all(asks);
  expect(codes.filter((code) => code === 'was not refused')).toHaveLength(8);
  expect(codes.filter((code) => code === 'GW-LEND')).toHaveLength(12);
  house.clock.advance(26_000);
  await house.running.main.tidy();
  expect(await codeOf(grant(plan, 'swap.resync', 21))).toBe('was not refused');
});

test('a thief of the other gateway cannot use up the epochs of a unit', async () => {
  const house = openPair();
  const { tell } = await askMain(house);
  const epochs = [{ unit: drillPlan().unit, epoch: Number.MAX_SAFE_INTEGER }];
  expect(await codeOf(tell({ epochs }))).toBe('GW-EPOCH');
  expect(house.entries('main', 'peer-epochs')).toEqual([]);
});
