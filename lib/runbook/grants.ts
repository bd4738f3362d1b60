/**
 * Which calls are calls of both gateways. Computed by compile, and by the gateway with its own
 * table: a plan that leaves a grant out does not get round it.
 */
import { needsPeerArray } from '../vsp/danger.ts';
import type { DangerClass, Guard, PlanCall } from './plan.ts';

type Asked = Pick<PlanCall, 'target' | 'path'> & { readonly class: DangerClass };

/**
 * `session`: the call needs the token of the other array as well. Undefined: one gateway is enough,
 * which is so for what touches copies only (a start of servers from copies among them).
 */
export function grantRule({
  target,
  path,
  class: danger,
}: Asked): { session: boolean } | undefined {
  const session = target.startsWith('array:') && needsPeerArray(path);
  const grave = danger === 'data' || danger === 'takeover';
  return grave || session ? { session } : undefined;
}

/** The grant of a call as it stands in the plan; `peers` are the sites that may give it. */
export function grantOf(
  call: Asked,
  peers: readonly string[],
  guards: readonly Guard[] = [],
): PlanCall['grant'] {
  const rule = grantRule(call);
  const [site] = peers;
  return rule === undefined || site === undefined
    ? undefined
    : { site, guards: [...guards], ...rule };
}
