/** What is told to who signed wrongly, word for word; nonces at their edges; what a skip states. */
import { statementCodes } from '../../lib/approval/errors.ts';
import { judgeSigning, judgeSkip, type Signing } from '../../lib/approval/personal.ts';
import { shownOffer, skipOfferOf, skipRole } from '../../lib/approval/skip.ts';
import { offerOf, signStatement } from '../../lib/approval/statement.ts';
import type { Refusal } from '../../lib/errors.ts';
import type { Statement } from '../../lib/gateway/protocol.ts';
import { dangerClasses } from '../../lib/runbook/plan.ts';
import { drillPlan } from '../gateway/plan.ts';
import { newPair } from '../gateway/support.ts';

const plan = drillPlan({ class: 'data' });
const planHash = 'a'.repeat(64);
const own = newPair();
const offer = offerOf(plan, { planHash, notAfter: 1_000 });
const skip = { ...offer, decision: 'skip', step: 'split' } as const;
const nonce = '0123456789abcdef'.repeat(2);

const signing = (change: Partial<Statement> = {}, of: Signing['offer'] = offer): Signing => {
  const statement = { ...of, person: 'p-1', nonce, ...change };
  const signed = signStatement(statement, { keyId: 'k1', privateKey: own.privateKey });
  const keys = [
    { id: 'k0', publicKey: newPair().publicKey },
    { id: 'k1', publicKey: own.publicKey },
  ];
  return { offer: of, person: 'p-1', signed, keys, nonces: ['f'.repeat(32)] };
};
const refusal = (code: keyof typeof statementCodes, what: string, why: string): Refusal => ({
  ...{ code, what, why, next: statementCodes[code].next },
});

test('a refusal says of what, why, and what to do', () => {
  const [approval, skipping] = ['The approval does not count.', 'The skip does not count.'];
  const sign = (what: string) =>
    `The plan is of class data. Sign with: npm run dr -- ${what} --as <you> --key <your key file>`;
  expect(judgeSigning({ ...signing(), signed: undefined })).toEqual(
    refusal('APR-OWN-KEY', approval, sign(`approve ${plan.run}`)),
  );
  const at = { now: 1, longestMs: 999 };
  expect(judgeSkip({ ...signing({}, skip), signed: undefined }, at)).toEqual(
    refusal('APR-OWN-KEY', skipping, sign(`skip ${plan.run} split`)),
  );
  expect(judgeSigning(signing({ run: 'r', role: 'x' }))).toEqual(
    refusal('APR-STATEMENT', approval, 'It differs in run, role.'),
  );
  expect(judgeSkip(signing({ step: 'boot' }, skip), at)).toEqual(
    refusal('APR-STATEMENT', skipping, 'It differs in step.'),
  );
  expect(judgeSkip(signing({}, skip), { ...at, now: 1_007 })).toEqual(
    refusal('APR-PERIOD', skipping, 'It has -7 ms left; at most 999 ms are allowed.'),
  );
  expect(judgeSkip(signing({}, skip), at)).toBeUndefined();
  const copy = { ...skip, class: 'copy' } as const;
  const click = { ...signing({}, copy), signed: undefined };
  for (const now of [1, 5_000]) expect(judgeSkip(click, { ...at, now })).toBeUndefined();
});

test.each<[string, string | undefined]>([
  [nonce, undefined],
  [nonce.repeat(2), undefined],
  ['f'.repeat(32), 'It was used in this run before.'],
  ['e'.repeat(31), 'Its nonce is not 32 to 64 hex digits.'],
  ['e'.repeat(65), 'Its nonce is not 32 to 64 hex digits.'],
  [`x${nonce}`, 'Its nonce is not 32 to 64 hex digits.'],
  [`${nonce}x`, 'Its nonce is not 32 to 64 hex digits.'],
  [nonce.toUpperCase(), 'Its nonce is not 32 to 64 hex digits.'],
])('nonce %s', (given, why) => {
  expect(judgeSigning(signing({ nonce: given }))?.why).toBe(why);
});

test('a skip is stated by operators; from class data on one of the two is an approver', () => {
  const roles = (verb: 'skip' | 'confirm-skip') =>
    dangerClasses.map((danger) => skipRole(drillPlan({ class: danger }), verb));
  expect(roles('skip')).toEqual(['operator', 'operator', 'operator', 'operator']);
  expect(roles('confirm-skip')).toEqual(['operator', 'operator', 'dr-approver', 'dr-approver']);
});

test('a skip is stated like an approval, of a step and until a time', () => {
  const about = { planHash, step: 'split', role: 'operator', notAfter: 7 };
  const stated = skipOfferOf(plan, about);
  expect(stated).toEqual({
    ...offer,
    decision: 'skip',
    step: 'split',
    role: 'operator',
    notAfter: 7,
  });
  expect(skipOfferOf({ ...plan, givesUp: ['main'] }, about).gateways).toEqual(['dr']);
  const { step: _, role: __, notAfter: ___, ...statement } = stated;
  const roles = { skip: 'operator', 'confirm-skip': 'dr-approver' };
  const shown = { statement, roles, lastsMs: 50 };
  expect(shownOffer(shown, { verb: 'confirm-skip', step: 'boot', now: 7 })).toEqual({
    ...{ ...stated, step: 'boot', role: 'dr-approver', notAfter: 57 },
  });
});
