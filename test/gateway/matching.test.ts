/** What became of a call, cell by cell: by its records, by answers, over attempts and sites. */
import { callKey } from '../../lib/gateway/keys.ts';
import type { Receipt } from '../../lib/gateway/protocol.ts';
import { findCall } from '../../lib/gateway/server/checks.ts';
import type { Sent } from '../../lib/gateway/server/pages.ts';
import { standingOf, standingOfOne } from '../../lib/gateway/server/standing.ts';
import type { PlanCall } from '../../lib/runbook/plan.ts';
import { calls, drillPlan } from './plan.ts';
import { gatewayFolder } from './support.ts';

type Parts = Parameters<typeof findCall>[0];
const plan = drillPlan();
const { split, remove, foreign } = calls;

const receipt = (status: number, kind: Receipt['kind'] = 'call') =>
  ({ status, kind, callId: 'x' }) as Receipt;
const sent = (state: string, answer?: Receipt, acceptedAt?: number): Sent =>
  ({
    record: { state, ...(acceptedAt === undefined ? {} : { acceptedAt }) },
    ...(answer === undefined ? {} : { receipt: answer }),
  }) as Sent;

test.each<[number, PlanCall, string]>([
  [200, split, 'well'],
  [202, split, 'well'],
  [299, split, 'well'],
  [300, split, 'unclear'],
  [199, split, 'unclear'],
  [399, split, 'unclear'],
  [400, split, 'refused'],
  [404, split, 'refused'],
  [404, remove, 'well'],
  [409, remove, 'refused'],
  [499, split, 'refused'],
  [500, split, 'unclear'],
  [502, split, 'unclear'],
  [503, split, 'refused'],
  [504, split, 'unclear'],
])('answered %i', (status, call, wanted) => {
  expect(standingOfOne(sent('answered', receipt(status)), call)).toBe(wanted);
});

test('without an answer: accepted, or lost; not needed is an answer', () => {
  expect(standingOfOne(sent('accepted'), split)).toBe('accepted');
  expect(standingOfOne(sent('accepted', receipt(200)), split)).toBe('accepted');
  expect(standingOfOne(sent('lost'), split)).toBe('lost');
  expect(standingOfOne(sent('answered'), split)).toBe('lost');
  expect(standingOfOne(sent('answered', receipt(0, 'not-needed')), split)).toBe('not-needed');
});

/** A gateway of which only the book matters: attempts of one call by number, and what others told. */
function partsWith(
  attempts: Readonly<Record<number, Sent | 'void'>>,
  told: readonly [string, number, Receipt][] = [],
  coming: readonly object[] = [],
): Parts {
  const at = new Map(
    Object.entries(attempts).map(([attempt, one]) => [
      callKey({ run: plan.run, callId: split.id, attempt: Number(attempt) }),
      one,
    ]),
  );
  const abroad = told.map(
    ([callId, attempt, one]) => [callKey({ run: plan.run, callId, attempt }), one] as const,
  );
  const book = {
    sent: (key: string) => (at.get(key) === 'void' ? undefined : at.get(key)),
    isVoid: (key: string) => at.get(key) === 'void',
    coming: () => coming,
    plan: (hash: string) => (hash === 'h' ? plan : undefined),
    abroad: {
      grants: new Map(),
      receipts: new Map(abroad),
      calls: new Set(told.map(([callId]) => callId)),
    },
  };
  const parts: Pick<Parts, 'folder'> & { book: object } = { book, folder: gatewayFolder() };
  return parts as Parts;
}

const refused = sent('answered', receipt(409), 1);
const lost = sent('lost', undefined, 2);
const well = sent('answered', receipt(200), 3);
const unclear = sent('answered', receipt(500), 4);
const notNeeded = sent('answered', receipt(0, 'not-needed'), 5);

