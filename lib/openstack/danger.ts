/**
 * What a changing call to OpenStack can do. A call that is in no row is refused. `names` says where
 * the objects it touches stand; of class `copy` all of them must be drillable.
 */
import * as z from 'zod';
import { volumeCalls } from './protection.ts';

export type CloudDanger = 'copy' | 'data';
export type CloudApi = 'cinder' | 'nova' | 'neutron';

export interface CloudCall {
  readonly api: CloudApi;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly holes: readonly { readonly name: string; readonly pointer: string }[];
}

export interface CloudClassed {
  readonly class: CloudDanger;
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
}

interface Row {
  readonly api: CloudApi;
  readonly method: string;
  /** `{id}` an id written out, `{hole}` an object this run made. */
  readonly path: RegExp;
  readonly class: CloudDanger;
  /** Body without which the row does not count; strict, so that nothing rides along. */
  readonly body?: z.ZodType<Named>;
}

interface Named {
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  /** Holes in the body that stand for ports this run made. */
  readonly ports?: readonly string[];
}

const ID = '[A-Za-z0-9][A-Za-z0-9-]{0,63}';
const HOLE = '\\{\\{[a-z][a-z0-9]*\\}\\}';
const path = (text: string) =>
  new RegExp(`^${text.replaceAll('{id}', `(${ID})`).replaceAll('{hole}', `(${HOLE})`)}$`);

const hole = z.string().regex(new RegExp(`^${HOLE}$`));

/** Nothing in the body names an object. */
const plain = (body: z.ZodType) => body.transform((): Named => ({}));

const resetStatus = z
  .strictObject({
    'os-reset_status': z.strictObject({ status: z.enum(['available', 'maintenance']) }),
  })
  .transform((): Named => ({}));

const osStop = z.strictObject({ 'os-stop': z.null() });
const stop = osStop.transform((): Named => ({}));

/** Exactly one thing at a time, and nothing said with it. */
const power = z
  .union([
    osStop,
    z.strictObject({ 'os-start': z.null() }),
    z.strictObject({ lock: z.null() }),
    z.strictObject({ unlock: z.null() }),
  ])
  .transform((): Named => ({}));

/** Nothing is said of where it shall go on: the scheduler knows which hosts are up. */
const evacuation = plain(z.strictObject({ evacuate: z.strictObject({}) }));
const forcedDown = plain(z.strictObject({ forced_down: z.literal(true) }));

const newPort = z
  .strictObject({
    port: z.strictObject({
      name: z.string().startsWith('drillbook-'),
      network_id: z.string(),
      mac_address: z.string(),
      fixed_ips: z.array(z.strictObject({ ip_address: z.string() })),
      admin_state_up: z.literal(true),
    }),
  })
  .transform(({ port }): Named => ({ networks: [port.network_id] }));

const newBackup = z
  .strictObject({
    'backup-record': z.strictObject({ backup_service: z.string(), backup_url: z.string() }),
  })
  .transform((): Named => ({}));

/** Onto a new volume: one that is named would be overwritten. */
const restoredVolume = z
  .strictObject({ restore: z.strictObject({ name: z.string().startsWith('drillbook-') }) })
  .transform((): Named => ({}));

const setBootable = z
  .strictObject({ 'os-set_bootable': z.strictObject({ bootable: z.literal(true) }) })
  .transform((): Named => ({}));

const managed = z
  .strictObject({
    volume: z.strictObject({
      host: z.string(),
      ref: z.strictObject({ 'source-id': z.string().regex(/^\d+$/) }),
      name: z.string().startsWith('drillbook-'),
      bootable: z.boolean(),
    }),
  })
  .transform((): Named => ({}));

const metadata = z.strictObject({ 'drillbook-key': z.string().startsWith('drillbook-') });

const newServer = z
  .strictObject({
    server: z.strictObject({
      name: z.string(),
      flavorRef: z.string(),
      networks: z.array(z.strictObject({ port: hole })).min(1),
      metadata,
      block_device_mapping_v2: z
        .array(
          z.strictObject({
            boot_index: z.int(),
            uuid: z.string(),
            source_type: z.literal('volume'),
            destination_type: z.literal('volume'),
            delete_on_termination: z.literal(false),
          }),
        )
        .min(1),
    }),
  })
  .transform(
    ({ server }): Named => ({
      volumes: server.block_device_mapping_v2.map((device) => device.uuid),
      ports: server.networks.map(({ port }) => port),
    }),
  );

/** From an image, on a disk of its own. */
const newStateless = z
  .strictObject({
    server: z.strictObject({
      name: z.string(),
      flavorRef: z.string(),
      imageRef: z.string(),
      networks: z.array(z.strictObject({ uuid: z.string() })).min(1),
      metadata,
      user_data: z.base64().optional(),
    }),
  })
  .transform(({ server }): Named => ({ networks: server.networks.map(({ uuid }) => uuid) }));

const { create, name, ...changes } = volumeCalls;

