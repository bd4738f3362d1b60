/** What a plan that protects volumes is built on, and the places that its calls go to. */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import { cinderPaths, TWIN_OF } from '../../openstack/paths.ts';
import { COPY_OF } from '../../openstack/protection.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { ProtectedVolume, Protection, ProtectionEnd } from '../../runbook/bound-protection.ts';
import type { Facts, Guard } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { objectsPath, reads } from '../../vsp/paths.ts';
import { BLOCKS_PER_GIB } from '../../vsp/protection.ts';
import type { DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { arrayTarget } from '../reads.ts';

/** Throws ACT-PLAN when nobody asked for it. */
export function protectionOf(facts: Facts): Protection {
  const found = boundOf(facts).protection;
  if (found !== undefined) return found;
  const why = 'An action that needs it must ask.';
  throw new ActionError('ACT-PLAN', 'The facts do not say what is protected.', why);
}

export interface Place {
  readonly protection: Protection;
  readonly from: Site;
  readonly to: Site;
}

/** Throws ACT-PLAN for a group that other services have as well: what is done to it is done to them. */
export function placeOf({ facts, config, service }: PlanContext): Place {
  const protection = protectionOf(facts);
  const { group } = protection.mirror;
  const others = config.services.filter(
    ({ id, replication }) => id !== service.id && replication.group === group,
  );
  if (others.length > 0) {
    const why = 'Give the service a group of its own, or change the group with the storage team.';
    const names = others.map(({ id }) => id).join(', ');
    throw new ActionError('ACT-PLAN', `Copy group ${group} is shared with ${names}.`, why);
  }
  return {
    protection,
    from: siteOf(config, protection.from),
    to: siteOf(config, protection.to),
  };
}

/** The two volumes at DR that stand for one at main. */
export type Role = 'replica' | 'copy';
export const roles: readonly Role[] = ['replica', 'copy'];
export const roleKeys = { replica: TWIN_OF, copy: COPY_OF } as const;
export const roleWords = {
  replica: { ko: 'DR 볼륨', en: 'DR volume' },
  copy: { ko: '훈련용 복제 볼륨', en: 'drill copy' },
} as const;

/** Throws ACT-PLAN for a volume that has not been made, ACT-TWIN-SIZE for one of another size. */
export function endAt(row: ProtectedVolume, role: Role): ProtectionEnd {
  const end = row[role];
  if (end === undefined) {
    const why =
      'Run protect-volumes first: what is overwritten must stand in the plan by its number.';
    throw new ActionError('ACT-PLAN', `${roleWords[role].en} of ${row.main} does not exist.`, why);
  }
  if (end.sizeGiB === row.sizeGiB) return end;
  const why = `It has ${end.sizeGiB} GiB, the volume at main ${row.sizeGiB} GiB.`;
  throw new ActionError('ACT-TWIN-SIZE', `Volume ${end.volume} does not fit ${row.main}.`, why);
}

/** One that is about to be paired: marked as ours, so that gateways can tell whose it is. */
export function markedEnd(row: ProtectedVolume, role: Role): ProtectionEnd {
  const end = endAt(row, role);
  if (end.named) return end;
  const why = 'Run adopt first: gateways pair only volumes that are marked as the twin of another.';
  throw new ActionError('ACT-PLAN', `Volume ${end.volume} is not marked for ${row.main}.`, why);
}

const labelOf = (volume: string): string => volume.replaceAll('-', '');

/** The size that a volume at main and its volumes at DR are to have. */
export const sizeSchema = z.strictObject({ volume: z.string(), sizeGiB: z.int().min(1) });

/** A volume that this very run dissolves and lets grow: paired again at its new size. */
export const againSchema = sizeSchema.extend({
  /**
   * Its pair was dissolved before this run. Nobody can tell any more which side is newer: what DR holds
   * beyond main is lost.
   */
  lose: z.boolean().default(false),
});
type Again = z.infer<typeof againSchema>;

/** The facts as they will be once that volume has grown; without one as they are. */
export function grown(protection: Protection, again: Again | undefined): Protection {
  if (again === undefined) return protection;
  const { volume, sizeGiB } = again;
  const { mirror, copies } = protection;
  const row = rowOf(protection, volume);
  if (row.pair === undefined && !again.lose) {
    const why = `If nobody wrote at DR since, say so with lose: true. ${hazardText(5)}`;
    throw new ActionError(
      'ACT-PLAN',
      `${row.name} is not paired: its former S-VOL may be newer.`,
      why,
    );
  }
  const { pair: _pair, clone: _clone, replica, copy, ...rest } = row;
  const larger: ProtectedVolume = {
    ...{ ...rest, sizeGiB },
    ...(replica === undefined ? {} : { replica: { ...replica, sizeGiB } }),
    ...(copy === undefined ? {} : { copy: { ...copy, sizeGiB } }),
  };
  const pairs = mirror.pairs.filter(({ main }) => main !== volume);
  const clones = copies.pairs.filter(({ pvol }) => pvol !== replica?.ldev);
  return {
    ...protection,
    // With its last pair a group is gone.
    mirror: { ...mirror, pairs, exists: pairs.length > 0 },
    copies: { ...copies, pairs: clones, exists: clones.length > 0 },
    volumes: protection.volumes.map((one) => (one === row ? larger : one)),
  };
}

/** Ids of volumes at main, or all that services.yml names. */
export const chosenSchema = z.union([z.literal('all'), z.array(z.string()).min(1)]);

export const chosenOf = (
  chosen: z.infer<typeof chosenSchema>,
  { volumes }: Protection,
): readonly string[] => (chosen === 'all' ? volumes.map(({ main }) => main) : chosen);

/** Throws ACT-PLAN for a volume that services.yml does not name. */
export function rowOf({ volumes }: Protection, main: string): ProtectedVolume {
  const row = volumes.find((one) => one.main === main);
  if (row !== undefined) return row;
  const known = volumes.map((one) => `${one.main} (${one.name})`).join(', ');
  throw new ActionError('ACT-PLAN', `Volume ${main}.`, `services.yml names ${known}.`);
}

/** The LDEV at a site is that of a volume, of this size, and as `predicate` says. */
export function ldevGuard(
  { array }: Pick<Site, 'array'>,
  {
    ldev,
    volume,
    sizeGiB,
  }: { readonly ldev: number; readonly volume: string; readonly sizeGiB: number },
  predicate: 'ldev-new' | 'ldev-free' | 'ldev-source',
): Guard {
  return {
    id: `${predicate}-${ldev}`,
    target: arrayTarget(array),
    path: objectsPath(array, reads.ldev(ldev)),
    predicate,
    args: { ldev, label: labelOf(volume), blocks: sizeGiB * BLOCKS_PER_GIB },
  };
}

/** In no pair, whatever its size. */
export const unpairedGuard = (
  { array }: Pick<Site, 'array'>,
  ldev: number,
  volume: string,
): Guard => ({
  id: `ldev-unpaired-${ldev}`,
  target: arrayTarget(array),
  path: objectsPath(array, reads.ldev(ldev)),
  predicate: 'ldev-unpaired',
  args: { ldev, label: labelOf(volume) },
});

/** Parked, attached to nothing, and marked as the twin or the copy of the main volume. */
export const keptGuard = (
  { cloud }: Pick<Site, 'cloud'>,
  volume: string,
  { role, main }: { readonly role: Role; readonly main: string },
): Guard => ({
  id: `volume-kept-for-${volume}`,
  target: `cinder:${cloud}`,
  path: cinderPaths.volume(volume),
  predicate: 'volume-kept-for',
  args: { volume, role: roleKeys[role], main },
});

type Call = Omit<DraftCall, 'site' | 'target'>;

export const atCinder = (site: Site, call: Call): DraftCall => ({
  ...call,
  site: site.id,
  target: `cinder:${site.cloud}`,
});

/** `path` relative to the objects of the array. */
export const atArray = (site: Site, call: Call): DraftCall => ({
  ...call,
  site: site.id,
  target: arrayTarget(site.array),
  path: objectsPath(site.array, call.path),
});
