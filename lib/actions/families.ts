/** Which families of facts a runbook needs before it can be compiled. */
import type { Action } from './action.ts';

interface Written {
  readonly uses: string;
  /** As written: expressions are not evaluated. */
  readonly with: Readonly<Record<string, unknown>>;
}

/** Each family once, of all these steps. */
export function familiesOf(
  actions: ReadonlyMap<string, Action>,
  steps: readonly Written[],
): string[] {
  const all = steps.flatMap((step) => {
    const action = actions.get(step.uses);
    return [...(action?.facts ?? []), ...(action?.factsFor?.(step.with) ?? [])];
  });
  return [...new Set(all)];
}
