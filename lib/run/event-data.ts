/** What each type of event says. Old journals are read for ever: a new field is optional. */
import * as z from 'zod';
import { signedStatementSchema } from '../gateway/protocol.ts';
import { dangerClasses, textSchema } from '../runbook/plan.ts';
import { verdictSchema } from './verdict.ts';

/**
 * How a run ends. `conditional`: everything went to its end, but steps were skipped or passed over
 * with a recorded deviation. `pre-empted`: a failover took the protection unit away.
 */
export const runResults = [
  'passed',
  'conditional',
  'failed',
  'aborted',
  'denied',
  'expired',
  'voided',
  'pre-empted',
] as const;
export type RunResult = (typeof runResults)[number];

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const refusal = z.strictObject({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  next: z.string(),
});

export const eventData = {
  'run.opened': z.strictObject({
    drill: z.string(),
    runbook: z.string(),
    service: z.string(),
    requester: z.string(),
    via: z.string(),
    delivery: z.string(),
    /** Channel for the root message, if a door gave one. */
    channel: z.string().optional(),
    /** The drill it joins as a further run, or the wave it is a member of. */
    wave: z.strictObject({ id: z.string(), place: z.int(), of: z.int() }).optional(),
    /** The requester may not ask for it: told, and the run ends at once. */
    refusal: refusal.optional(),
  }),
  'conductor.started': z.strictObject({ generation: z.int() }),
  lock: z.strictObject({
    unit: z.string(),
    epoch: z.int(),
    /** `wanted`: another run holds it, and will have to give it up once this one is approved. */
    state: z.enum(['wanted', 'taken', 'released']),
    /** The run that has to give it up. */
    from: z.string().optional(),
    /** What it is worth against others; with it, gateways are told the epoch before the first call. */
    rank: z.int().optional(),
  }),
  /** The unit belongs to another run: nothing is sent any more, clean-up included. */
  'run.pre-empted': z.strictObject({ unit: z.string(), epoch: z.int(), by: z.string() }),
  /** A gateway knows the epoch and refuses older ones. */
  'epoch.announced': z.strictObject({ unit: z.string(), epoch: z.int(), site: z.string() }),
  /** The members of the run's wave with their plans, and the hash of the list: what is approved. */
  'wave.bound': z.strictObject({
    id: z.string(),
    hash,
    members: z.array(
      z.strictObject({
        run: z.string(),
        service: z.string(),
        name: textSchema,
        planHash: hash,
        class: z.enum(dangerClasses),
        sites: z.array(z.string()),
      }),
    ),
  }),
  /** The member before has ended its forward part, or a person ordered this one to go on. */
  'wave.turn': z.strictObject({ after: z.string(), result: z.string() }),
  /** Another control plane goes on here: the DR gateway on its own disk, or a standby. */
  'plane.continued': z.strictObject({
    site: z.string(),
    people: z.array(z.string()),
    reason: z.string(),
    epoch: z.int(),
  }),
  'plan.resolved': z.strictObject({
    planHash: hash,
    factsHash: hash,
    calls: z.int(),
    class: z.enum(dangerClasses),
  }),
  'plan.registered': z.strictObject({
    planHash: hash,
    site: z.string(),
    class: z.enum(dangerClasses),
    /** The word code as this gateway computed it. */
    words: z.strictObject({ ko: z.string(), en: z.string() }).optional(),
  }),
  /** Facts read again: at quorum and before the first call. `diff` is read by people. */
  'facts.checked': z.strictObject({
    at: z.enum(['quorum', 'first-call']),
    factsHash: hash,
    verdict: z.enum(['same', 'better', 'worse']),
    diff: z.array(z.string()),
  }),
  'approval.requested': z.strictObject({
    planHash: hash,
    people: z.int(),
    role: z.string(),
    expiresAt: z.int(),
  }),
  'approval.granted': z.strictObject({
    planHash: hash,
    person: z.string(),
    role: z.string(),
    nonce: z.string(),
    /** Door of the decision: what authenticated the person. */
    via: z.string(),
    /** The person's own signature; without it the control plane is the witness. */
    signed: signedStatementSchema.optional(),
  }),
  /** Who approved takes it back while approvals are still collected. */
  'approval.withdrawn': z.strictObject({ planHash: hash, person: z.string(), reason: z.string() }),
  'approval.rejected': z.strictObject({
    planHash: hash,
    person: z.string(),
    role: z.string(),
    reason: z.string(),
    via: z.string(),
  }),
  'approval.expired': z.strictObject({ planHash: hash, expiresAt: z.int() }),
  'approval.voided': z.strictObject({ planHash: hash, diff: z.array(z.string()) }),
  'approval.complete': z.strictObject({ planHash: hash }),
  'approval.delivered': z.strictObject({
    planHash: hash,
    site: z.string(),
    covered: z.enum(dangerClasses),
  }),
  /** Somebody authenticated asked for something the rules refuse. Nothing else changes. */
  refused: z.strictObject({ person: z.string(), verb: z.string(), delivery: z.string(), refusal }),
  'step.started': z.strictObject({
    step: z.string(),
    attempt: z.int(),
    deadline: z.int(),
    /** What was done of a `for-each` stays done. */
    resumes: z.literal(true).optional(),
  }),
  judged: z.strictObject({
    step: z.string(),
    verdicts: z.record(z.string(), verdictSchema),
    /** Of a `for-each`: what is not named here is as it was judged before. */
    part: z.literal(true).optional(),
  }),
  'step.finished': z.strictObject({
    step: z.string(),
    result: z.enum(['done', 'not-needed', 'skipped', 'deviated']),
    /** Why it counts although it was not done. */
    reason: z.string().optional(),
    durationMs: z.int(),
  }),
  'step.failed': z.strictObject({ step: z.string(), refusal, durationMs: z.int() }),
  intent: z.strictObject({
    step: z.string(),
    call: z.string(),
    attempt: z.int(),
    key: z.string(),
    putBy: z.int(),
    epoch: z.int(),
    /** Event id of the person's retry that allows this attempt after `lost`. */
    retry: z.string().optional(),
  }),
  outcome: z.strictObject({
    step: z.string(),
    call: z.string(),
    attempt: z.int(),
    key: z.string(),
    /** `refused`: answered by the target with 4xx or 503. */
    state: z.enum(['answered', 'refused', 'lost', 'void', 'not-needed']),
    status: z.int().optional(),
    refusal: refusal.optional(),
  }),
  'manual.step': z.strictObject({
    step: z.string(),
    person: z.string(),
    role: z.string(),
    part: z.enum(['performed', 'witnessed']),
    text: z.string(),
  }),
  'service.confirmed': z.strictObject({
    step: z.string(),
    person: z.string(),
    role: z.string(),
    text: z.string(),
  }),
  /** T1 is when this was written; `occurredAt` (ms) is T0, as the person states it. */
  'disaster.declared': z.strictObject({
    step: z.string(),
    person: z.string(),
    role: z.string(),
    occurredAt: z.int(),
    /** How exactly it was said (ms): to the second, or to the minute. */
    exactMs: z.int(),
    /** How it is known. */
    text: z.string(),
  }),
  'check.result': z.strictObject({
    step: z.string(),
    check: z.string(),
    kind: z.string(),
    expected: z.string(),
    actual: z.string(),
    verdict: z.enum(['passed', 'failed']),
  }),
  'replication.sample': z.strictObject({ step: z.string(), states: z.array(z.string()) }),
  'clock.checked': z.strictObject({ host: z.string(), offsetMs: z.int() }),
  'run.paused': z.strictObject({ step: z.string(), refusal }),
  'operator.pause': z.strictObject({ person: z.string(), reason: z.string() }),
  'operator.resume': z.strictObject({ person: z.string(), reason: z.string() }),
  /** A wish to skip a step; it counts when a second person confirms it. */
  'operator.skip': z.strictObject({
    step: z.string(),
    person: z.string(),
    reason: z.string(),
    /** The person's own signature; without it the control plane is the witness. */
    signed: signedStatementSchema.optional(),
  }),
  'skip.confirmed': z.strictObject({
    step: z.string(),
    person: z.string(),
    wish: z.string(),
    signed: signedStatementSchema.optional(),
  }),
  'skip.declined': z.strictObject({ step: z.string(), person: z.string(), reason: z.string() }),
  /** A gateway holds the signed skip. */
  'skip.delivered': z.strictObject({ step: z.string(), site: z.string() }),
  /** From here on no forward step begins; compensations run in reverse order. */
  'undo.started': z.strictObject({ step: z.string().optional(), reason: z.string() }),
  'operator.retry': z.strictObject({ step: z.string(), person: z.string(), reason: z.string() }),
  'operator.abort': z.strictObject({
    person: z.string(),
    reason: z.string(),
    /** `undo` runs the compensations first, `keep` leaves what was changed; always steps run. */
    mode: z.enum(['undo', 'keep']).optional(),
  }),
  note: z.strictObject({ person: z.string(), text: z.string() }),
  'run.ended': z.strictObject({
    result: z.enum(runResults),
    reasons: z.array(z.string()),
    residue: z.array(z.string()),
  }),
} as const;
