/** How everything that the calls of a step are about is now, each thing read once. */
import { cinderPaths } from '../../openstack/paths.ts';
import { type Likeness, likenessesSchema, oneLikenessSchema } from '../../openstack/protection.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Plan } from '../../runbook/plan.ts';
import { cloneGroupId, reads } from '../../vsp/paths.ts';
import { type Pairable, pairableSchema } from '../../vsp/protection.ts';
import {
  type ClonePair,
  cloneGroupSchema,
  type RemotePair,
  remoteGroupSchema,
} from '../../vsp/schema.ts';
import type { Reader, StepView } from '../action.ts';
import { seeJobOf } from '../clone/job.ts';
import { onArray, onCloud, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { aboutOf } from './about.ts';
import { protectionOf } from './rows.ts';

export interface World {
  /** Of the DR Cinder, when the step makes volumes. */
  readonly made?: Seen<readonly Likeness[]>;
  /** By site and volume id; by site and LDEV. */
  readonly volumes: ReadonlyMap<string, Seen<Likeness>>;
  readonly ldevs: ReadonlyMap<string, Seen<Pairable>>;
  /** What is not there has no pairs. */
  readonly halves?: Halves;
  readonly clones?: Seen<readonly ClonePair[]>;
  readonly jobs: Readonly<Record<string, Awaited<ReturnType<typeof seeJobOf>>>>;
}

export interface Halves {
  readonly from: Seen<readonly RemotePair[]>;
  readonly to: Seen<readonly RemotePair[]>;
}

export const placeName = (site: string, id: string | number): string => `${site} ${id}`;

export async function seeWorld(view: StepView, read: Reader): Promise<World> {
  const { plan, calls } = view;
  const abouts = calls.map((call) => ({ site: call.site, about: aboutOf(call) }));
  const kinds = new Set(abouts.map(({ about }) => about?.of));
  const volumes = abouts.flatMap(({ site, about }) =>
    about?.of === 'volume' ? [{ site, id: about.volume }] : [],
  );
  const ldevs = abouts.flatMap(({ site, about }) =>
    about?.of === 'path' ? [{ site, id: about.ldev }] : [],
  );
  const [made, seenVolumes, seenLdevs, halves, clones, jobs] = await Promise.all([
    kinds.has('new-volume') ? seeMade(read, plan) : undefined,
    seeAll(volumes, ({ site, id }) => seeVolumeAt(read, plan, { site, id })),
    seeAll(ldevs, ({ site, id }) => seeLdevAt(read, plan, { site, id })),
    kinds.has('pair') ? seeHalves(read, plan) : undefined,
    kinds.has('clone') ? seeCloneGroup(read, plan) : undefined,
    Promise.all(calls.map((call) => seeJobOf(read, view, call))),
  ]);
  return {
    ...(made === undefined ? {} : { made }),
    ...(halves === undefined ? {} : { halves }),
    ...(clones === undefined ? {} : { clones }),
    ...{ volumes: seenVolumes, ldevs: seenLdevs },
    jobs: Object.fromEntries(calls.map(({ id }, i) => [id, jobs[i]])),
  };
}

async function seeAll<I extends string | number, T>(
  asked: readonly { readonly site: string; readonly id: I }[],
  look: (one: { readonly site: string; readonly id: I }) => Promise<Seen<T>>,
): Promise<ReadonlyMap<string, Seen<T>>> {
  const once = new Map(asked.map((one) => [placeName(one.site, one.id), one]));
  const rows = await Promise.all(
    [...once].map(async ([name, one]) => [name, await look(one)] as const),
  );
  return new Map(rows);
}

async function seeMade(read: Reader, plan: Plan): Promise<Seen<readonly Likeness[]>> {
  const site = boundSite(boundOf(plan.facts), protectionOf(plan.facts).to);
  const seen = await see(read, onCloud(site, 'cinder', cinderPaths.volumes), likenessesSchema);
  if (!seen.ok) return seen;
  if (seen.value.volumes_links === undefined) return { ok: true, value: seen.value.volumes };
  return { ok: false, why: `cinder at ${site.id} lists only a part`, gone: false };
}

export async function seeVolumeAt(
  read: Reader,
  { facts }: Plan,
  { site, id }: { readonly site: string; readonly id: string },
): Promise<Seen<Likeness>> {
  const place = onCloud(boundSite(boundOf(facts), site), 'cinder', cinderPaths.volume(id));
  const seen = await see(read, place, oneLikenessSchema);
  return seen.ok ? { ok: true, value: seen.value.volume } : seen;
}

async function seeLdevAt(
  read: Reader,
  { facts }: Plan,
  { site, id }: { readonly site: string; readonly id: number },
): Promise<Seen<Pairable>> {
  const { array } = boundSite(boundOf(facts), site);
  return see(read, onArray(site, array, reads.ldev(id)), pairableSchema);
}

/** Each half at its own array. */
export async function seeHalves(read: Reader, { facts }: Plan): Promise<Halves> {
  const { from, to, mirror } = protectionOf(facts);
  const half = async (site: string, deviceGroup: string): Promise<Halves['from']> => {
    const { array } = boundSite(boundOf(facts), site);
    const place = onArray(site, array, reads.half(mirror.group, deviceGroup));
    return pairsIn(await see(read, place, remoteGroupSchema));
  };
  const [here, there] = await Promise.all([
    half(from, mirror.deviceGroups.from),
    half(to, mirror.deviceGroups.to),
  ]);
  return { from: here, to: there };
}

export async function seeCloneGroup(
  read: Reader,
  { facts }: Plan,
): Promise<Seen<readonly ClonePair[]>> {
  const { to, copies } = protectionOf(facts);
  const { array } = boundSite(boundOf(facts), to);
  const id = cloneGroupId(copies.group, copies.deviceGroups.pvol, copies.deviceGroups.svol);
  return pairsIn(await see(read, onArray(to, array, reads.cloneGroup(id)), cloneGroupSchema));
}

function pairsIn<P>(seen: Seen<{ readonly copyPairs: readonly P[] }>): Seen<readonly P[]> {
  if (seen.ok) return { ok: true, value: seen.value.copyPairs };
  return seen.gone ? { ok: true, value: [] } : seen;
}
