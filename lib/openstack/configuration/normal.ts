/**
 * The normal form of a controller: every object by its name, references as names, without ids and
 * times, lists sorted. Two controllers that mean the same have the same normal form.
 */
import { canonical } from '../../canonical.ts';
import type { ConfigurationKind } from '../../mapping.ts';
import { bootVolumeName, type RawCloud, type RawQuotas } from './answers.ts';
import { type Draft, type Item, type Names, namesOf } from './names.ts';
import { groups, nets, routers } from './nets.ts';
import type { Translation } from './translate.ts';

export interface Normal {
  /** Sorted by kind and name. */
  readonly items: readonly Item[];
  /** Ids by `<kind> <name>`: no part of the normal form. */
  readonly ids: ReadonlyMap<string, string>;
}

export const idKey = (kind: ConfigurationKind | 'users', name: string): string => `${kind} ${name}`;

export function normalOf(raw: RawCloud, translation: Translation): Normal {
  const names = namesOf(raw, translation);
  const drafts = [
    ...people(raw, names),
    ...shapes(raw, names),
    ...nets(raw, { names, address: translation.address }),
    ...groups(raw, { names, address: translation.address }),
    ...routers(raw, { names, address: translation.address }),
    ...owned(raw, names),
    ...images(raw, names),
    ...bootVolumes(raw, names),
  ].map((draft) => ({ ...draft, value: translation.fields(draft.kind, draft.value) }));
  const single = numbered(drafts);
  return {
    items: single.map(({ kind, name, value }) => ({ kind, name, value })),
    ids: new Map([
      ...single.map(({ kind, name, id }) => [idKey(kind, name), id] as const),
      ...raw.users.map(({ name, id }) => [idKey('users', name), id] as const),
    ]),
  };
}

/** A name that stands twice is told apart by a number, in the order of what they are. */
function numbered(drafts: readonly Draft[]): Draft[] {
  const order = (draft: Draft) => `${idKey(draft.kind, draft.name)}\n${canonical(draft.value)}`;
  const sorted = [...drafts].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const seen = new Map<string, number>();
  return sorted.map((draft) => {
    const key = idKey(draft.kind, draft.name);
    const place = (seen.get(key) ?? 0) + 1;
    seen.set(key, place);
    return place === 1 ? draft : { ...draft, name: `${draft.name} (${place})` };
  });
}

/** Projects, roles, and who has which. */
function people(raw: RawCloud, names: Names): Draft[] {
  const projects = raw.projects.filter((one) => !one.is_domain);
  return [
    ...projects.map(({ id, enabled }): Draft => {
      const name = names.project(id);
      return { kind: 'projects', name, id, value: { name, enabled } };
    }),
    ...raw.roles.map(({ id, name: own }): Draft => {
      const name = names.translated('roles', own);
      return { kind: 'roles', name, id, value: { name } };
    }),
    ...raw.assignments.flatMap((assignment): Draft[] => {
      const { role, user, group, scope } = assignment;
      const account = raw.users.find(({ id }) => id === user?.id)?.name;
      const crowd = raw.groups.find(({ id }) => id === group?.id)?.name;
      // Who is in neither list is a person.
      const who = account ?? (crowd === undefined ? undefined : `group ${crowd}`);
      if (who === undefined) return [];
      const { project, domain } = scope;
      const elsewhere = domain === undefined ? 'system' : `domain ${domain.id}`;
      const at = project === undefined ? elsewhere : names.project(project.id);
      const own = raw.roles.find(({ id }) => id === role.id)?.name ?? role.id;
      const value = { role: names.translated('roles', own), who, at };
      return [{ kind: 'assignments', name: `${value.role} ${who} ${at}`, id: '', value }];
    }),
  ];
}

