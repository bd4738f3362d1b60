/** What the journal of a run adds up to: a pure fold, one line per event type. */

import type { Check, PersonAnswer } from '../actions/action.ts';
import { canonical } from '../canonical.ts';
import type { Refusal } from '../errors.ts';
import type { DangerClass } from '../runbook/plan.ts';
import type { EventData, EventType, JournalEvent, Verdict } from './events.ts';

export interface CallState {
  readonly attempt: number;
  readonly key: string;
  readonly state: 'intent' | 'answered' | 'refused' | 'lost' | 'void' | 'not-needed';
  /** When the intent was journaled (ms). */
  readonly at: number;
  readonly putBy: number;
  readonly status?: number;
  /** Blob of the receipt, when an answer came. */
  readonly receipt?: string;
  /** How often the target refused this call. */
  readonly refusals: number;
}

export interface StepState {
  readonly state: 'running' | 'done' | 'not-needed' | 'failed';
  readonly attempt: number;
  readonly startedAt: number;
  readonly deadline: number;
  readonly endedAt?: number;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly people: readonly PersonAnswer[];
  readonly checks: Readonly<Record<string, Check>>;
  /** Why the last attempt failed. */
  readonly refusal?: Refusal;
  /**
   * The last retry of this step. `frees` are the lost calls that the pause had shown: only those
   * did a person look at, only those may be sent again.
   */
  readonly retry?: {
    readonly event: string;
    readonly person: string;
    readonly at: number;
    readonly frees: readonly string[];
  };
}

export interface ApprovalState {
  readonly state: 'requested' | 'complete' | 'rejected' | 'expired' | 'voided';
  readonly planHash: string;
  readonly people: number;
  readonly role: string;
  readonly expiresAt: number;
  readonly granted: readonly { person: string; role: string; nonce: string; at: number }[];
  readonly diff: readonly string[];
  readonly completeAt?: number;
}

export interface RunState {
  readonly opened?: EventData<'run.opened'> & { readonly at: number };
  readonly conductors: number;
  readonly plan?: { readonly hash: string; readonly blob: string; readonly class: DangerClass };
  /** The protection unit is taken. */
  readonly locked: boolean;
  readonly registered: readonly string[];
  readonly approval?: ApprovalState;
  readonly factsChecked: readonly ('quorum' | 'first-call')[];
  readonly delivered: readonly string[];
  readonly steps: Readonly<Record<string, StepState>>;
  readonly calls: Readonly<Record<string, CallState>>;
  readonly paused?: { readonly step: string; readonly refusal: Refusal } | undefined;
  readonly aborted?: {
    readonly person: string;
    readonly reason: string;
    readonly again: boolean;
    readonly at: number;
  };
  /** When a person last ordered a retry or an abort. */
  readonly orderedAt?: number;
  readonly failures: readonly string[];
  readonly ended?: EventData<'run.ended'> & { readonly at: number };
  /** Hashes of deliveries that are in the journal. */
  readonly causes: ReadonlySet<string>;
}

export const emptyRun: RunState = {
  conductors: 0,
  locked: false,
  registered: [],
  factsChecked: [],
  delivered: [],
  steps: {},
  calls: {},
  failures: [],
  causes: new Set(),
};

export const foldRun = (events: readonly JournalEvent[]): RunState =>
  events.reduce(applyEvent, emptyRun);

/** The state after one more event. */
export function applyEvent(state: RunState, event: JournalEvent): RunState {
  const next = { ...state, ...changeOf(state, event) };
  return event.cause === undefined
    ? next
    : { ...next, causes: new Set([...state.causes, event.cause]) };
}

type Change = Partial<RunState>;
type Folds = { [T in EventType]?: (s: RunState, d: EventData<T>, e: JournalEvent) => Change };

function changeOf(state: RunState, event: JournalEvent): Change {
  const fold = folds[event.type] as
    | ((s: RunState, d: unknown, e: JournalEvent) => Change)
    | undefined;
  return fold === undefined ? {} : fold(state, event.data, event);
}

const time = (event: JournalEvent): number => Date.parse(event.ts);

