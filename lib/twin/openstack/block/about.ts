/** Pools, zones, messages, extensions: what Cinder says about itself. */
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { volumeVersion } from '../versions.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { readsUp, volumeService } from './health.ts';
import { find, type Listing, list, lookOf } from './lists.ts';
import { onlyAdmin, unknownPath } from './refusals.ts';
import { poolOf } from './schedule.ts';
import type { Message } from './state.ts';
import { messageView, stamp } from './views.ts';

const MESSAGES_SINCE = 3;

export function aboutRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/', () => json(200, { versions: [volumeVersion(context)] })],
    ['GET', '/scheduler-stats/get_pools', (ask) => pools(context, ask)],
    ['GET', '/os-availability-zone', () => zones(context)],
    ['GET', '/extensions', () => json(200, { extensions: extensions.map(extension) })],
    ['GET', '/attachments', (ask) => attachments(context, ask)],
    ['GET', '/attachments/detail', (ask) => attachments(context, ask)],
    ['GET', '/messages', (ask) => messages(context, ask)],
    ['GET', '/messages/:id', (ask, { id }) => message(context, ask, id)],
    ['DELETE', '/messages/:id', (ask, { id }) => dropMessage(context, ask, id)],
  ];
}

/** As the scheduler was told last, which is not now. */
function pools(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'scheduler_extension:scheduler_stats:get_pools');
  const detail = /^(1|true|yes|on)$/i.test(ask.query.get('detail') ?? '');
  const now = context.clock.now();
  const found = context.seed.backends.flatMap((backend) => {
    const service = volumeService(context, backend.host);
    if (service === undefined || !readsUp(service, now)) return [];
    const name = poolOf(backend);
    if (!detail) return [{ name }];
    const { at, usedGiB } = service.stats;
    const { replicates } = backend;
    const capabilities = {
      pool_name: backend.pool,
      volume_backend_name: backend.host.split('@')[1],
      storage_protocol: 'iSCSI',
      vendor_name: 'Hitachi',
      driver_version: '2.2.3',
      total_capacity_gb: backend.capacityGiB,
      free_capacity_gb: backend.capacityGiB - usedGiB,
      provisioned_capacity_gb: usedGiB,
      allocated_capacity_gb: usedGiB,
      reserved_percentage: 0,
      max_over_subscription_ratio: '20.0',
      thin_provisioning_support: true,
      thick_provisioning_support: false,
      multiattach: true,
      backend_state: service.cutSince === null ? 'up' : 'down',
      replication_enabled: replicates !== undefined,
      ...(replicates === undefined ? {} : { replication_targets: [replicates.backendId] }),
      timestamp: stamp(context, at).replace(' ', 'T'),
    };
    return [{ name, capabilities }];
  });
  return json(200, { pools: found });
}

function zones(context: CloudContext): HttpResponse {
  const names = [...new Set(context.seed.backends.map(({ zone }) => zone))];
  const zone = (zoneName: string) => ({ zoneName, zoneState: { available: true } });
  return json(200, { availabilityZoneInfo: names.map(zone) });
}

/** The ones that clients look for. */
const extensions = [
  'os-admin-actions',
  'os-availability-zone',
  'os-extended-services',
  'os-services',
  'os-volume-manage',
  'os-volume-unmanage',
  'os-types-manage',
  'os-types-extra-specs',
  'os-quota-sets',
  'os-used-limits',
  'os-vol-host-attr',
  'os-vol-tenant-attr',
  'os-vol-mig-status-attr',
  'os-vol-image-meta',
  'scheduler-stats',
  'backups',
] as const;

const extension = (alias: string) => ({
  alias,
  name: alias,
  description: '',
  updated: '2011-06-29T00:00:00+00:00',
  links: [],
});

const ATTACHMENTS_SINCE = 27;

function attachments(context: CloudContext, ask: Ask): HttpResponse {
  if (ask.minor < ATTACHMENTS_SINCE) return unknownPath();
  const { caller } = lookOf(context, ask);
  const [wanted, server] = [ask.query.get('volume_id'), ask.query.get('instance_id')];
  const found = context.state.block.volumes.flatMap((volume) =>
    volume.projectId !== caller.projectId || (wanted ?? volume.id) !== volume.id
      ? []
      : volume.attachments.map((one) => ({ ...one, volumeId: volume.id })),
  );
  return json(200, {
    attachments: found
      .filter(({ serverId }) => (server ?? serverId) === serverId)
      .map(({ id, serverId, volumeId, state }) => {
        return { id, status: state, instance: serverId, volume_id: volumeId };
      }),
  });
}

function messages(context: CloudContext, ask: Ask): HttpResponse {
  if (ask.minor < MESSAGES_SINCE) return unknownPath();
  const listing: Listing<Message> = {
    many: 'messages',
    one: 'Message',
    rows: context.state.block.messages,
    view: (row, look) => messageView(context, row, look),
    filters: {
      resource_uuid: ({ resourceId }) => resourceId,
      resource_type: ({ resourceType }) => resourceType,
      request_id: ({ requestId }) => requestId,
    },
  };
  return list(context, ask, listing);
}

const oneMessage = (context: CloudContext, ask: Ask, id: string | undefined): Message =>
  find(context, ask, { rows: context.state.block.messages, one: 'Message', id });

function message(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  if (ask.minor < MESSAGES_SINCE) return unknownPath();
  const view = messageView(context, oneMessage(context, ask, id), lookOf(context, ask));
  return json(200, { message: view });
}

function dropMessage(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  if (ask.minor < MESSAGES_SINCE) return unknownPath();
  const found = oneMessage(context, ask, id);
  const { block } = context.state;
  block.messages = block.messages.filter((one) => one !== found);
  return empty(204);
}
