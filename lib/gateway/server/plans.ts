/** Registering a plan: it must be whole, and no more dangerous than it says. */
import type * as z from 'zod';
import { wordsOf } from '../../approval/words.ts';
import { hashOf } from '../../canonical.ts';
import { classOf } from '../../runbook/danger.ts';
import {
  type DangerClass,
  dangerClasses,
  type Plan,
  type PlanCall,
  worseOf,
} from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { registeredSchema, registerSchema } from '../protocol.ts';
import type { Parts } from './gateway.ts';
import { assertReadable, isPlainPath } from './reads.ts';
import { tasksFor } from './tasks/agreed.ts';

/**
 * Answers the hash this gateway computed and the worst class among its own site's calls. Rejects
 * with GW-PLAN-SHAPE, GW-PLAN-CLASS, GW-CALL-TABLE, GW-TARGET or GW-READ. Knocking twice is fine.
 */
export async function registerPlan(
  parts: Parts,
  body: z.infer<typeof registerSchema>,
): Promise<z.infer<typeof registeredSchema>> {
  const { plan } = body;
  const planHash = hashOf(plan);
  const own = plan.calls.filter((call) => call.site === parts.folder.settings.site);
  assertWhole(plan);
  for (const call of own) assertCallable(parts, { plan, call });
  const classes = own.map((call) => dangerHere(parts, plan, call));
  if (parts.book.plan(planHash) === undefined) {
    await parts.book.write({ type: 'plan', at: parts.clock.now(), planHash, ...body });
  }
  const words = wordsOf(plan, planHash);
  return { planHash, class: classes.reduce(worseOf, 'none'), words };
}

/**
 * The class by this gateway's own list. Throws GW-CALL-TABLE for a call nobody knows, GW-TASK for a
 * site task that its owner does not allow so, GW-PLAN-CLASS for what is worse than the plan says.
 */
export function dangerHere(
  { folder }: Pick<Parts, 'folder'>,
  plan: Plan,
  call: PlanCall,
): DangerClass {
  const { drillable } = folder.settings;
  const tasks = tasksFor(folder, plan, call);
  const found = classOf(call, { facts: plan.facts, drillable, tasks });
  if (found === undefined) {
    throw new GatewayError('GW-CALL-TABLE', `${call.id}: ${call.method} ${call.path} is unknown.`);
  }
  if (isWorse(found, call.class)) {
    const what = `${call.id} is of class ${found}, the plan says ${call.class}.`;
    throw new GatewayError('GW-PLAN-CLASS', what);
  }
  return found;
}

export const isWorse = (a: DangerClass, b: DangerClass): boolean =>
  dangerClasses.indexOf(a) > dangerClasses.indexOf(b);

/** What every gateway can see of a plan, whoever's calls they are. */
function assertWhole(plan: Plan): void {
  // It names folders and files where the run goes on without the control plane.
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(plan.run)) fault(`${plan.run} is no name of a run.`);
  if (plan.factsHash !== hashOf(plan.facts)) fault('factsHash is not the hash of the facts.');
  const calls = new Map(plan.calls.map((call) => [call.id, call]));
  if (calls.size !== plan.calls.length) fault('Two calls have the same id.');
  const keys = plan.calls.flatMap(({ creates }) => (creates === undefined ? [] : [creates.key]));
  if (new Set(keys).size !== keys.length) fault('Two calls create under the same key.');
  const worst = plan.calls.map((call) => call.class).reduce(worseOf, 'none');
  if (isWorse(worst, plan.class)) fault(`It has calls of class ${worst} and says ${plan.class}.`);
  const unasked = plan.calls.find((call) => plan.givesUp?.includes(call.site));
  if (unasked !== undefined) fault(`${unasked.id} is at ${unasked.site}, which it gives up.`);
  const placed = new Set<string>();
  // Calls stand in an order in which each comes after all it depends on: so there is no circle.
  for (const call of plan.calls) {
    for (const id of [...call.after, ...call.holes.map((hole) => hole.call)]) {
      if (!placed.has(id)) fault(`${call.id} depends on ${id}, which does not stand before it.`);
    }
    placed.add(call.id);
  }
}

