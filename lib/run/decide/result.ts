/** How a run ends that went to its end. Pure; nothing here defaults to success. */
import type { Plan } from '../../runbook/plan.ts';
import type { RunResult } from '../event-data.ts';
import type { RunState } from '../state.ts';
import { stepsOf } from './known.ts';

/**
 * `passed`: every forward step done, every check passed. `conditional`: the same, but for steps that
 * were skipped or passed over with a recorded deviation; theirs is then the only check that failed.
 */
export function resultOf(state: RunState, plan: Plan): RunResult {
  const { approval, steps } = state;
  if (approval?.state === 'voided' || approval?.state === 'expired') return approval.state;
  if (state.aborted !== undefined) return 'aborted';
  if (state.undoing !== undefined) return 'failed';
  const passedOver = plan.steps.filter(({ id }) =>
    ['skipped', 'deviated'].includes(steps[id]?.state ?? ''),
  );
  const complete = stepsOf(plan, 'forward').every(
    (step) => steps[step.id]?.state === 'done' || passedOver.includes(step),
  );
  const measured = plan.steps
    .filter((step) => !passedOver.includes(step))
    .flatMap(({ id }) => Object.values(steps[id]?.checks ?? {}));
  if (!complete || measured.some((check) => check.verdict !== 'passed')) return 'failed';
  return passedOver.length > 0 ? 'conditional' : 'passed';
}
