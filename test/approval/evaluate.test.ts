import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Standing } from '../../lib/approval/directory.ts';
import { approvalCodes } from '../../lib/approval/errors.ts';
import { type Decision, evaluate, type Request } from '../../lib/approval/evaluate.ts';

const EXPIRES = 10_000;
const message = { channel: 'C1', ts: '1.1' };
const request: Request = {
  state: 'requested',
  planHash: 'a'.repeat(64),
  requester: 'p-asks',
  role: 'dr-approver',
  people: 2,
  expiresAt: EXPIRES,
  granted: [],
  message,
};
const decision: Decision = { verb: 'approve', person: 'p-1', planHash: request.planHash, message };
const known: Standing = {
  state: 'known',
  roles: ['dr-approver'],
  flags: [],
  sharedChannel: false,
};

interface Case {
  readonly request?: Partial<Request>;
  readonly decision?: Partial<Decision>;
  readonly standing?: Standing;
  readonly now?: number;
}

const codeOf = (given: Case): string | undefined =>
  evaluate(
    { ...request, ...given.request },
    { ...decision, ...given.decision },
    { standing: given.standing ?? known, now: given.now ?? EXPIRES - 1 },
  )?.code;

const breaches: readonly [keyof typeof approvalCodes, Case][] = [
  ['APR-UNKNOWN-PERSON', { standing: { state: 'unknown' } }],
  ['APR-DIRECTORY', { standing: { state: 'unreachable', why: 'HTTP 500' } }],
  ...['guest', 'bot', 'stranger', 'deactivated', 'email-unconfirmed'].map(
    (flag): [keyof typeof approvalCodes, Case] => [
      'APR-ACCOUNT',
      { standing: { ...known, flags: [flag] } },
    ],
  ),
  ['APR-SHARED-CHANNEL', { standing: { ...known, sharedChannel: true } }],
  ...(['none', 'complete', 'rejected', 'voided'] as const).map(
    (state): [keyof typeof approvalCodes, Case] => ['APR-NOTHING-PENDING', { request: { state } }],
  ),
  ['APR-CHANGED', { decision: { planHash: 'b'.repeat(64) } }],
  ['APR-STALE', { decision: { message: { channel: 'C1', ts: '1.2' } } }],
  ['APR-STALE', { decision: { message: { channel: 'C2', ts: '1.1' } } }],
  ['APR-EXPIRED', { now: EXPIRES }],
  ['APR-EXPIRED', { request: { state: 'expired' } }],
  ['APR-ROLE', { standing: { ...known, roles: ['operator'] } }],
  ['APR-ROLE', { request: { role: '' } }],
  ['APR-ROLE', { request: { role: '' }, standing: { ...known, roles: [''] } }],
  ['APR-SELF', { decision: { person: 'p-asks' } }],
  ['APR-TWICE', { request: { granted: ['p-1'] } }],
];

describe('the two-person rule', () => {
  it('counts a decision that breaks nothing', () => {
    expect(codeOf({})).toBeUndefined();
    expect(codeOf({ decision: { verb: 'deny' } })).toBeUndefined();
    expect(codeOf({ request: { granted: ['p-2'] } })).toBeUndefined();
  });

  it('counts what no button carried, and a button whose message is not known', () => {
    const at = { standing: known, now: 0 };
    const { message: _, ...typed } = decision;
    const { message: __, ...unposted } = request;
    expect(evaluate(request, typed, at)).toBeUndefined();
    expect(evaluate(unposted, decision, at)).toBeUndefined();
    expect(evaluate(unposted, typed, at)).toBeUndefined();
  });

  it.each(breaches)('%s %j', (code, given) => {
    expect(codeOf(given)).toBe(code);
  });

  it('has a case here for every code it can answer', () => {
    expect(new Set(breaches.map(([code]) => code))).toEqual(new Set(Object.keys(approvalCodes)));
  });

  it('lets whoever asked, or approved, still deny', () => {
    expect(codeOf({ decision: { verb: 'deny', person: 'p-asks' } })).toBeUndefined();
    expect(codeOf({ decision: { verb: 'deny' }, request: { granted: ['p-1'] } })).toBeUndefined();
  });

  it('two breaches at once never make one right', async () => {
    await fc.assert(
      fc.property(fc.constantFrom(...breaches), fc.constantFrom(...breaches), ([, a], [, b]) => {
        const both: Case = {
          ...a,
          ...b,
          request: { ...a.request, ...b.request },
          decision: { ...a.decision, ...b.decision },
        };
        expect(codeOf(both)).toBeDefined();
      }),
    );
  });
});

/** What can happen to a request, in any order. */
type Happening =
  | { readonly what: 'approve' | 'deny'; readonly person: string }
  | { readonly what: 'expire' | 'change' };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    what: fc.constantFrom('approve' as const, 'approve' as const, 'deny' as const),
    person: fc.constantFrom('p-asks', 'p-1', 'p-2', 'p-3'),
  }),
  fc.record({ what: fc.constantFrom('expire' as const, 'change' as const) }),
);

interface Course {
  readonly request: Request;
  readonly now: number;
  readonly completions: readonly (readonly string[])[];
  readonly closed: boolean;
}

function go(course: Course, event: Happening): Course {
  if (!('person' in event)) {
    if (event.what === 'expire') return { ...course, now: EXPIRES };
    const open = course.request.state === 'requested';
    const changed: Request = { ...course.request, state: 'voided', planHash: 'c'.repeat(64) };
    return open ? { ...course, request: changed, closed: true } : course;
  }
  const chosen: Decision = { ...decision, verb: event.what, person: event.person };
  const at = { standing: known, now: course.now };
  if (evaluate(course.request, chosen, at) !== undefined) return course;
  if (event.what === 'deny') {
    return { ...course, request: { ...course.request, state: 'rejected' }, closed: true };
  }
  const granted = [...course.request.granted, event.person];
  const complete = granted.length >= course.request.people;
  return {
    ...course,
    request: { ...course.request, granted, state: complete ? 'complete' : 'requested' },
    completions: complete ? [...course.completions, granted] : course.completions,
  };
}

describe('any order of approvals, denials, expiry and change', () => {
  it('completes at most once, with two different people, none of them the requester (rule 1)', async () => {
    await fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), (events) => {
        const start: Course = { request, now: 0, completions: [], closed: false };
        const end = events.reduce(go, start);
        expect(end.completions.length).toBeLessThanOrEqual(1);
        for (const people of end.completions) {
          expect(new Set(people).size).toBe(2);
          expect(people).not.toContain('p-asks');
          expect(end.closed).toBe(false);
        }
        const firstEnd = events.findIndex(({ what }) => what !== 'approve');
        const before = events.slice(0, firstEnd < 0 ? events.length : firstEnd);
        const approvers = new Set(
          before.flatMap((one) => ('person' in one && one.person !== 'p-asks' ? [one.person] : [])),
        );
        if (approvers.size >= 2) expect(end.completions).toHaveLength(1);
      }),
      { numRuns: 1_000 },
    );
  });
});
