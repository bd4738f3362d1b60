/** Services whose DR Cinder has no rows for the S-VOLs, and how services.yml says that they start there. */
import { type Bound, type BoundPath, boundOf } from '../../runbook/bound.ts';
import type { Facts, Guard, PlanCall } from '../../runbook/plan.ts';
import { against } from '../../vsp/hazards.ts';
import { objectsPath, reads } from '../../vsp/paths.ts';
import type { PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { arrayTarget } from '../reads.ts';
import { type BoundSite, takeoverOf } from '../replicas.ts';

type Secondary = NonNullable<Bound['secondaries']>[number];

/** Throws ACT-PLAN when nobody asked for them. */
export function secondariesOf(facts: Facts): readonly Secondary[] {
  const found = boundOf(facts).secondaries;
  if (found !== undefined) return found;
  const why = 'An action that needs them must ask.';
  throw new ActionError('ACT-PLAN', 'The facts hold no S-VOLs without rows.', why);
}

/** Throws ACT-PLAN for a service that services.yml does not send this way. */
export function assertWay(
  { service, step }: PlanContext,
  ways: readonly NonNullable<PlanContext['service']['atDr']>[],
): void {
  const { id, atDr = 'twin' } = service;
  if (ways.includes(atDr)) return;
  const wanted = ways.map((way) => `atDr: ${way}`).join(' or ');
  const why = `services.yml says atDr: ${atDr}; this step is for services with ${wanted}.`;
  throw new ActionError('ACT-PLAN', `Step ${step} is not the way of ${id}.`, why);
}

/** The site whose S-VOLs are taken over. */
export const siteTaken = ({ facts, config }: PlanContext) => siteOf(config, takeoverOf(facts).site);

/** Every S-VOL of the group is open there, and main's writes end before it. */
export function takenGuard({ array }: Pick<BoundSite, 'array'>, facts: Facts): Guard {
  const { id, pairs } = takeoverOf(facts);
  return {
    id: against(9, 'side-taken'),
    target: arrayTarget(array),
    path: objectsPath(array, `remote-mirror-copygroups/${id}`),
    predicate: 'side-taken',
    args: { ldevs: pairs.map(({ svol }) => svol) },
  };
}

export const ldevGuard = (
  { array }: Pick<BoundSite, 'array'>,
  predicate: 'ldev-undefined' | 'ldev-empty' | 'ldev-adoptable' | 'ldev-whole',
  args: { readonly ldev: number; readonly blocks?: number },
): Guard => ({
  id: `${predicate}-${args.ldev}`,
  target: arrayTarget(array),
  path: objectsPath(array, reads.ldev(args.ldev)),
  predicate,
  args: { ...args },
});

export const pathIsGuard = (
  { array }: Pick<BoundSite, 'array'>,
  { ldev }: BoundPath,
  lun: string,
): Guard => ({
  id: `path-of-ldev-${ldev}`,
  target: arrayTarget(array),
  path: objectsPath(array, reads.lun(lun)),
  predicate: 'path-of-ldev',
  args: { ldev },
});

/** The call that ends a copy, or frees the S-VOLs. */
export const endsCopy = ({ path }: Pick<PlanCall, 'path'>): boolean =>
  /\/snapshot-groups\/[^/]+\/actions\/clone\/invoke$/.test(path);
export const dissolves = ({ method, path }: Pick<PlanCall, 'method' | 'path'>): boolean =>
  method === 'DELETE' && /\/remote-mirror-copygroups\/[^/]+$/.test(path);