/** Twins and drill copies: making one takes nothing from anybody, all else touches a volume that is there. */
const protection: readonly Row[] = [
  { api: 'cinder', method: 'POST', path: path('/volumes'), class: 'copy', body: plain(create) },
  ...Object.values(changes).map(
    (body): Row => ({
      ...{ api: 'cinder', method: 'POST', path: path('/volumes/{id}/action') },
      ...{ class: 'data', body: plain(body) },
    }),
  ),
  {
    api: 'cinder',
    method: 'POST',
    path: path('/volumes/{id}/metadata'),
    class: 'data',
    body: plain(name),
  },
];

export const cloudDangers: readonly Row[] = [
  ...protection,
  {
    api: 'cinder',
    method: 'POST',
    path: path('/volumes/{id}/action'),
    class: 'copy',
    body: resetStatus,
  },
  {
    api: 'cinder',
    method: 'POST',
    path: path('/volumes/{hole}/action'),
    class: 'data',
    body: setBootable,
  },
  { api: 'cinder', method: 'DELETE', path: path('/volumes/{hole}'), class: 'data' },
  { api: 'cinder', method: 'DELETE', path: path('/volumes/{id}'), class: 'data' },
  {
    api: 'cinder',
    method: 'POST',
    path: path('/backups/import_record'),
    class: 'data',
    body: newBackup,
  },
  {
    api: 'cinder',
    method: 'POST',
    path: path('/backups/{id}/restore'),
    class: 'data',
    body: restoredVolume,
  },
  {
    api: 'cinder',
    method: 'POST',
    path: path('/os-volume-manage'),
    class: 'data',
    body: managed,
  },
  { api: 'nova', method: 'POST', path: path('/servers'), class: 'copy', body: newServer },
  { api: 'nova', method: 'POST', path: path('/servers'), class: 'copy', body: newStateless },
  // What runs under an id is production: stopping it is felt, starting it writes.
  { api: 'nova', method: 'POST', path: path('/servers/{id}/action'), class: 'data', body: power },
  // While its old host still ran, an evacuated server would write twice to one volume.
  {
    api: 'nova',
    method: 'POST',
    path: path('/servers/{id}/action'),
    class: 'data',
    body: evacuation,
  },
  { api: 'nova', method: 'PUT', path: path('/os-services/{id}'), class: 'data', body: forcedDown },
  { api: 'nova', method: 'POST', path: path('/servers/{hole}/action'), class: 'copy', body: stop },
  { api: 'nova', method: 'DELETE', path: path('/servers/{hole}'), class: 'copy' },
  { api: 'nova', method: 'DELETE', path: path('/servers/{id}'), class: 'data' },
  { api: 'neutron', method: 'POST', path: path('/v2.0/ports'), class: 'copy', body: newPort },
  { api: 'neutron', method: 'DELETE', path: path('/v2.0/ports/{hole}'), class: 'copy' },
  { api: 'neutron', method: 'DELETE', path: path('/v2.0/ports/{id}'), class: 'data' },
  { api: 'neutron', method: 'DELETE', path: path('/v2.0/networks/{id}'), class: 'data' },
];

/** The row of a call with the objects it names, or undefined when there is none. */
export function classifyCloudCall(call: CloudCall): CloudClassed | undefined {
  for (const row of cloudDangers) {
    const match = row.api === call.api && row.method === call.method && row.path.exec(call.path);
    if (!match) continue;
    const named = namedIn(row, call.body);
    if (named === undefined) continue;
    const id = match[1];
    if (id?.startsWith('{{') && !isHole(call, id, madeAt(call.path))) return undefined;
    if (!(named.ports ?? []).every((port) => isHole(call, port, '/port/id'))) return undefined;
    const made = (named.volumes ?? []).filter((volume) => volume.startsWith('{{'));
    const isMade = (volume: string) => volumeMade.some((at) => isHole(call, volume, at));
    if (!made.every(isMade)) return undefined;
    const own = id !== undefined && call.path.startsWith('/volumes/') ? [id] : [];
    return {
      class: row.class,
      volumes: [...own, ...(named.volumes ?? [])],
      networks: named.networks ?? [],
    };
  }
  return undefined;
}

/** Where the answer to a restore names the new volume. */
const RESTORED = '/restore/volume_id';

/** Where the answers that bring a new volume name it: restored from a backup, or managed. */
const volumeMade = [RESTORED, '/volume/id'];

/** Where the id of what a path names stands in the answer of the call that made it. */
function madeAt(path: string): string | undefined {
  const pointers = { servers: '/server/id', ports: '/port/id', volumes: RESTORED };
  const kind = path.split('/').find((part) => Object.hasOwn(pointers, part));
  return pointers[kind as keyof typeof pointers];
}

/** A row without a body schema wants no body at all. */
function namedIn(row: Row, body: unknown): Named | undefined {
  if (row.body === undefined) return body === undefined ? {} : undefined;
  return row.body.safeParse(body).data;
}

/** A declared hole that takes the id of what was made, and not some other field of that answer. */
function isHole(call: CloudCall, text: string, pointer: string | undefined): boolean {
  return call.holes.some((one) => `{{${one.name}}}` === text && one.pointer === pointer);
}
