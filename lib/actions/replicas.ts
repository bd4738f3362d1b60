/** Both halves of the remote copy as they are now: read at every step that could disturb it. */
import type { Site } from '../config.ts';
import { type Bound, boundOf } from '../runbook/bound.ts';
import type { Facts, Plan } from '../runbook/plan.ts';
import { type ReplicationClass, replicationClass, statesOf } from '../vsp/pairs.ts';
import { reads } from '../vsp/paths.ts';
import {
  type ClonePair,
  cloneGroupSchema,
  type Journal,
  journalsSchema,
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

/** States by half, `unknown` where it could not be read. */
export interface ReplicationSample {
  readonly states: readonly string[];
  readonly class: ReplicationClass;
  /** True only when a half that was read says so. */
  readonly suspended: boolean;
  readonly why: readonly string[];
}

const STATUS = { primary: 'pvol', secondary: 'svol' } as const;

export async function sampleReplication(read: Reader, plan: Plan): Promise<ReplicationSample> {
  const bound = boundOf(plan.facts);
  const replication = replicationOf(plan.facts);
  const halves = await Promise.all(
    (['primary', 'secondary'] as const).map(async (end) => {
      const { site, deviceGroup } = replication[end];
      const { array } = boundSite(bound, site);
      const place = onArray(site, array, reads.half(replication.group, deviceGroup));
      return { end, site, seen: await see(read, place, remoteGroupSchema) };
    }),
  );
  const known = halves.flatMap(({ end, seen }) =>
    seen.ok ? seen.value.copyPairs.map((pair) => pair[`${STATUS[end]}Status`]) : [],
  );
  const whole = halves.every(({ seen }) => seen.ok);
  const states = halves.map(({ end, site, seen }) => {
    const text = seen.ok ? statesOf(seen.value.copyPairs, STATUS[end]).join(',') : 'unknown';
    return `${site} ${text}`;
  });
  const ofKnown = replicationClass(known);
  return {
    states,
    class: whole ? ofKnown : 'unknown',
    suspended: known.length > 0 && ofKnown === 'suspended',
    why: halves.flatMap(({ seen }) => (seen.ok ? [] : [seen.why])),
  };
}

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