const folds: Folds = {
  'run.opened': (_, d, e) => ({ opened: { ...d, at: time(e) } }),
  'conductor.started': (_, d) => ({ conductors: d.generation }),
  'plan.resolved': (_, d, e) => ({
    plan: { hash: d.planHash, blob: blobOf(e, 'plan'), class: d.class },
  }),
  lock: (_, d) => ({ locked: d.state === 'taken' }),
  'plan.registered': (s, d) => ({ registered: [...s.registered, d.site] }),
  'facts.checked': (s, d) => ({ factsChecked: [...s.factsChecked, d.at] }),
  'approval.requested': (_, d) => ({
    approval: { state: 'requested', ...d, granted: [], diff: [] },
  }),
  'approval.granted': (s, d, e) =>
    onApproval(s, (a) => ({
      granted: [...a.granted, { person: d.person, role: d.role, nonce: d.nonce, at: time(e) }],
    })),
  'approval.rejected': (s, d) => ({
    ...onApproval(s, () => ({ state: 'rejected' })),
    failures: [...s.failures, d.reason],
  }),
  'approval.expired': (s) => onApproval(s, () => ({ state: 'expired' })),
  'approval.voided': (s, d) => onApproval(s, () => ({ state: 'voided', diff: d.diff })),
  'approval.complete': (s, _, e) =>
    onApproval(s, () => ({ state: 'complete', completeAt: time(e) })),
  'approval.delivered': (s, d) => ({ delivered: [...s.delivered, d.site] }),
  'step.started': (s, d, e) =>
    onStep(s, d.step, (old) => ({
      state: 'running',
      attempt: d.attempt,
      startedAt: time(e),
      deadline: d.deadline,
      verdicts: {},
      people: old?.people ?? [],
      checks: {},
      ...(old?.retry === undefined ? {} : { retry: old.retry }),
    })),
  judged: (s, d) => onStep(s, d.step, () => ({ verdicts: d.verdicts })),
  'step.finished': (s, d, e) => onStep(s, d.step, () => ({ state: d.result, endedAt: time(e) })),
  'step.failed': (s, d, e) => ({
    ...onStep(s, d.step, () => ({ state: 'failed', endedAt: time(e), refusal: d.refusal })),
    failures: [...s.failures, `${d.step}: ${d.refusal.what} ${d.refusal.why}`],
  }),
  intent: (s, d, e) => ({
    calls: {
      ...s.calls,
      [d.call]: {
        attempt: d.attempt,
        key: d.key,
        state: 'intent',
        at: time(e),
        putBy: d.putBy,
        refusals: s.calls[d.call]?.refusals ?? 0,
      },
    },
  }),
  outcome: foldOutcome,
  'manual.step': (s, d, e) => onPeople(s, d.step, { ...answer(d, e), part: d.part }),
  'service.confirmed': (s, d, e) => onPeople(s, d.step, { ...answer(d, e), part: 'confirmed' }),
  'check.result': (s, d) =>
    onStep(s, d.step, (old) => {
      const { step: _, ...check } = d;
      return { checks: { ...old?.checks, [d.check]: check } };
    }),
  'run.paused': (_, d) => ({ paused: d }),
  'operator.retry': foldRetry,
  'operator.abort': (s, d, e) => ({
    paused: undefined,
    aborted: { ...d, again: s.aborted !== undefined, at: time(e) },
    orderedAt: time(e),
  }),
  'run.ended': (_, d, e) => ({ ended: { ...d, at: time(e) } }),
};

function foldOutcome(s: RunState, d: EventData<'outcome'>, e: JournalEvent): Change {
  const old = s.calls[d.call];
  if (old === undefined || old.attempt !== d.attempt) return {};
  const receipt = e.evidence[0]?.sha256;
  return {
    calls: {
      ...s.calls,
      [d.call]: {
        ...old,
        state: d.state,
        refusals: old.refusals + (d.state === 'refused' ? 1 : 0),
        ...(d.status === undefined ? {} : { status: d.status }),
        ...(receipt === undefined ? {} : { receipt }),
      },
    },
  };
}

/** A retry wakes the step that paused the run; its calls keep what is known of them. */
function foldRetry(s: RunState, d: EventData<'operator.retry'>, e: JournalEvent): Change {
  const step = s.steps[d.step];
  if (step === undefined) return {};
  const frees = Object.keys(step.verdicts).filter(
    (call) => s.calls[call]?.state === 'lost' && step.verdicts[call]?.state === 'refuse',
  );
  const retry = { event: e.id, person: d.person, at: time(e), frees };
  // Whatever was mended in the pause: the facts are read again, unless calls were sent on them.
  const untouched = Object.values(s.calls).every(
    ({ state }) => state === 'void' || state === 'not-needed',
  );
  return {
    paused: undefined,
    orderedAt: time(e),
    ...(untouched ? { factsChecked: s.factsChecked.filter((at) => at !== 'first-call') } : {}),
    steps: { ...s.steps, [d.step]: { ...step, state: 'failed', retry } },
  };
}

function onApproval(s: RunState, change: (a: ApprovalState) => Partial<ApprovalState>): Change {
  return s.approval === undefined ? {} : { approval: { ...s.approval, ...change(s.approval) } };
}

function onStep(
  s: RunState,
  step: string,
  change: (old: StepState | undefined) => Partial<StepState>,
): Change {
  const old = s.steps[step];
  return { steps: { ...s.steps, [step]: { ...old, ...change(old) } as StepState } };
}

function onPeople(s: RunState, step: string, given: PersonAnswer): Change {
  return onStep(s, step, (old) => ({ people: [...(old?.people ?? []), given] }));
}

const answer = (d: { person: string; role: string; text: string }, e: JournalEvent) => ({
  person: d.person,
  role: d.role,
  text: d.text,
  at: time(e),
});

function blobOf(event: JournalEvent, label: string): string {
  const found = event.evidence.find((item) => item.label === label);
  if (found === undefined) throw new Error(`event ${event.seq} has no evidence ${label}`);
  return found.sha256;
}

/** Same verdicts, same bytes: a judgement is journaled only when it says something new. */
export const sameVerdicts = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
