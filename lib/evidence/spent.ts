/** Where the time of a run went: waiting for people, for arrays, for the network, or at our own work. */
import { actions } from '../actions/index.ts';
import { openFold } from '../run/fold.ts';
import type { RunState } from '../run/state.ts';
import { waitingOf } from '../run/waiting.ts';
import type { Plan } from '../runbook/plan.ts';
import type { RunContent } from './content.ts';

/** ms. `machine`: servers, clouds, checks, and Drillbook itself. */
export interface Spent {
  readonly people: number;
  readonly machine: number;
  readonly array: number;
  readonly network: number;
}
type Kind = keyof Spent;

/** By the folder of the action; the rest is work of machines. */
const kinds: Readonly<Record<string, Kind>> = {
  people: 'people',
  disaster: 'people',
  replication: 'array',
  clone: 'array',
  paths: 'array',
  gad: 'array',
  network: 'network',
};

/** From the opening to the end of the run; every moment counts once, for whom the run waited then. */
export function spentOf({ events, plan }: Pick<RunContent, 'events' | 'plan'>): Spent {
  const spent = { people: 0, machine: 0, array: 0, network: 0 };
  const fold = openFold();
  for (const [i, event] of events.entries()) {
    fold.add(event);
    const state = fold.state();
    const next = events[i + 1];
    if (next === undefined) break;
    // A clock that was set back takes no time away from anybody.
    const tookMs = Math.max(0, Date.parse(next.ts) - Date.parse(event.ts));
    if (tookMs === 0) continue;
    const known = state.plan === undefined ? undefined : plan;
    spent[kindOf(waitingOf({ state, plan: known, actions }), { state, plan })] += tookMs;
  }
  return spent;
}

/** A call on its way is waited for at its target: the gateway only passes it on. */
function kindOf(
  waiting: ReturnType<typeof waitingOf>,
  { state, plan }: { readonly state: RunState; readonly plan: Plan | undefined },
): Kind {
  const [call] = state.open ?? [];
  const stepKind = (id: string | undefined): Kind => {
    const uses = plan?.steps.find((step) => step.id === id)?.uses ?? '';
    return kinds[uses.split('/')[0] ?? ''] ?? 'machine';
  };
  switch (waiting?.for) {
    case 'approvals':
    case 'person':
    case 'operator':
    case 'second-person':
      return 'people';
    case 'gateway':
      return call === undefined ? 'network' : stepKind(call.slice(0, call.indexOf('.')));
    case 'array':
      return stepKind(waiting.step);
    default:
      return 'machine';
  }
}
