/** The journal of a run, added up: pure, one line per event type. */

import { canonical } from '../canonical.ts';
import {
  type Change,
  type Draft,
  doneOf,
  neverBegun,
  onApproval,
  onCall,
  onPeople,
  onSkip,
  onStep,
  stillness,
} from './draft.ts';
import type { EventData, EventType, JournalEvent } from './events.ts';
import { emptyRun, type Grant, type RunState } from './state.ts';

export function foldRun(events: readonly JournalEvent[]): RunState {
  const fold = openFold();
  for (const event of events) fold.add(event);
  return fold.state();
}

/** A run that is followed event by event; its maps go on changing as events are added. */
export function openFold(): { add(event: JournalEvent): void; state(): RunState } {
  let draft: Draft = { ...emptyRun, steps: {}, calls: {}, open: new Set(), causes: new Set() };
  return {
    state: () => draft,
    add: (event) => {
      const before = draft;
      draft = { ...before, ...changeOf(before, event) };
      if (event.cause !== undefined) draft.causes.add(event.cause);
      draft = { ...draft, ...stillness(before, draft, time(event)) };
    },
  };
}

type Folds = { [T in EventType]?: (s: Draft, d: EventData<T>, e: JournalEvent) => Change };

function changeOf(state: Draft, event: JournalEvent): Change {
  const fold = folds[event.type] as ((s: Draft, d: unknown, e: JournalEvent) => Change) | undefined;
  return fold === undefined ? {} : fold(state, event.data, event);
}

const time = (event: JournalEvent): number => Date.parse(event.ts);

const folds: Folds = {
  'run.opened': (_, d, e) => ({ opened: { ...d, at: time(e) } }),
  'conductor.started': (_, d) => ({ conductors: d.generation }),
  'plan.resolved': (_, d, e) => ({
    plan: { hash: d.planHash, blob: blobOf(e, 'plan'), class: d.class },
  }),
  lock: foldLock,
  'wave.bound': (_, d) => ({ wave: d }),
  'wave.turn': () => ({ turn: true }),
  'run.pre-empted': (_, d, e) => ({ preempted: { ...d, at: time(e) }, locked: false }),
  'epoch.announced': (s, d) => ({ announced: [...s.announced, d.site] }),
  'plane.continued': (_, d) => ({
    epoch: d.epoch,
    announces: true,
    announced: [],
    continuedAt: d.site,
  }),
  'plan.registered': (s, d) => ({ registered: [...s.registered, d.site] }),
  // Worse is worse: who died before saying so has not saved the approvals.
  'facts.checked': (s, d) =>
    d.verdict === 'worse'
      ? onApproval(s, () => ({ state: 'voided', diff: d.diff }))
      : { factsChecked: [...s.factsChecked, d.at] },
  'approval.requested': (_, d) => ({
    approval: { state: 'requested', ...d, granted: [], diff: [] },
  }),
  'approval.granted': (s, d, e) =>
    onApproval(s, (a) => ({
      granted: [...a.granted, grantOf(d, time(e))],
    })),
  // The facts are read again for those who approve after all.
  'approval.withdrawn': (s, d) => ({
    ...onApproval(s, (a) => ({ granted: a.granted.filter(({ person }) => person !== d.person) })),
    factsChecked: s.factsChecked.filter((at) => at !== 'quorum'),
  }),
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
      // What is done of a `for-each` stays done when the rest is tried again.
      verdicts: d.resumes === true ? doneOf(old) : {},
      people: old?.people ?? [],
      checks: {},
      ...(old?.retry === undefined ? {} : { retry: old.retry }),
    })),
  judged: (s, d) =>
    onStep(s, d.step, (old) => ({
      verdicts:
        d.part === true ? Object.assign(old?.verdicts ?? {}, d.verdicts) : { ...d.verdicts },
    })),
  'step.finished': (s, d, e) => ({
    ...onStep(s, d.step, (old) => ({
      ...(old ?? neverBegun(time(e))),
      state: d.result,
      endedAt: time(e),
    })),
    ...(s.paused?.step === d.step ? { paused: undefined } : {}),
  }),
  'step.failed': (s, d, e) => ({
    ...onStep(s, d.step, () => ({
      state: 'failed',
      freed: false,
      endedAt: time(e),
      refusal: d.refusal,
    })),
    failures: [...s.failures, `${d.step}: ${d.refusal.what} ${d.refusal.why}`],
  }),
  intent: (s, d, e) =>
    onCall(s, d.call, {
      attempt: d.attempt,
      key: d.key,
      state: 'intent',
      at: time(e),
      putBy: d.putBy,
      refusals: s.calls[d.call]?.refusals ?? 0,
    }),
  outcome: foldOutcome,
  'manual.step': (s, d, e) => onPeople(s, d.step, { ...answer(d, e), part: d.part }),
  'service.confirmed': (s, d, e) => onPeople(s, d.step, { ...answer(d, e), part: 'confirmed' }),
  'disaster.declared': (_, d, e) => ({
    declared: { ...answer(d, e), step: d.step, part: 'declared', occurredAt: d.occurredAt },
  }),
  'check.result': (s, d) =>
    onStep(s, d.step, (old) => {
      const { step: _, ...check } = d;
      return { checks: { ...old?.checks, [d.check]: check } };
    }),
  'run.paused': (_, d) => ({ paused: d }),
  'operator.pause': (_, d, e) => ({ held: { ...d, at: time(e) } }),
  'operator.resume': (_, _d, e) => ({ held: undefined, orderedAt: time(e) }),
  'operator.skip': (s, d, e) =>
    onSkip(s, d.step, () => ({ ...d, wish: e.id, at: time(e), delivered: [] })),
  'skip.confirmed': (s, d, e) =>
    onSkip(s, d.step, (old) =>
      old?.wish === d.wish
        ? { ...old, second: d.person, confirmedAt: time(e), secondSigned: d.signed }
        : old,
    ),
  'skip.declined': (s, d) => onSkip(s, d.step, () => undefined),
  'skip.delivered': (s, d) =>
    onSkip(s, d.step, (old) => old && { ...old, delivered: [...old.delivered, d.site] }),
  'undo.started': (_, d, e) => ({
    undoing: { ...d, at: time(e) },
    paused: undefined,
    orderedAt: time(e),
  }),
  'operator.retry': foldRetry,
  'operator.abort': foldAbort,
  'run.ended': (_, d, e) => ({ ended: { ...d, at: time(e) } }),
};

