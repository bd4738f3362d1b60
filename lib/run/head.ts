/**
 * The head of a run: the small item doors and views read. A cache folded from the journal and
 * replaced after each advance; never the truth.
 */
import * as z from 'zod';
import { dangerClasses, textSchema } from '../runbook/plan.ts';

export const runStates = [
  'opening',
  'awaiting-approval',
  'running',
  'paused',
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
  /** Numbers a person wants before approving. */
  plan: z
    .strictObject({
      calls: z.int(),
      servers: z.int(),
      volumes: z.int(),
      sites: z.array(z.string()),
    })
    .optional(),
  approval: z
    .strictObject({
      state: z.enum(approvalStates),
      needed: z.int(),
      role: z.string(),
      granted: z.array(z.strictObject({ person: z.string(), at: z.int() })),
      expiresAt: z.int(),
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
    }),
  ),
  /** Steps that wait for people now. */
  asks: z.array(
    z.strictObject({
      step: z.string(),
      role: z.string(),
      instruction: textSchema,
      parts: z.array(z.enum(['performed', 'witnessed', 'confirmed'])),
      deadline: z.int(),
    }),
  ),
  pause: z.strictObject({ step: z.string(), refusal }).optional(),
  /** Last refusals told to people, newest last, at most 5. */
  result: z
    .strictObject({
      result: z.enum(['passed', 'failed', 'aborted', 'denied', 'expired', 'voided']),
      reasons: z.array(z.string()),
      endedAt: z.int(),
    })
    .optional(),
  /** T2 ordered (second approval), T3 technically up, T4 confirmed by the business (ms). */
  clocks: z.strictObject({
    t2: z.int().optional(),
    t3: z.int().optional(),
    t4: z.int().optional(),
  }),
});
export type Head = z.infer<typeof headSchema>;
