/**
 * The head of a run: the small item doors and views read. A cache folded from the journal and
 * replaced after each advance; never the truth.
 */
import * as z from 'zod';
import { statementSchema } from '../gateway/protocol.ts';
import { dangerClasses, textSchema } from '../runbook/plan.ts';
import { stakes } from '../runbook/stake.ts';
import { eventData, runResults } from './event-data.ts';

export const runStates = [
  'opening',
  'awaiting-approval',
  'running',
  'held',
  'paused',
  'undoing',
  'cleaning-up',
  'ended',
] as const;

export const approvalStates = ['requested', 'complete', 'rejected', 'expired', 'voided'] as const;

export const stepStates = [
  'waiting',
  'running',
  'asking',
  'done',
  'failed',
  'not-needed',
  'skipped',
  'deviated',
  'not-run',
] as const;

const refusal = z.strictObject({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  next: z.string(),
});

export const headSchema = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  /** Number of the drill: `DR-2026-001`. */
  drill: z.string(),
  seq: z.int(),
  state: z.enum(runStates),
  openedAt: z.int(),
  service: z.strictObject({ id: z.string(), name: textSchema }),
  runbook: z.strictObject({ id: z.string(), title: textSchema }),
  requester: z.string(),
  planHash: z.string().optional(),
  class: z.enum(dangerClasses).optional(),
  /** Of class `takeover`: what it may cost. */
  stake: z.enum(stakes).optional(),
  /** Numbers a person wants before approving. */
  plan: z
    .strictObject({
      calls: z.int(),
      servers: z.int(),
      volumes: z.int(),
      sites: z.array(z.string()),
    })
    .optional(),
  /** A member of a wave: its place, and all members once each has a plan. */
  wave: z
    .strictObject({
      id: z.string(),
      place: z.int(),
      of: z.int(),
      members: eventData['wave.bound'].shape.members,
    })
    .optional(),
  approval: z
    .strictObject({
      state: z.enum(approvalStates),
      needed: z.int(),
      role: z.string(),
      granted: z.array(
        z.strictObject({
          person: z.string(),
          at: z.int(),
          /** Signed with the person's own key. */
          own: z.boolean().optional(),
        }),
      ),
      expiresAt: z.int(),
      /** What an approver signs, but for person and nonce, while approvals are collected. */
      statement: statementSchema.omit({ person: true, nonce: true }).optional(),
      /** The word code as each gateway computed it. */
      words: z
        .array(z.strictObject({ site: z.string(), ko: z.string(), en: z.string() }))
        .optional(),
    })
    .optional(),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      title: textSchema,
      phase: z.enum(['forward', 'undo', 'always']),
      state: z.enum(stepStates),
      startedAt: z.int().optional(),
      endedAt: z.int().optional(),
      /** Items of a `for-each`. */
      progress: z.strictObject({ done: z.int(), total: z.int() }).optional(),
    }),
  ),
  /** Steps that wait for people now. */
  asks: z.array(
    z.strictObject({
      step: z.string(),
      role: z.string(),
      instruction: textSchema,
      /** What the answer has to say in words. */
      proof: textSchema.optional(),
      parts: z.array(z.enum(['performed', 'witnessed', 'confirmed', 'declared'])),
      deadline: z.int(),
    }),
  ),
  pause: z.strictObject({ step: z.string(), refusal }).optional(),
  /** An operator's pause. */
  held: z.strictObject({ person: z.string(), reason: z.string(), at: z.int() }).optional(),
  /** Wishes to skip a step; one without `second` waits for a second person. */
  skips: z
    .array(
      z.strictObject({
        step: z.string(),
        person: z.string(),
        reason: z.string(),
        at: z.int(),
        second: z.string().optional(),
      }),
    )
    .optional(),
  /**
   * From class `data` on: what a person signs to skip a step, but for step, person, nonce and end,
   * which is at most `lastsMs` ahead; who asks signs in the role of `skip`.
   */
  skipping: z
    .strictObject({
      statement: statementSchema.omit({
        person: true,
        nonce: true,
        step: true,
        role: true,
        notAfter: true,
      }),
      roles: z.strictObject({ skip: z.string(), 'confirm-skip': z.string() }),
      lastsMs: z.int(),
    })
    .optional(),
  /** What people can order now that it stands still, best first. */
  choices: z.array(z.string()).optional(),
  /** What the run waits for; every run that has not ended says so. */
  waiting: z
    .strictObject({
      for: z.enum([
        'approvals',
        'person',
        'operator',
        'second-person',
        'array',
        'gateway',
        'nothing',
      ]),
      /** Roles of people, sites of gateways, targets or the step of `array`. */
      who: z.array(z.string()),
      step: z.string().optional(),
      since: z.int(),
      until: z.int().optional(),
      /** What happens at `until`; without one, what ends the waiting. */
      after: textSchema,
    })
    .optional(),
  /** Last refusals told to people, newest last, at most 5. */
  result: z
    .strictObject({
      result: z.enum(runResults),
      reasons: z.array(z.string()),
      endedAt: z.int(),
    })
    .optional(),
  /**
   * T0 disaster, T1 declared, T2 ordered (second approval), T3 technically up, T4 confirmed by the
   * business (ms).
   */
  clocks: z.strictObject({
    t0: z.int().optional(),
    t1: z.int().optional(),
    t2: z.int().optional(),
    t3: z.int().optional(),
    t4: z.int().optional(),
  }),
});
export type Head = z.infer<typeof headSchema>;
