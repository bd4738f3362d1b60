/** A run's state while it is added up, and the changes that events make to it. */
import type { PersonAnswer } from '../actions/action.ts';
import type { ApprovalState, CallState, RunState, SkipState, StepState } from './state.ts';
import { isDone, type Verdict } from './verdict.ts';

/**
 * The maps grow with the run, so they belong to the fold, which changes them in place: adding up a
 * journal is linear in its length. Their entries, and everything else, are replaced.
 */
export type Draft = Omit<RunState, 'steps' | 'calls' | 'open' | 'causes'> & {
  readonly steps: Record<string, StepState>;
  readonly calls: Record<string, CallState>;
  readonly open: Set<string>;
  readonly causes: Set<string>;
};

export type Change = Partial<Omit<RunState, 'steps' | 'calls' | 'open' | 'causes'>>;

/** While the run stands still no limit of a step runs: it is moved by as long as that took. */
export function stillness(before: Draft, after: Draft, now: number): Change {
  const isStill = (s: Draft) => s.paused !== undefined || s.held !== undefined;
  if (isStill(before) === isStill(after)) return {};
  if (isStill(after)) return { stillSince: now };
  // A clock that was set back takes no time away from anybody.
  const stood = Math.max(0, now - (before.stillSince ?? now));
  for (const [id, step] of Object.entries(after.steps)) {
    if (step.state !== 'running') continue;
    after.steps[id] = { ...step, deadline: step.deadline + stood };
  }
  return { stillSince: undefined };
}

export function onApproval(s: Draft, change: (a: ApprovalState) => Partial<ApprovalState>): Change {
  return s.approval === undefined ? {} : { approval: { ...s.approval, ...change(s.approval) } };
}

export function onStep(
  s: Draft,
  step: string,
  change: (old: StepState | undefined) => Partial<StepState>,
): Change {
  const old = s.steps[step];
  s.steps[step] = { ...old, ...change(old) } as StepState;
  return {};
}

export function onCall(s: Draft, call: string, known: CallState): Change {
  s.calls[call] = known;
  if (known.state === 'intent') s.open.add(call);
  else s.open.delete(call);
  return {};
}

/** A step that ends before it began: two people skipped it. */
export const neverBegun = (at: number): Omit<StepState, 'state'> => ({
  attempt: 0,
  startedAt: at,
  deadline: at,
  verdicts: {},
  people: [],
  checks: {},
});

export const doneOf = (step: StepState | undefined): Record<string, Verdict> =>
  Object.fromEntries(Object.entries(step?.verdicts ?? {}).filter(([, verdict]) => isDone(verdict)));

export function onSkip(
  s: Draft,
  step: string,
  change: (old: SkipState | undefined) => SkipState | undefined,
): Change {
  const { [step]: old, ...rest } = s.skips;
  const next = change(old);
  return { skips: next === undefined ? rest : { ...rest, [step]: next } };
}

export function onPeople(s: Draft, step: string, given: PersonAnswer): Change {
  return onStep(s, step, (old) => ({ people: [...(old?.people ?? []), given] }));
}
