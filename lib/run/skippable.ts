/** Whether a step can be skipped now. Pure; gateways look at their own books once more. */
import type { Plan } from '../runbook/plan.ts';
import type { CallState, RunState } from './state.ts';

/** On its way, or it may have had an effect: that cannot be skipped any more. */
const CARRIED_OUT: readonly CallState['state'][] = ['intent', 'answered', 'lost'];

/**
 * Not begun, failed, or standing still under an operator's pause, and nothing of it was carried
 * out. Answers why not, in words; undefined when it can.
 */
export function unskippable(state: RunState, plan: Plan, id: string): string | undefined {
  const known = state.steps[id];
  const stands =
    known === undefined ||
    known.state === 'failed' ||
    (known.state === 'running' && state.held !== undefined);
  if (!stands) return `Step ${id} is ${known.state}.`;
  const sent = plan.calls.find(
    (call) => call.step === id && CARRIED_OUT.includes(state.calls[call.id]?.state ?? 'void'),
  );
  if (sent === undefined) return undefined;
  return state.calls[sent.id]?.state === 'intent'
    ? `${sent.id} is on its way.`
    : `${sent.id} was handed over and may have been carried out; retry the step or abort.`;
}
