/** What may be read: guards, listings and the read door all go by this one table. */
import { GatewayError } from '../errors.ts';

const ID = '[A-Za-z0-9_.,@%-]+';
const UUID = '[A-Za-z0-9-]+';
const QUERY = '(\\?[A-Za-z0-9_.,:@=&%-]*)?';

const arrayObjects = [
  'ldevs',
  'journals',
  'jobs',
  'luns',
  'host-groups',
  'ports',
  'resource-groups',
  'remote-storages',
  'remotepath-groups',
  'remote-mirror-copygroups',
  'remote-mirror-copypairs',
  'local-clone-copygroups',
  'local-clone-copypairs',
];

/** Patterns by kind of target; `{sid}` is the array's own id. */
const readable: Readonly<Record<string, readonly string[]>> = {
  array: [
    '/configuration/version',
    `/v1/objects/storages/{sid}`,
    `/v1/objects/(storages/{sid}/)?(${arrayObjects.join('|')})(/${ID})?${QUERY}`,
  ],
  cinder: [`/volumes(/detail)?${QUERY}`, `/volumes/${UUID}`, '/limits'],
  nova: [
    `/(servers|flavors)(/detail)?${QUERY}`,
    `/(servers|flavors)/${UUID}`,
    `/servers/${UUID}/(os-volume_attachments|os-interface)`,
    '/limits',
  ],
  neutron: [`/v2\\.0/(networks|subnets|ports|routers)(/${UUID})?${QUERY}`],
};

/** Throws GW-READ unless this GET is on the list; `probes` are whole addresses. */
export function assertReadable(
  read: { target: string; path: string },
  probes: readonly string[],
): void {
  const [kind = '', name = ''] = read.target.split(':');
  const allowed =
    kind === 'probe'
      ? probes.includes(read.path)
      : isPlainPath(read.path) &&
        (readable[kind] ?? []).some((pattern) =>
          new RegExp(`^${pattern.replaceAll('{sid}', literal(name))}$`).test(read.path),
        );
  if (!allowed)
    throw new GatewayError('GW-READ', `GET ${read.path} of ${read.target} is not allowed.`);
}

/** Whatever stands in a message is text, and never a pattern. */
const literal = (text: string): string => text.replaceAll(/[^A-Za-z0-9]/g, '\\$&');

/**
 * A path that means the same to everybody on its way: nothing that a proxy, a library or the target
 * would rewrite, no dots or slashes in disguise. Holes may stand in it.
 */
export function isPlainPath(path: string): boolean {
  if (!/^\/[A-Za-z0-9/_.,:@=&?%{}-]*$/.test(path)) return false;
  if (/%(2e|2f|5c|25|00)/i.test(path)) return false;
  return !/\/\/|\/\.{1,2}(\/|\?|$)/.test(path);
}
