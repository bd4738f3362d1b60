/** Any history of approvals ends as two rules say: two people, and an unchanged plan (rules 1, 2). */
import { evaluate } from '../../lib/approval/evaluate.ts';
import { seededRandom } from '../../lib/random.ts';
import type { EventType } from '../../lib/run/events.ts';
import { type History, play, type Rule, randomHistory, shouldStand } from './histories.ts';

/** How many histories; `DRILLBOOK_HISTORIES=100000` for a long look. */
const HISTORIES = Number(process.env['DRILLBOOK_HISTORIES'] ?? 2_000);
const PLANTED = 2_000;
const SAMPLE = 500;

const stands = (history: History, rule: Rule, forgets?: EventType): boolean =>
  play(history, rule, forgets)?.state === 'complete';

function firstWrong(count: number, rule: Rule, forgets?: EventType): History | undefined {
  const random = seededRandom('histories');
  for (let i = 0; i < count; i++) {
    const history = randomHistory(random);
    if (stands(history, rule, forgets) !== shouldStand(history)) return history;
  }
  return undefined;
}

test(`${HISTORIES} histories of 3 to 10 people end as the rules say`, () => {
  expect(firstWrong(HISTORIES, evaluate)).toBeUndefined();
}, 300_000);

test('the histories reach both ends often', () => {
  const random = seededRandom('histories');
  const approved = Array.from({ length: SAMPLE }, () => shouldStand(randomHistory(random)));
  const share = approved.filter(Boolean).length / SAMPLE;
  expect(share).toBeGreaterThan(0.15);
  expect(share).toBeLessThan(0.85);
});

/** The rule with one mistake in it: refusals with this code are forgotten. */
const without =
  (...codes: readonly string[]): Rule =>
  (request, decision, at) => {
    const refusal = evaluate(request, decision, at);
    return refusal !== undefined && codes.includes(refusal.code) ? undefined : refusal;
  };

const mistakes: readonly [string, Rule, EventType?][] = [
  ['the requester may approve', without('APR-SELF')],
  ['one person counts twice', without('APR-TWICE')],
  ['anybody may approve', without('APR-ROLE')],
  ['deactivated people may approve', without('APR-ACCOUNT')],
  ['an old message counts for the new plan', without('APR-CHANGED')],
  ['what was decided is decided again', without('APR-NOTHING-PENDING')],
  [
    'two accounts are two people',
    (request, decision, at) =>
      evaluate({ ...request, granted: request.granted.slice(1) }, decision, at),
  ],
  [
    'who asked may not deny',
    (request, decision, at) =>
      decision.person === request.requester
        ? evaluate(request, { ...decision, verb: 'approve' }, at)
        : evaluate(request, decision, at),
  ],
  ['a denial is forgotten', evaluate, 'approval.rejected'],
  ['what was taken back still counts', evaluate, 'approval.withdrawn'],
  ['a changed plan keeps its approval', evaluate, 'approval.voided'],
];

test.each(mistakes)('is noticed: %s', (...[, rule, forgets]) => {
  expect(firstWrong(PLANTED, rule, forgets)).toBeDefined();
});