/**
 * How what was made is found again, by kind of target. The plan may not choose: another field would
 * let a hole name an object of somebody else, a narrower listing would hide what is there.
 */
const listings: Readonly<Record<string, { readonly path: RegExp; readonly found: string }>> = {
  nova: { path: /^\/servers\/detail$/, found: '/servers /metadata/drillbook-key /id' },
  cinder: { path: /^\/volumes\/detail$/, found: '/volumes /metadata/drillbook-key /id' },
  neutron: { path: /^\/v2\.0\/ports(\?network_id=[A-Za-z0-9-]+)?$/, found: '/ports /name /id' },
};
const described = (list: string) => `${list} /description /id`;

/** Objects of the configuration say it in their description, a restored volume by its name. */
const configured: Readonly<Record<string, string>> = {
  'cinder /volumes/detail': '/volumes /name /id',
  'keystone /projects': described('/projects'),
  'neutron /v2.0/networks': described('/networks'),
  'neutron /v2.0/subnets': described('/subnets'),
  'neutron /v2.0/routers': described('/routers'),
  'neutron /v2.0/security-groups': described('/security_groups'),
};

/** What only the gateway of the call's own site can see. */
function assertCallable(parts: Parts, { plan, call }: { plan: Plan; call: PlanCall }): void {
  const { settings } = parts.folder;
  parts.targets.find(call.target);
  if (!isPlainPath(call.path)) fault(`${call.id}: ${call.path} is not a plain path.`);
  for (const guard of call.guards) {
    parts.targets.find(guard.target);
    assertReadable(guard, settings);
  }
  const text = `${call.path} ${JSON.stringify(call.body ?? null)}`;
  const used = new Set([...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name));
  const named = new Set<string | undefined>(call.holes.map((hole) => hole.name));
  if (named.size !== call.holes.length) fault(`${call.id}: two holes have the same name.`);
  if (used.size !== named.size || [...used].some((name) => !named.has(name))) {
    fault(`${call.id}: the holes declared are not the holes in path and body.`);
  }
  for (const { call: id } of call.holes)
    assertMaker(
      call,
      plan.calls.find((one) => one.id === id),
    );
  if (call.creates === undefined) return;
  assertReadable({ target: call.target, path: call.creates.listPath }, settings);
  const { key, listPath, list, keyField, id } = call.creates;
  const [kind = ''] = call.target.split(':');
  const found = `${list} ${keyField} ${id}`;
  const listing = listings[kind];
  const known = listing?.found === found && listing.path.test(listPath);
  if (!known && configured[`${kind} ${listPath}`] !== found) {
    fault(`${call.id}: ${listPath} ${found} is not how such an object is found again.`);
  }
  if (!/^drillbook-[0-9a-f]{16,}$/.test(key)) fault(`${call.id}: ${key} is no key of ours.`);
  if (!hasText(call.body, key)) fault(`${call.id}: the body does not carry its key.`);
}

/** A hole is filled only from something that a call of this plan makes, here, under a key. */
function assertMaker(call: PlanCall, maker: PlanCall | undefined): void {
  const makes = maker?.method === 'POST' && maker.creates !== undefined;
  // Only the site that made it can see whether it is still ours, so only that site deletes it.
  const here = maker?.site === call.site || call.method !== 'DELETE';
  if (maker === undefined || !makes || !here) {
    fault(`${call.id} takes a value from a call that makes nothing it may name.`);
  }
}

function hasText(value: unknown, text: string): boolean {
  if (typeof value !== 'object' || value === null) return value === text;
  return Object.values(value).some((inner) => hasText(inner, text));
}

function fault(why: string): never {
  throw new GatewayError('GW-PLAN-SHAPE', 'The plan is refused.', { why });
}
