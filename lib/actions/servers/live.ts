/** Servers that are there by their ids, and what the calls of a step do to them. */
import type { ServerSpec } from '../../config.ts';
import { novaPaths, type PowerAction, powerBodies } from '../../openstack/paths.ts';
import { oneServerSchema, type Server } from '../../openstack/schema.ts';
import { type Bound, boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { PlanContext, Reader, StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite, serversOf } from '../replicas.ts';

/** A server of the service at a site, with the place that services.yml gives it. */
export type Live = NonNullable<Bound['servers']>[string][number] & { readonly spec: ServerSpec };

/** Those of `wanted` that exist at a site, in the order of services.yml. */
export function liveServers(
  { facts }: Pick<PlanContext, 'facts'>,
  site: string,
  wanted: readonly ServerSpec[],
): Live[] {
  const there = serversOf(facts, site);
  return wanted.flatMap((spec) => {
    const found = there.find(({ name }) => name === spec.name);
    return found === undefined ? [] : [{ ...found, spec }];
  });
}

/**
 * In a step that takes another one back: those that the other one touches. Undefined in any other
 * step; throws ACT-PLAN when the other one does something else than `actions`.
 */
export function undoneServers(
  live: readonly Live[],
  { calls, step, undoes }: PlanContext,
  actions: readonly PowerAction[],
): readonly Live[] | undefined {
  if (undoes === undefined) return undefined;
  const undone = calls.filter((call) => call.step === undoes).map(powerOfCall);
  if (undone.some((one) => one === undefined || !actions.includes(one.action))) {
    const why = `${undoes} does something else than ${actions.join(' and ')}.`;
    throw new ActionError('ACT-PLAN', `Step ${step} does not take back ${undoes}.`, why);
  }
  return live.filter(({ id }) => undone.some((one) => one?.server === id));
}

/** `/servers/<id>/action` with exactly one thing to do; undefined for any other call. */
export function powerOfCall(call: PlanCall): { server: string; action: PowerAction } | undefined {
  const server = /^\/servers\/([^/{]+)\/action$/.exec(call.path)?.[1];
  const [key] = Object.keys(call.body ?? {});
  const action = (Object.keys(powerBodies) as PowerAction[]).find(
    (name) => Object.keys(powerBodies[name])[0] === key,
  );
  return server === undefined || action === undefined ? undefined : { server, action };
}

/** The server a call names by its id. */
export const serverIdIn = (call: PlanCall): string | undefined =>
  /^\/servers\/([^/{]+)(\/action)?$/.exec(call.path)?.[1];

export type ServersSeen = ReadonlyMap<string, Seen<Server>>;

/** Each one by its id: 404 is gone, and nothing is concluded from a list. */
export async function seeServers(read: Reader, view: StepView): Promise<ServersSeen> {
  const bound = boundOf(view.plan.facts);
  const named = new Map(
    view.calls.flatMap((call) => {
      const id = serverIdIn(call);
      return id === undefined ? [] : [[id, call.site] as const];
    }),
  );
  const seen = await Promise.all(
    [...named].map(async ([id, siteId]) => {
      const place = onCloud(boundSite(bound, siteId), 'nova', novaPaths.server(id));
      const one = await see(read, place, oneServerSchema);
      return [id, one.ok ? { ok: true as const, value: one.value.server } : one] as const;
    }),
  );
  return new Map(seen);
}