/** Flavors and volume types. */
function shapes(raw: RawCloud, { translated }: Names): Draft[] {
  return [
    ...raw.flavors.map((flavor): Draft => {
      const name = translated('flavors', flavor.name);
      const value = {
        name,
        vcpus: flavor.vcpus,
        ramMiB: flavor.ram,
        diskGiB: flavor.disk,
        ephemeralGiB: flavor['OS-FLV-EXT-DATA:ephemeral'],
        swapMiB: flavor.swap,
        public: flavor['os-flavor-access:is_public'],
        extraSpecs: flavor.extra_specs,
      };
      return { kind: 'flavors', name, id: flavor.id, value };
    }),
    ...raw.volumeTypes.map((type): Draft => {
      const name = translated('volumeTypes', type.name);
      const value = { name, public: type.is_public, extraSpecs: type.extra_specs };
      return { kind: 'volumeTypes', name, id: type.id, value };
    }),
  ];
}

/** Key pairs of users, quotas of projects. */
function owned(raw: RawCloud, names: Names): Draft[] {
  return [
    ...raw.keypairs.flatMap(({ user: id, pairs }) =>
      pairs.map(({ keypair }): Draft => {
        const user = names.user(id);
        const value = {
          user,
          name: keypair.name,
          type: keypair.type,
          publicKey: keypair.public_key.trim(),
        };
        return { kind: 'keypairs', name: `${user}/${keypair.name}`, id: '', value };
      }),
    ),
    ...raw.quotas.map((quotas): Draft => {
      const project = names.project(quotas.project);
      const value = {
        project,
        compute: limitsIn(quotas, 'compute'),
        volume: limitsIn(quotas, 'volume'),
        network: limitsIn(quotas, 'network'),
      };
      return { kind: 'quotas', name: project, id: '', value };
    }),
  ];
}

/** Limits of a volume type by its name: without one they say nothing, so that they need no mapping. */
const limitsIn = (
  quotas: RawQuotas,
  service: 'compute' | 'volume' | 'network',
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(quotas[service]).flatMap(([name, limit]): [string, number][] => {
      const typed = /^(volumes|snapshots|gigabytes)_./.test(name) && limit === -1;
      return typeof limit === 'number' && !typed ? [[name, limit]] : [];
    }),
  );

const GIB = 2 ** 30;

/** The volume that is kept of an image: large enough for its disk. */
export function bootVolumeOf({ name, value }: Item): Item {
  const { hash = null, diskBytes, sizeBytes, minDiskGiB } = value;
  const bytes = Number(diskBytes ?? sizeBytes ?? 0);
  const sizeGiB = Math.max(1, Number(minDiskGiB), Math.ceil(bytes / GIB));
  return { kind: 'imageVolumes', name, value: { name, hash, sizeGiB } };
}

/** A volume counts once it is whole, and as long as the image it was made of is there. */
function bootVolumes(raw: RawCloud, names: Names): Draft[] {
  return images(raw, names).flatMap((image): Draft[] => {
    const found = raw.bootVolumes.find(
      ({ name, status, volume_image_metadata: from }) =>
        name === bootVolumeName(image.name) &&
        status === 'available' &&
        from?.image_id === image.id,
    );
    if (found === undefined) return [];
    return [{ ...bootVolumeOf(image), id: found.id }];
  });
}

/** The bytes by their hash; ids and owners differ from cloud to cloud. */
function images(raw: RawCloud, { translated }: Names): Draft[] {
  return raw.images.map((image): Draft => {
    const name = translated('images', image.name ?? '');
    const value = {
      name,
      status: image.status,
      visibility: image.visibility,
      sizeBytes: image.size ?? null,
      diskBytes: image.virtual_size ?? null,
      checksum: image.checksum ?? null,
      hash: image.os_hash_value ? `${image.os_hash_algo ?? ''}:${image.os_hash_value}` : null,
      diskFormat: image.disk_format ?? null,
      containerFormat: image.container_format ?? null,
      minDiskGiB: image.min_disk,
      minRamMiB: image.min_ram,
    };
    return { kind: 'images', name, id: image.id, value };
  });
}
