/** Whether the volumes of the service are writable at the site where servers are to be started. */
import type { Finding } from '../../predicate.ts';
import { evaluateGuard } from '../../runbook/guards.ts';
import type { Guard } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import type { Reader, StepView } from '../action.ts';
import type { Effect } from '../judging.ts';
import type { Seen } from '../reads.ts';

/** What one array says of its side, and which condition that is. */
export interface SideSeen {
  readonly site: string;
  readonly predicate: string;
  readonly seen: Seen<Finding>;
}

const SIDES = ['side-writable', 'side-unopened'];

/**
 * The gateways ask the same before each call; here it says why nothing is started yet. Empty: nothing
 * in this step depends on it.
 */
export async function seeSides(read: Reader, view: StepView): Promise<readonly SideSeen[]> {
  const asked = new Map<string, { readonly site: string; readonly guard: Guard }>();
  for (const { site, guards, grant } of view.calls) {
    for (const guard of guards) asked.set(guard.predicate, { site, guard });
    for (const guard of grant?.guards ?? []) {
      asked.set(guard.predicate, { site: grant?.site ?? site, guard });
    }
  }
  const wanted = [...asked.values()].filter(({ guard }) => SIDES.includes(guard.predicate));
  return Promise.all(
    wanted.map(async ({ site, guard }): Promise<SideSeen> => {
      const { target, path, predicate } = guard;
      const reading = await read(site, target, path);
      if (reading.ok) {
        return { site, predicate, seen: { ok: true, value: evaluateGuard(guard, reading) } };
      }
      const why = `${target} ${path} at ${site} does not answer: ${reading.why}`;
      return { site, predicate, seen: { ok: false, why, gone: false } };
    }),
  );
}

/** Why nothing may start there; undefined when nothing stands in the way. */
export function closedSide(sides: readonly SideSeen[]): Effect | undefined {
  // Of the other site its own gateway says it, or that nobody does.
  const shut = sides.find(({ predicate, seen }) =>
    seen.ok ? !seen.value.holds : predicate === 'side-writable',
  );
  if (shut === undefined) return undefined;
  if (!shut.seen.ok) return { seen: 'blocked', why: shut.seen.why };
  const reading = JSON.stringify(shut.seen.value.reading);
  const why =
    shut.predicate === 'side-writable'
      ? `The volumes are not writable there: ${reading}.`
      : `${shut.site}: ${reading}. ${hazardText(2)}`;
  return { seen: 'blocked', why };
}
