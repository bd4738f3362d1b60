/** A controller read through its gateway: all lists, page by page, then what goes by project and user. */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import type { Mapping } from '../../mapping.ts';
import {
  bootVolumeName,
  bootVolumesSchema,
  computeQuotaSchema,
  keypairsSchema,
  type ListName,
  lists,
  networkQuotaSchema,
  type RawCloud,
  type RawQuotas,
  usersSchema,
} from '../../openstack/configuration/answers.ts';
import type { Reader } from '../action.ts';
import { type Place, see } from '../reads.ts';

type CloudSite = Pick<Site, 'id' | 'cloud'>;
/** What cannot be listed as a whole. */
type Asked = Pick<Mapping, 'accounts' | 'bootImages'>;

/** Something could not be read: nothing is known of the whole. */
class Unread extends Error {}

export type SeenCloud =
  | { readonly ok: true; readonly value: RawCloud }
  | { readonly ok: false; readonly why: string };

/** Never rejects because of what a controller answers. */
export async function seeCloudConfiguration(
  read: Reader,
  site: CloudSite,
  mapping: Asked,
): Promise<SeenCloud> {
  try {
    return { ok: true, value: await readCloud({ read, site }, mapping) };
  } catch (error) {
    if (error instanceof Unread) return { ok: false, why: error.message };
    throw error;
  }
}

interface Reading {
  readonly read: Reader;
  readonly site: CloudSite;
}

async function readCloud(at: Reading, { accounts, bootImages }: Asked): Promise<RawCloud> {
  const names = Object.keys(lists) as ListName[];
  const rows = await Promise.all(names.map(async (name) => [name, await readList(at, name)]));
  const all = Object.fromEntries(rows) as { [K in ListName]: RawCloud[K] };
  const projects = all.projects.filter((one) => !one.is_domain);
  const [quotas, bootVolumes, ...owners] = await Promise.all([
    Promise.all(projects.map(({ id }) => quotasOf(at, id))),
    Promise.all(bootImages.map((name) => bootVolumesOf(at, name))),
    ...accounts.map((name) => ownersNamed(at, name)),
  ]);
  const users = owners.flat().map(({ user }) => user);
  const keypairs = owners.flat().map(({ user, pairs }) => ({ user: user.id, pairs }));
  return { ...all, users, quotas, keypairs, bootVolumes: bootVolumes.flat() };
}

async function bootVolumesOf(at: Reading, image: string) {
  const path = `/volumes/detail?name=${encodeURIComponent(bootVolumeName(image))}`;
  return (await need(at, place(at, 'cinder', path), bootVolumesSchema)).volumes;
}

/** Users of this name with their key pairs; a user that one site does not know has none there. */
async function ownersNamed(at: Reading, name: string) {
  const { users } = await need(at, place(at, 'keystone', `/users?name=${name}`), usersSchema);
  return Promise.all(
    users.map(async (user) => {
      const path = `/os-keypairs?user_id=${user.id}&limit=${PAGE}`;
      const { keypairs: pairs } = await need(at, place(at, 'nova', path), keypairsSchema);
      return { user, pairs };
    }),
  );
}

const place = ({ site }: Reading, api: string, path: string): Place => ({
  site: site.id,
  target: `${api}:${site.cloud}`,
  path,
});

async function need<T>({ read }: Reading, at: Place, schema: z.ZodType<T>): Promise<T> {
  const seen = await see(read, at, schema);
  if (seen.ok) return seen.value;
  throw new Unread(seen.why);
}

/** More than any controller holds of one kind: a list that never ends is no list. */
const PAGES_MAX = 200;
const PAGE = 1000;

/** A service says by `next` (Glance) or `<list>_links` (the others) that there is another page. */
async function readList(at: Reading, name: ListName): Promise<unknown[]> {
  const { api, path, list, entry } = lists[name];
  const schema = z.looseObject({
    [list]: z.array(entry),
    [`${list}_links`]: z.array(z.looseObject({ rel: z.string() })).optional(),
    next: z.string().optional(),
  });
  const found: unknown[] = [];
  for (let page = 0; page < PAGES_MAX; page++) {
    const marker = lastId(found);
    const from = marker === undefined ? '' : `${path.includes('?') ? '&' : '?'}marker=${marker}`;
    const body: Record<string, unknown> = await need(at, place(at, api, `${path}${from}`), schema);
    const entries = z.array(z.unknown()).parse(body[list]);
    found.push(...entries);
    const links = body[`${list}_links`];
    const linked = Array.isArray(links) && links.some(({ rel }) => rel === 'next');
    if (entries.length === 0 || (!linked && body['next'] === undefined)) return found;
  }
  throw new Unread(`${api} ${path} at ${at.site.id} has no last page`);
}

const lastId = (found: readonly unknown[]): string | undefined =>
  z.looseObject({ id: z.string() }).safeParse(found.at(-1)).data?.id;

async function quotasOf(at: Reading, project: string): Promise<RawQuotas> {
  const path = `/os-quota-sets/${project}`;
  const [compute, volume, network] = await Promise.all([
    need(at, place(at, 'nova', path), computeQuotaSchema),
    need(at, place(at, 'cinder', path), computeQuotaSchema),
    need(at, place(at, 'neutron', `/v2.0/quotas/${project}`), networkQuotaSchema),
  ]);
  return {
    project,
    compute: compute.quota_set,
    volume: volume.quota_set,
    network: network.quota,
  };
}
