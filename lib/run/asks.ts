/** Which steps wait for people now, and for which part of their answer. Pure. */
import type { Action } from '../actions/action.ts';
import type { Plan } from '../runbook/plan.ts';
import { phaseOf } from './decide/known.ts';
import type { Head } from './head.ts';
import type { RunState } from './state.ts';

type Asked = ReturnType<NonNullable<Action['asks']>>;
type Parts = Head['asks'][number]['parts'];

function partsOf({ witness, declares }: Asked): Parts {
  if (declares === true) return ['declared'];
  return witness ? ['performed', 'witnessed'] : ['confirmed'];
}

/** The step that a declaration belongs to and who may give it, until one is given. */
export function declarationOf(
  state: RunState,
  plan: Plan | undefined,
  actions: ReadonlyMap<string, Action>,
): { readonly step: string; readonly role: string } | undefined {
  if (state.declared !== undefined) return undefined;
  for (const { id, uses, input } of plan?.steps ?? []) {
    const action = actions.get(uses);
    const asked = action?.asks?.(action.input.parse(input));
    if (asked?.declares === true) return { step: id, role: asked.role };
  }
  return undefined;
}

export function asksOf(
  state: RunState,
  plan: Plan | undefined,
  actions: ReadonlyMap<string, Action>,
): Head['asks'] {
  const { ended, paused, preempted } = state;
  if (plan === undefined || (ended ?? paused ?? preempted) !== undefined) return [];
  const phase = phaseOf(state, plan);
  return plan.steps.flatMap((step) => {
    // A question of a phase that is closed is nobody's any more.
    if (step.phase !== phase) return [];
    const known = state.steps[step.id];
    const action = actions.get(step.uses);
    if (known?.state !== 'running' || action?.asks === undefined) return [];
    const asked = action.asks(action.input.parse(step.input));
    const given = new Set(known.people.map((answer) => answer.part));
    if (state.declared?.step === step.id) given.add('declared');
    const wanted = partsOf(asked);
    // The witness comes after the work, so that it can be seen who witnessed whom.
    const next = wanted.find((part) => !given.has(part));
    if (next === undefined) return [];
    const { role, instruction, proof } = asked;
    const words = proof !== undefined && next === 'performed' ? { proof } : {};
    const { deadline } = known;
    return [{ step: step.id, role, instruction, ...words, parts: [next], deadline }];
  });
}
