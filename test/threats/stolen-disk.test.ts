/** Somebody has the disk of a gateway: its log, and a copy of it that is started elsewhere. */
import { expect, test } from '@jest/globals';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { seededRandom } from '../../lib/random.ts';
import { folderOf, lee, pairOf, park } from '../gateway/people.ts';
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