test.each<[string, Readonly<Record<number, Sent | 'void'>>, string]>([
  ['none', {}, 'never'],
  ['a void one', { 1: 'void' }, 'void'],
  ['refused after void', { 1: 'void', 2: refused }, 'refused'],
  ['void after refused', { 1: refused, 2: 'void' }, 'refused'],
  ['unclear, then refused', { 1: unclear, 2: refused }, 'unclear'],
  ['unclear, then lost', { 1: unclear, 2: lost }, 'lost'],
  ['lost, then refused', { 1: lost, 2: refused }, 'lost'],
  ['lost, then on its way', { 1: lost, 2: sent('accepted') }, 'accepted'],
  ['well, then on its way', { 1: well, 2: sent('accepted') }, 'well'],
  ['well, then not needed', { 1: well, 2: notNeeded }, 'not-needed'],
  ['one behind a gap', { 1: refused, 3: well }, 'refused'],
])('over attempts the gravest counts: %s', (_, attempts, wanted) => {
  expect(standingOf(partsWith(attempts), plan, split).standing).toBe(wanted);
});

test('of equals the later one, with its receipt and its time', () => {
  const later = sent('answered', receipt(201), 9);
  expect(standingOf(partsWith({ 1: well, 2: later }), plan, split)).toStrictEqual({
    ...{ standing: 'well', receipt: receipt(201), acceptedAt: 9 },
  });
  expect(standingOf(partsWith({ 1: sent('lost') }), plan, split)).toStrictEqual({
    standing: 'lost',
  });
  expect(standingOf(partsWith({ 1: 'void' }), plan, split)).toStrictEqual({ standing: 'void' });
});

test('what is being written down counts as on its way, with what comes behind it', () => {
  const key = (attempt: number) => callKey({ run: plan.run, callId: split.id, attempt });
  const standing = (attempts: Readonly<Record<number, Sent>>, ...coming: object[]) =>
    standingOf(partsWith(attempts, [], coming), plan, split);
  const accepted = { type: 'accepted', key: key(1) };
  expect(standing({}, accepted)).toStrictEqual({ standing: 'accepted' });
  expect(standing({ 2: well }, accepted).standing).toBe('well');
  expect(standing({ 1: refused }, { ...accepted, key: key(2) }).standing).toBe('accepted');
  expect(standing({ 1: refused }, { ...accepted, key: key(3) }).standing).toBe('refused');
  expect(standing({}, { ...accepted, type: 'void' }).standing).toBe('never');
});

test('a call of another site stands by what its gateway told, and by that alone', () => {
  const good = receipt(200);
  const told = partsWith({ 1: well }, [[foreign.id, 2, good]]);
  expect(standingOf(told, plan, foreign)).toEqual({ standing: 'well', receipt: good });
  expect(standingOf(partsWith({}, [[split.id, 1, good]]), plan, split).standing).toBe('never');
  expect(standingOf(partsWith({ 1: well }), plan, foreign).standing).toBe('never');
  const both = partsWith({}, [
    [foreign.id, 1, receipt(500)],
    [foreign.id, 2, receipt(409)],
  ]);
  expect(standingOf(both, plan, foreign).standing).toBe('unclear');
});

describe('a put is matched to a call of a plan that is registered here', () => {
  const body = { planHash: 'h', callId: split.id, attempt: 2, epoch: 1, putBy: 5 };
  const keyOf = (change: Partial<typeof body> = {}) => {
    const { callId, attempt } = { ...body, ...change };
    return callKey({ run: plan.run, callId, attempt });
  };
  const code = (change: Partial<typeof body>, key = keyOf(change)) => {
    try {
      return findCall(partsWith({}), key, { ...body, ...change });
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  test('by plan, site, call and attempt', () => {
    expect(code({})).toEqual({ key: keyOf(), body, plan, call: split, looks: [] });
    expect(code({ planHash: 'other' })).toBe('GW-PLAN-UNKNOWN');
    expect(code({ callId: 'split.other' })).toBe('GW-CALL-SITE');
    expect(code({ callId: foreign.id })).toBe('GW-CALL-SITE');
    expect(code({ attempt: 1 }, keyOf())).toBe('GW-KEY');
    expect(code({}, keyOf({ callId: remove.id }))).toBe('GW-KEY');
    expect(code({}, callKey({ run: 'r-other', callId: split.id, attempt: 2 }))).toBe('GW-KEY');
  });

  test('and who is refused hears why', () => {
    const why = (change: Partial<typeof body>) => {
      try {
        return String(findCall(partsWith({}), keyOf(change), { ...body, ...change }));
      } catch (error) {
        return (error as { why: string }).why;
      }
    };
    expect(why({ callId: 'split.other' })).toBe('It is not in the plan.');
    expect(why({ callId: foreign.id })).toBe('It belongs to main.');
  });
});
