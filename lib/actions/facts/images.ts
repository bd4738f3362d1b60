/** Ids of what servers are made from, by the names services use; a name that stands twice is nobody's. */
import type { Service, Site } from '../../config.ts';
import { glancePaths, novaPaths } from '../../openstack/paths.ts';
import { flavorsSchema, imagesSchema } from '../../openstack/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud } from '../reads.ts';
import { need } from './need.ts';

type Ids = Record<string, string>;

/** Images that are active at the site. Throws ACT-UNREAD or ACT-UNJOINED. */
export async function readImages(read: Reader, service: Service, to: Site): Promise<Ids> {
  const names = [...new Set((service.stateless ?? []).map(({ image }) => image))].sort();
  const rows = await Promise.all(
    names.map(async (name) => {
      const place = onCloud(to, 'glance', glancePaths.named(name));
      const { images } = await need(read, place, imagesSchema);
      const found = images.filter((image) => image.name === name && image.status === 'active');
      return [name, onlyOne(found, `Image ${name} at ${to.id}`)] as const;
    }),
  );
  return Object.fromEntries(rows);
}

/** Flavors that the servers name. Throws ACT-UNREAD or ACT-UNJOINED. */
export async function readFlavors(read: Reader, service: Service, to: Site): Promise<Ids> {
  const { flavors } = await need(read, onCloud(to, 'nova', novaPaths.flavors), flavorsSchema);
  const specs = [...service.servers, ...(service.stateless ?? [])];
  const names = [...new Set(specs.map(({ flavor }) => flavor))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const found = flavors.filter((one) => one.name === name);
      return [name, onlyOne(found, `Flavor ${name} at ${to.id}`)];
    }),
  );
}

function onlyOne(found: readonly { readonly id: string }[], what: string): string {
  const [one, second] = found;
  if (one !== undefined && second === undefined) return one.id;
  const why = one === undefined ? 'Nothing usable has this name.' : 'Two have this name.';
  throw new ActionError('ACT-UNJOINED', `${what}.`, why);
}
