/** A step that stands before class data, let go by two own keys only: whatever the plane says (rules 1, 11). */
import type { SignedStatement, Statement } from '../../lib/gateway/protocol.ts';
import { folderOf, kim, lee, mallory, ownStatement, park } from './people.ts';
import { restorePlan } from './plan.ts';
import { codeOf, type House, openHouse, statementsOf } from './support.ts';

const STEP = 'split';

async function openRestore(): Promise<House> {
  const house = openHouse({ plan: restorePlan(), folder: folderOf() });
  await house.register();
  const { planHash } = house;
  const statements = [ownStatement(house, lee), ownStatement(house, park)];
  await house.gateway.approve({ planHash, statements });
  return house;
}

type Change = Partial<Statement> & { by?: string };
const own = (house: House, person: string, change: Change = {}): SignedStatement => {
  const role = person === kim ? 'operator' : 'dr-approver';
  return ownStatement(house, person, { decision: 'skip', step: STEP, role, ...change });
};
const hand = (house: House, statements: readonly SignedStatement[]) =>
  codeOf(house.gateway.skip({ planHash: house.planHash, step: STEP, statements: [...statements] }));
const clicks = (house: House, people: readonly string[] = [lee, park]) =>
  statementsOf(house, { decision: 'skip', step: STEP, class: 'data' }, people);

test('two own keys, one of them an approver’s, let go what comes after', async () => {
  const house = await openRestore();
  expect(await codeOf(house.put('back.restore'))).toBe('GW-AFTER');
  expect(await hand(house, [own(house, kim), own(house, park)])).toBe('was not refused');
  house.restart();
  await house.put('back.restore');
  expect(house.site.accepted).toHaveLength(1);
});

const OTHER = 'f'.repeat(64);
const refused: readonly [string, (house: House) => SignedStatement[], string][] = [
  ['one person', (h) => [own(h, park)], 'GW-SKIP'],
  ['one person twice', (h) => [own(h, park), own(h, park, { nonce: '99'.repeat(16) })], 'GW-SKIP'],
  [
    'one person in two roles',
    (h) => [own(h, kim), own(h, kim, { role: 'dr-approver' })],
    'GW-APPROVAL-PERSON',
  ],
  ['the key of another', (h) => [own(h, kim), own(h, park, { by: kim })], 'GW-APPROVAL-WITNESS'],
  ['a stranger', (h) => [own(h, kim), own(h, mallory)], 'GW-APPROVAL-WITNESS'],
  ['another step', (h) => [own(h, kim), own(h, park, { step: 'back' })], 'GW-APPROVAL-OTHER'],
  ['another plan', (h) => [own(h, kim), own(h, park, { planHash: OTHER })], 'GW-APPROVAL-OTHER'],
  ['another run', (h) => [own(h, kim), own(h, park, { run: 'r-other' })], 'GW-APPROVAL-OTHER'],
  ['other facts', (h) => [own(h, kim), own(h, park, { factsHash: OTHER })], 'GW-APPROVAL-OTHER'],
  ['an approval', (h) => [own(h, kim), ownStatement(h, park)], 'GW-APPROVAL-OTHER'],
  ['another site', (h) => [own(h, kim), own(h, park, { gateways: ['main'] })], 'GW-APPROVAL-OTHER'],
  [
    'an ended one',
    (h) => [own(h, kim), own(h, park, { notAfter: h.clock.now() })],
    'GW-APPROVAL-EXPIRED',
  ],
  ['one for ever', (h) => [own(h, kim), own(h, park, { notAfter: 9e15 })], 'GW-APPROVAL-EXPIRED'],
  ['one for less', (h) => [own(h, kim), own(h, park, { class: 'copy' })], 'GW-SKIP'],
  ['two witnesses', (h) => clicks(h), 'GW-SKIP'],
  ['one key, one witness', (h) => [own(h, kim), ...clicks(h, [park])], 'GW-SKIP'],
  [
    'nobody of the approvers',
    (h) => [own(h, kim), own(h, lee, { role: 'operator' })],
    'GW-APPROVAL-PERSON',
  ],
];

test.each(refused)('with %s nothing is let go', async (_name, statements, code) => {
  const house = await openRestore();
  expect(await hand(house, statements(house))).toBe(code);
  expect(await codeOf(house.put('back.restore'))).toBe('GW-AFTER');
  expect(house.site.accepted).toHaveLength(0);
});
