/** What may be read: guards, listings and the read door all go by this one table. */
import { hazardText } from '../../vsp/hazards.ts';
import { isCached } from '../../vsp/never.ts';
import { GatewayError } from '../errors.ts';
import type { Settings } from './settings.ts';

const ID = '[A-Za-z0-9_.,@%-]+';
const UUID = '[A-Za-z0-9-]+';
const QUERY = '(\\?[A-Za-z0-9_.,:@=&%-]*)?';

const arrayObjects = [
  'ldevs',
  'journals',
  'pools',
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
  'snapshots',
];

/** Patterns by kind of target; `{sid}` is the array's own id. */
const readable: Readonly<Record<string, readonly string[]>> = {
  array: [
    '/configuration/version',
    `/v1/objects/storages/{sid}`,
    `/v1/objects/(storages/{sid}/)?(${arrayObjects.join('|')})(/${ID})?${QUERY}`,
  ],
  cinder: [
    `/volumes(/detail)?${QUERY}`,
    `/volumes/${UUID}`,
    `/backups/detail${QUERY}`,
    `/backups/${UUID}/export_record`,
    `/types${QUERY}`,
    `/os-quota-sets/${UUID}`,
    '/limits',
  ],
  nova: [
    `/(servers|flavors)(/detail)?${QUERY}`,
    `/(servers|flavors)/${UUID}`,
    `/servers/${UUID}/(os-volume_attachments|os-interface)`,
    '/limits',
    `/os-keypairs${QUERY}`,
    `/os-services${QUERY}`,
    `/os-quota-sets/${UUID}`,
  ],
  neutron: [
    `/v2\\.0/(networks|subnets|ports|routers|security-groups)(/${UUID})?${QUERY}`,
    `/v2\\.0/quotas/${UUID}`,
  ],
  // Of users only those whose name is known, and no names with roles: people are nobody's business.
  keystone: [
    '/(projects|roles|groups)(\\?marker=[A-Za-z0-9-]+)?',
    '/role_assignments',
    '/users\\?name=[A-Za-z0-9_.@-]+',
  ],
  glance: [`/v2/images${QUERY}`],
};

interface Read {
  readonly target: string;
  readonly path: string;
}
type Lists = Pick<Settings, 'probes' | 'dns' | 'tasks'>;

/** What the gateway's owner wrote down himself, by kind of target. */
const written: Readonly<Record<string, (read: Read, lists: Lists) => boolean>> = {
  /** Whole addresses. */
  probe: ({ path }, { probes }) => probes.urls.includes(path),
  dns: ({ target, path }, { dns }) =>
    target === 'dns' && dns?.names.some((name) => path === `/${name}`) === true,
  /** Nobody on the way reads this path; the arguments in it are held against the task. */
  task: ({ target, path }, { tasks }) =>
    tasks?.some(({ name }) => target === `task:${name}`) === true && LOOK.test(path),
};
const LOOK = /^\/observe(\?[A-Za-z0-9*._%+&=-]*)?$/;

/** Throws GW-READ unless this GET is on the list, GW-HAZARD for what a cache would answer. */
export function assertReadable({ target, path }: Read, lists: Lists): void {
  const [kind = '', name = ''] = target.split(':');
  const allowed = Object.hasOwn(written, kind)
    ? written[kind]?.({ target, path }, lists)
    : isPlainPath(path) &&
      (readable[kind] ?? []).some((pattern) =>
        new RegExp(`^${pattern.replaceAll('{sid}', literal(name))}$`).test(path),
      );
  if (allowed !== true)
    throw new GatewayError('GW-READ', `GET ${path} of ${target} is not allowed.`);
  if (kind !== 'array' || !isCached(path)) return;
  const why = hazardText(12);
  throw new GatewayError('GW-HAZARD', `GET ${path} of ${target} shows what was.`, { why });
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
