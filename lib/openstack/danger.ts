/**
 * What a changing call to OpenStack can do. A call that is in no row is refused. `names` says where
 * the objects it touches stand; of class `copy` all of them must be drillable.
 */
import * as z from 'zod';

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

const resetStatus = z
  .strictObject({
    'os-reset_status': z.strictObject({ status: z.enum(['available', 'maintenance']) }),
  })
  .transform((): Named => ({}));

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

const newServer = z
  .strictObject({
    server: z.strictObject({
      name: z.string(),
      flavorRef: z.string(),
      networks: z.array(z.strictObject({ port: hole })).min(1),
      metadata: z.strictObject({ 'drillbook-key': z.string().startsWith('drillbook-') }),
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

export const cloudDangers: readonly Row[] = [
  {
    api: 'cinder',
    method: 'POST',
    path: path('/volumes/{id}/action'),
    class: 'copy',
    body: resetStatus,
  },
  { api: 'cinder', method: 'DELETE', path: path('/volumes/{id}'), class: 'data' },
  { api: 'nova', method: 'POST', path: path('/servers'), class: 'copy', body: newServer },
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
    const made = { servers: '/server/id', ports: '/port/id' }[call.path.split('/').at(-2) ?? ''];
    if (id?.startsWith('{{') && !isHole(call, id, made)) return undefined;
    if (!(named.ports ?? []).every((port) => isHole(call, port, '/port/id'))) return undefined;
    const own = call.api === 'cinder' && id !== undefined ? [id] : [];
    return {
      class: row.class,
      volumes: [...own, ...(named.volumes ?? [])],
      networks: named.networks ?? [],
    };
  }
  return undefined;
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
