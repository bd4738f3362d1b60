/** What it can cost to let a plan decide which copy goes on: whoever signs has to know before. */
import { canonical } from '../canonical.ts';
import { reverseBody, swapBody, swapSplitBody } from '../vsp/paths.ts';
import type { Plan, PlanCall } from './plan.ts';

/**
 * Mildest first. `nothing`: both sides answer, and neither has what the other lacks. `unsent`: what one
 * side has not sent is given up. `old`: the volumes may lack more than that, and nobody knows how much.
 * `cut`: what is not sent is given up, and with the pairs every way back but a full copy.
 */
export const stakes = ['nothing', 'unsent', 'old', 'cut'] as const;
export type Stake = (typeof stakes)[number];

/** Of calls that are only let through while one side has all that the other has. */
const LOSSLESS = [swapBody, swapSplitBody, reverseBody('GAD')].map((body) => canonical(body));

/** The worst of its calls of class `takeover`; undefined when it has none. */
export function stakeOf({ calls }: Pick<Plan, 'calls'>): Stake | undefined {
  const found = calls.filter((call) => call.class === 'takeover').map(stakeOfCall);
  if (found.length > 0 && calls.some(cutsGroup)) return 'cut';
  return stakes.findLast((stake) => found.includes(stake));
}

/** Dissolves a whole group of pairs. */
const cutsGroup = ({ method, path }: PlanCall): boolean =>
  method === 'DELETE' && /\/remote-mirror-copygroups\/[^/]+$/.test(path);

function stakeOfCall({ body, guards }: PlanCall): Stake {
  if (LOSSLESS.includes(canonical(body ?? null))) return 'nothing';
  const old = guards.some(({ args }) => args['worst'] === 'not-current');
  return old ? 'old' : 'unsent';
}
