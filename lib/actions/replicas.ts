/** Both halves of the remote copy as they are now: read at every step that could disturb it. */
import type { Site } from '../config.ts';
import { type Bound, type BoundHalf, type BoundPath, boundOf } from '../runbook/bound.ts';
import type { Facts, Plan } from '../runbook/plan.ts';
import { type ReplicationClass, replicationClass } from '../vsp/pairs.ts';
import { reads } from '../vsp/paths.ts';
import {
  type ClonePair,
  cloneGroupSchema,
  type Journal,
  journalsSchema,
  type RemotePair,
  remoteGroupSchema,
} from '../vsp/schema.ts';
import type { Reader } from './action.ts';
import { ActionError } from './errors.ts';
import { onArray, type Seen, see } from './reads.ts';

type Replication = NonNullable<Bound['replication']>;
type Clone = NonNullable<Bound['clone']>;

/** A site as the bound facts know it. */
export type BoundSite = Pick<Site, 'id' | 'cloud' | 'array'>;

export function boundSite(bound: Bound, id: string): BoundSite {
  const site = bound.sites[id];
  if (site === undefined) throw missing(`site ${id}`);
  const { storageDeviceId, api, cloud } = site;
  return { id, cloud, array: { storageDeviceId, api } };
}

const missing = (what: string) =>
  new ActionError('ACT-PLAN', `The facts hold no ${what}.`, 'An action that needs it must ask.');

/** Facts by family; throws ACT-PLAN when nobody asked for them. */
export function replicationOf(facts: Facts): Replication {
  const found = boundOf(facts).replication;
  if (found === undefined) throw missing('replication');
  return found;
}

export function takeoverOf(facts: Facts): NonNullable<Bound['takeover']> {
  const found = boundOf(facts).takeover;
  if (found === undefined) throw missing('takeover');
  return found;
}

export function farOf(facts: Facts): Replication {
  const found = boundOf(facts).far;
  if (found === undefined) throw missing('third centre');
  return found;
}

export function survivorOf(facts: Facts): NonNullable<Bound['survivor']> {
  const found = boundOf(facts).survivor;
  if (found === undefined) throw missing('site that is left');
  return found;
}

export function cloneOf(facts: Facts): Clone {
  const found = boundOf(facts).clone;
  if (found === undefined) throw missing('drill copies');
  return found;
}

export function volumesOf(facts: Facts): NonNullable<Bound['volumes']> {
  const found = boundOf(facts).volumes;
  if (found === undefined) throw missing('volume map');
  return found;
}

export function twinsOf(facts: Facts): NonNullable<Bound['twins']> {
  const found = boundOf(facts).twins;
  if (found === undefined) throw missing('twin volumes');
  return found;
}

/** Servers of the service that exist at a site; none is no error. */
export function serversOf(facts: Facts, site: string): NonNullable<Bound['servers']>[string] {
  const found = boundOf(facts).servers;
  if (found === undefined) throw missing('servers');
  return found[site] ?? [];
}

/** How hosts reach the LDEVs of the service at a site. */
export function pathsOf(facts: Facts, site: string): readonly BoundPath[] {
  const found = boundOf(facts).paths;
  if (found === undefined) throw missing('LU paths');
  return found[site] ?? [];
}

/** Paths that an earlier run removed there. */
export const fencedOf = (facts: Facts, site: string): readonly BoundPath[] =>
  boundOf(facts).fenced?.[site] ?? [];

/** The half of a copy group that lies at a site, whatever its role. */
export function halfAt({ primary, secondary, group }: Replication, site: string): BoundHalf {
  const half = [primary, secondary].find((one) => one.site === site);
  if (half !== undefined) return half;
  throw new ActionError('ACT-PLAN', `${group} has no half at ${site}.`, 'Name one of its sites.');
}

/** States by half, `unknown` where it could not be read. */
export interface ReplicationSample {
  readonly states: readonly string[];
  readonly class: ReplicationClass;
  /** True only when a half that was read says so. */
  readonly suspended: boolean;
  readonly why: readonly string[];
}

export async function sampleReplication(read: Reader, plan: Plan): Promise<ReplicationSample> {
  const bound = boundOf(plan.facts);
  const replication = replicationOf(plan.facts);
  const halves = await Promise.all(
    (['primary', 'secondary'] as const).map(async (end) => {
      const { site, deviceGroup } = replication[end];
      const { array } = boundSite(bound, site);
      const place = onArray(site, array, reads.half(replication.group, deviceGroup));
      return { site, seen: await see(read, place, remoteGroupSchema) };
    }),
  );
  const known = halves.flatMap(({ seen }) => (seen.ok ? seen.value.copyPairs.map(ownStatus) : []));
  const whole = halves.every(({ seen }) => seen.ok);
  const states = halves.map(({ site, seen }) => {
    const text = seen.ok ? [...new Set(seen.value.copyPairs.map(ownStatus))].sort().join(',') : '';
    return `${site} ${seen.ok ? text : 'unknown'}`;
  });
  const ofKnown = replicationClass(known);
  return {
    states,
    class: whole ? ofKnown : 'unknown',
    suspended: known.length > 0 && ofKnown === 'suspended',
    why: halves.flatMap(({ seen }) => (seen.ok ? [] : [seen.why])),
  };
}

/** An array shows of its own half only the role it has now. */
const ownStatus = (pair: RemotePair): string => pair.pvolStatus ?? pair.svolStatus ?? 'unknown';

/** The journal of one half. */
export async function seeJournal(
  read: Reader,
  plan: Plan,
  end: 'primary' | 'secondary',
): Promise<Seen<Journal>> {
  const replication = replicationOf(plan.facts);
  const { site, journalId } = replication[end];
  const { array } = boundSite(boundOf(plan.facts), site);
  const seen = await see(read, onArray(site, array, reads.journals), journalsSchema);
  if (!seen.ok) return seen;
  const journal = seen.value.data.find(
    (one) => one.journalId === journalId && (one.muNumber ?? 0) === replication.muNumber,
  );
  if (journal !== undefined) return { ok: true, value: journal };
  return { ok: false, why: `journal ${journalId} at ${site} is not listed`, gone: false };
}

/** The pairs of the drill copy as they are, whatever the plan says. */
export async function seeCopies(read: Reader, plan: Plan): Promise<Seen<readonly ClonePair[]>> {
  const clone = cloneOf(plan.facts);
  const { array } = boundSite(boundOf(plan.facts), clone.site);
  const place = onArray(clone.site, array, reads.cloneGroup(clone.id));
  const seen = await see(read, place, cloneGroupSchema);
  return seen.ok ? { ok: true, value: seen.value.copyPairs } : seen;
}

/** The pairs of the drill copy; when they are not those of the plan nothing is known of them. */
export async function seeClones(read: Reader, plan: Plan): Promise<Seen<readonly ClonePair[]>> {
  const clone = cloneOf(plan.facts);
  const seen = await seeCopies(read, plan);
  if (!seen.ok) return seen;
  const have = seen.value
    .map((pair) => `${pair.copyPairName} ${pair.pvolLdevId} ${pair.svolLdevId}`)
    .sort();
  const wanted = clone.pairs.map((pair) => `${pair.name} ${pair.pvol} ${pair.svol}`).sort();
  if (have.join() === wanted.join()) return seen;
  return { ok: false, why: `${clone.group} holds other pairs than the plan`, gone: false };
}