/** A new epoch is news to every gateway. */
function foldLock(s: Draft, d: EventData<'lock'>): Change {
  if (d.state === 'wanted') return { wanted: d.from };
  return {
    locked: d.state === 'taken',
    epoch: d.epoch,
    wanted: undefined,
    announces: s.announces || d.rank !== undefined,
    announced: d.epoch === s.epoch ? s.announced : [],
  };
}

function foldOutcome(s: Draft, d: EventData<'outcome'>, e: JournalEvent): Change {
  const old = s.calls[d.call];
  if (old === undefined || old.attempt !== d.attempt) return {};
  const receipt = e.evidence[0]?.sha256;
  // What was still on its way when a person retried, nobody had seen lost.
  const { freed, ...rest } = old;
  return onCall(s, d.call, {
    ...rest,
    ...(freed === true && d.state !== 'lost' ? { freed } : {}),
    state: d.state,
    refusals: old.refusals + (d.state === 'refused' ? 1 : 0),
    ...(d.status === undefined ? {} : { status: d.status }),
    ...(receipt === undefined ? {} : { receipt }),
  });
}

/** Who undoes may still keep the rest; any other second abort leaves what is left to people. */
function foldAbort(s: Draft, d: EventData<'operator.abort'>, e: JournalEvent): Change {
  const mode = d.mode ?? 'keep';
  const turns = s.aborted?.mode === 'undo' && mode === 'keep';
  // The clean-up begins anew where it had failed.
  for (const [id, { state }] of Object.entries(s.steps)) {
    if (state === 'failed') onStep(s, id, () => ({ freed: true }));
  }
  return {
    paused: undefined,
    held: undefined,
    aborted: { ...d, mode, again: s.aborted !== undefined && !turns, at: time(e) },
    orderedAt: time(e),
  };
}

/** A retry wakes the step that paused the run; its calls keep what is known of them. */
function foldRetry(s: Draft, d: EventData<'operator.retry'>, e: JournalEvent): Change {
  const step = s.steps[d.step];
  // Stood still before its first step, behind another member of its wave. What two people skipped
  // stays skipped.
  if (step === undefined || step.state === 'skipped') {
    return { paused: undefined, orderedAt: time(e) };
  }
  const retry = { event: e.id, person: d.person };
  for (const [id, call] of Object.entries(s.calls)) {
    // Of lost calls only those that the pause had shown: at the others nobody has looked.
    const seen = call.state !== 'lost' || step.verdicts[id]?.state === 'refuse';
    if (seen && id.startsWith(`${d.step}.`)) s.calls[id] = { ...call, freed: true };
  }
  // Whatever was mended in the pause: the facts are read again, unless calls were sent on them.
  const untouched = Object.values(s.calls).every(
    ({ state }) => state === 'void' || state === 'not-needed',
  );
  return {
    paused: undefined,
    orderedAt: time(e),
    ...(untouched ? { factsChecked: s.factsChecked.filter((at) => at !== 'first-call') } : {}),
    ...onStep(s, d.step, () => ({ state: 'failed', freed: true, retry })),
  };
}

const grantOf = (d: EventData<'approval.granted'>, at: number): Grant => ({
  person: d.person,
  role: d.role,
  nonce: d.nonce,
  at,
  ...(d.signed === undefined ? {} : { signed: d.signed }),
});

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
