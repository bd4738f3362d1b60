/** Which steps wait for people now, and for which part of their answer. Pure. */
import type { Action } from '../actions/action.ts';
import type { Plan } from '../runbook/plan.ts';
import type { Head } from './head.ts';
import type { RunState } from './state.ts';

export function asksOf(
  state: RunState,
  plan: Plan | undefined,
  actions: ReadonlyMap<string, Action>,
): Head['asks'] {
  if (state.paused !== undefined || state.ended !== undefined) return [];
  return (plan?.steps ?? []).flatMap((step) => {
    const known = state.steps[step.id];
    const action = actions.get(step.uses);
    if (known?.state !== 'running' || action?.asks === undefined) return [];
    const asked = action.asks(action.input.parse(step.input));
    const given = new Set(known.people.map((answer) => answer.part));
    const wanted: Head['asks'][number]['parts'] = asked.witness
      ? ['performed', 'witnessed']
      : ['confirmed'];
    // The witness comes after the work, so that it can be seen who witnessed whom.
    const next = wanted.find((part) => !given.has(part));
    if (next === undefined) return [];
    const { role, instruction } = asked;
    return [{ step: step.id, role, instruction, parts: [next], deadline: known.deadline }];
  });
}
