/** The two sides of a copy group by site: their volumes, their ids, how they are now, their guards. */
import type { Site } from '../../config.ts';
import { type Bound, boundOf } from '../../runbook/bound.ts';
import type { Facts, Guard, Plan } from '../../runbook/plan.ts';
import { against, hazardText } from '../../vsp/hazards.ts';
import { actionMethod, objectsPath, reads, wholeGroupId } from '../../vsp/paths.ts';
import { remoteGroupSchema } from '../../vsp/schema.ts';
import { type Side, type SideCondition, sideOf } from '../../vsp/sides.ts';
import type { DraftCall, PlanContext, Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { pathGuard } from '../guards.ts';
import type { Effect } from '../judging.ts';
import { arrayTarget, onArray, type Seen, see } from '../reads.ts';
import { boundSite, halfAt, replicationOf, takeoverOf } from '../replicas.ts';

type Replication = NonNullable<Bound['replication']>;
type GuardedSite = Pick<Site, 'id' | 'array'>;

/** LDEVs of the group at a site, by the order of its pairs. */
export function ldevsAt(replication: Replication, site: string): number[] {
  const { site: primary } = replication.primary;
  halfAt(replication, site);
  return replication.pairs.map(({ pvol, svol }) => (primary === site ? pvol : svol));
}

/** The site at the other end. Throws ACT-PLAN for a site that has no half. */
export function otherSite(replication: Replication, site: string): string {
  halfAt(replication, site);
  const { primary, secondary } = replication;
  return primary.site === site ? secondary.site : primary.site;
}

interface AtGroup {
  readonly facts: Facts;
  /** Its path below the objects of the array, by the id of the group. */
  readonly does: (id: string) => string;
}

/** Where the array at a site is asked to do something to the group; its id names both arrays. */
export function atGroup(
  { id, array }: GuardedSite,
  replication: Replication,
  { facts, does }: AtGroup,
): Pick<DraftCall, 'site' | 'target' | 'method' | 'path'> {
  const other = halfAt(replication, otherSite(replication, id));
  const whole = wholeGroupId(replication.group, {
    remoteArray: boundSite(boundOf(facts), other.site).array.storageDeviceId,
    local: halfAt(replication, id).deviceGroup,
    remote: other.deviceGroup,
  });
  return {
    site: id,
    target: arrayTarget(array),
    method: actionMethod(array.api),
    path: objectsPath(array, does(whole)),
  };
}

/**
 * The mirror a step is about. Throws ACT-PLAN unless it is that of the service, holds exactly the
 * service's volumes, and moves no other service along.
 */
export function wholeMirror(group: string, { facts, service, config }: PlanContext): Replication {
  const replication = replicationOf(facts);
  const refuse = (what: string, why: string) => new ActionError('ACT-PLAN', what, why);
  if (replication.group !== group) {
    throw refuse(`Copy group ${group}.`, `The service has ${replication.group}.`);
  }
  const others = config.services
    .filter(({ id, replication: own }) => id !== service.id && own.group === group)
    .map(({ id }) => id);
  if (others.length > 0) {
    throw refuse(`Copy group ${group} is shared with ${others.join(', ')}.`, hazardText(16));
  }
  const volumes = service.servers.flatMap((server) => server.volumes).length;
  const { length } = replication.pairs;
  if (length === volumes) return replication;
  const what = `Copy group ${group} holds ${length} pairs; ${service.id} has ${volumes} volumes.`;
  throw refuse(what, hazardText(length > volumes ? 16 : 7));
}

/** One half as its own array shows it, whatever its role. */
export async function seeSide(read: Reader, plan: Plan, site: string): Promise<Seen<Side>> {
  const replication = replicationOf(plan.facts);
  const half = reads.half(replication.group, halfAt(replication, site).deviceGroup);
  return seeHalf(read, plan, { site, half, ldevs: ldevsAt(replication, site) });
}

/** The half that is left, where the other site is given up. */
export function seeSideLeft(read: Reader, plan: Plan): Promise<Seen<Side>> {
  const { site, id, pairs } = takeoverOf(plan.facts);
  const half = `remote-mirror-copygroups/${id}`;
  return seeHalf(read, plan, { site, half, ldevs: pairs.map(({ svol }) => svol) });
}

async function seeHalf(
  read: Reader,
  plan: Plan,
  at: { readonly site: string; readonly half: string; readonly ldevs: readonly number[] },
): Promise<Seen<Side>> {
  const { array } = boundSite(boundOf(plan.facts), at.site);
  const seen = await see(read, onArray(at.site, array, at.half), remoteGroupSchema);
  if (!seen.ok) return seen;
  return { ok: true, value: sideOf(seen.value.copyPairs, at.ldevs) };
}

/** `dr S PAIR`, or that it is not known and why. */
export const sideText = (site: string, side: Seen<Side>): string =>
  side.ok ? `${site} ${side.value.states.join(', ')}` : `${site} unknown (${side.why})`;

/** What is wrong with the sides before any state counts; undefined when they can be judged. */
export function unjudgeable(sides: readonly Seen<Side>[], states: string): Effect | undefined {
  const told = (hazard: number): Effect => ({
    seen: 'broken',
    why: `${states}. ${hazardText(hazard)}`,
    reading: { states },
  });
  if (sides.some((side) => !side.ok && side.gone)) return told(5);
  const known = sides.flatMap((side) => (side.ok ? [side.value] : []));
  const other = known.find(({ same }) => !same);
  if (other !== undefined) return told(other.less ? 8 : 16);
  if (known.some((side) => side.states.some((state) => state.endsWith(' SMPL')))) return told(5);
  if (known.length === sides.length) return undefined;
  return { seen: 'unknown', why: `Not both sides are known: ${states}.`, reading: { states } };
}

/** A guard on the half at a site, named after the hazard that it keeps away. */
export function sideGuard(
  { id, array }: GuardedSite,
  replication: Replication,
  { is, hazard }: { readonly is: SideCondition; readonly hazard: number },
): Guard {
  const half = reads.half(replication.group, halfAt(replication, id).deviceGroup);
  return {
    id: against(hazard, is),
    target: arrayTarget(array),
    path: objectsPath(array, half),
    predicate: is,
    args: { ldevs: ldevsAt(replication, id) },
  };
}

/** The journal at a site is empty; none where nothing is journalled. */
export function drainedGuards(
  { id, array }: GuardedSite,
  replication: Replication,
  status: 'PJNN' | 'SJNN',
): Guard[] {
  const { journalId } = halfAt(replication, id);
  if (journalId === undefined) return [];
  const { muNumber } = replication;
  return [
    {
      id: against(11, 'journal-drained'),
      target: arrayTarget(array),
      path: objectsPath(array, reads.journals),
      predicate: 'journal-drained',
      args: { journalId, muNumber, status },
    },
  ];
}

/** Every remote path from one array to the other is normal. */
export const linkGuard = ({ array }: GuardedSite, to: GuardedSite): Guard => ({
  id: 'remote-paths-up',
  target: arrayTarget(array),
  path: objectsPath(array, reads.remotePaths),
  predicate: 'remote-paths-up',
  args: { storageDeviceId: to.array.storageDeviceId },
});

/** No host reaches the volumes at a site. */
export const fencedGuards = (site: Site, replication: Replication): Guard[] =>
  ldevsAt(replication, site.id).map((ldev) => {
    const guard = pathGuard(site, ldev);
    return { ...guard, id: against(2, guard.id) };
  });

/** Both sides in words, for a person who must say what became of a lost call. */
export async function situationOfSides(
  { plan }: { readonly plan: Plan },
  read: Reader,
): Promise<readonly string[]> {
  const { group, primary, secondary } = replicationOf(plan.facts);
  const sides = await Promise.all(
    [primary.site, secondary.site].map(async (site) =>
      sideText(site, await seeSide(read, plan, site)),
    ),
  );
  return [`${group}: ${sides.join('; ')}.`];
}
