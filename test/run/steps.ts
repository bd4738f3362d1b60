/** A step of a plan, as little of it as a test need say. */
import type { PlanStep } from '../../lib/runbook/plan.ts';

export const step = (id: string, more: Partial<PlanStep> = {}): PlanStep => ({
  id,
  uses: 'test/step',
  title: { ko: id, en: id },
  phase: 'forward',
  needs: [],
  withinMs: 60_000,
  input: {},
  ...more,
});
