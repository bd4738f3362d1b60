/** Reading a controller: page by page, and nothing is known of it when a part cannot be read. */
import { expect, test } from '@jest/globals';
import type { Reader, Reading } from '../../lib/actions/action.ts';
import { seeCloudConfiguration } from '../../lib/actions/configuration/see.ts';
import type { Receipt } from '../../lib/gateway/protocol.ts';
import { mappingSchema } from '../../lib/mapping.ts';
import { lists } from '../../lib/openstack/configuration/answers.ts';

const SITE = { id: 'main', cloud: 'main' };
const receipt = {} as Receipt;
const image = (id: string) => ({ id, name: id, status: 'active', visibility: 'public' });
const type = (id: string) => ({ id, name: id });

/** Everything is empty but what `pages` has for a path. */
function reader(pages: Readonly<Record<string, unknown>>, asked: string[] = []): Reader {
  const empty = Object.values(lists).map(({ path, list }) => [path, { [list]: [] }] as const);
  const bodies: Record<string, unknown> = { ...Object.fromEntries(empty), ...pages };
  return async (_site, _target, path): Promise<Reading> => {
    asked.push(path);
    const body = bodies[path];
    return body === undefined
      ? { ok: true, status: 404, body: {}, receipt }
      : { ok: true, status: 200, body, receipt };
  };
}

const mapping = mappingSchema.parse({});
const { images, volumeTypes } = lists;

test('lists are read to their last page, whichever way a service says that there is another', async () => {
  const more = [{ rel: 'next', href: 'http://elsewhere.example/' }];
  const seen = await seeCloudConfiguration(
    reader({
      [images.path]: { images: [image('a'), image('b')], next: '/v2/images?marker=b' },
      [`${images.path}&marker=b`]: { images: [image('c')] },
      [volumeTypes.path]: { volume_types: [type('x')], volume_types_links: more },
      [`${volumeTypes.path}&marker=x`]: { volume_types: [type('y')] },
    }),
    SITE,
    mapping,
  );
  expect(seen.ok && seen.value.images.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(seen.ok && seen.value.volumeTypes.map(({ id }) => id)).toEqual(['x', 'y']);
});

test.each<[string, Record<string, unknown>, string]>([
  ['a list that is not there', { '/roles': undefined }, 'keystone:main /roles at main answers 404'],
  ['another shape', { '/roles': { roles: [{ name: 'x' }] } }, 'answers in an unknown shape'],
  [
    'a list without end',
    {
      [images.path]: { images: [image('a')], next: 'x' },
      [`${images.path}&marker=a`]: { images: [image('a')], next: 'x' },
    },
    'has no last page',
  ],
  [
    'quotas of a project',
    { '/projects': { projects: [{ id: 'p', name: 'p', enabled: true }] } },
    'answers 404',
  ],
])('%s: nothing is known', async (_, pages, why) => {
  const seen = await seeCloudConfiguration(reader(pages), SITE, mapping);
  expect(seen).toMatchObject({ ok: false, why: expect.stringContaining(why) });
});

test('accounts and volumes are asked for by name, and only those that are named', async () => {
  const asked: string[] = [];
  await seeCloudConfiguration(reader({}, asked), SITE, mapping);
  expect(asked.filter((path) => /users|keypairs|volumes/.test(path))).toEqual([]);
  const named = mappingSchema.parse({ accounts: ['ops'], bootImages: ['rocky 9'] });
  const pages = {
    '/users?name=ops': { users: [{ id: 'u-1', name: 'ops' }] },
    '/os-keypairs?user_id=u-1&limit=1000': { keypairs: [] },
    '/volumes/detail?name=drillbook-image-rocky%209': { volumes: [] },
  };
  const seen = await seeCloudConfiguration(reader(pages, asked), SITE, named);
  expect(seen).toMatchObject({ ok: true, value: { users: [{ id: 'u-1' }] } });
});
