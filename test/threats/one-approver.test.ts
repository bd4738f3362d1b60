/** One approver is not honest: what one person can do with role, accounts and key. */
import { expect, test } from '@jest/globals';
import type { Order } from '../../lib/gateway/orders.ts';
import { openBook } from '../../lib/gateway/server/book.ts';
import { carryOut } from '../../lib/gateway/server/orders.ts';
import { trustHash } from '../../lib/gateway/trust.ts';
import {
  dataPlan,
  folderOf,
  lee,
  ownStatement,
  park,
  signedBy,
  trustOf,
} from '../gateway/people.ts';
import { codeOf, openHouse, statementsOf } from '../gateway/support.ts';

test('alone approves nothing, whatever is signed and however often', async () => {
  const house = openHouse({ plan: dataPlan(), folder: folderOf() });
  await house.register();
  const { planHash } = house;
  const nonces = ['aa', 'bb', 'cc'].map((text) => text.repeat(16));
  const all = nonces.map((nonce) => ownStatement(house, lee, { nonce }));
  expect(await codeOf(house.gateway.approve({ planHash, statements: all }))).toBe(
    'GW-APPROVAL-PEOPLE',
  );
  const forPark = ownStatement(house, park, { by: lee });
  const both = [ownStatement(house, lee), forPark];
  expect(await codeOf(house.gateway.approve({ planHash, statements: both }))).toBe(
    'GW-APPROVAL-WITNESS',
  );
});

test('with a stolen control plane at hand still needs the second person’s key', async () => {
  const house = openHouse({ plan: dataPlan(), folder: folderOf() });
  await house.register();
  const clicks = statementsOf(house, { class: 'data' }, [park]);
  const statements = [ownStatement(house, lee), ...clicks];
  expect(await house.gateway.approve({ planHash: house.planHash, statements })).toEqual({
    covered: 'copy',
  });
  expect(await codeOf(house.put('split.group'))).toBe('GW-NOT-APPROVED');
});

test('cannot make a friend a second approver, or be two in trust.yml', async () => {
  const house = openHouse({ folder: folderOf() });
  const book = openBook(house.disk.open());
  const text = JSON.stringify(trustOf());
  await book.write({ type: 'trust', at: 0, hash: trustHash(trustOf()), text });
  const next = trustOf({ controlPlanes: [] });
  const order: Order = {
    ...{ v: 1, kind: 'trust', site: 'dr' },
    ...{ from: trustHash(trustOf()), to: trustHash(next), text: JSON.stringify(next) },
  };
  const desk = { book, folder: folderOf(), clock: house.clock, say: () => {} };
  const signatures = [signedBy(order, lee), signedBy(order, park, lee)];
  expect(await codeOf(carryOut(desk, { order, signatures }))).toBe('GW-ORDER-PEOPLE');
});
