/** Hypervisors and availability zones: the compute hosts as operators and users see them. */
import type { HttpResponse } from '../../../http.ts';
import { stableUuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, type Route } from '../wire.ts';
import { everyFlavor } from './flavors.ts';
import { type Host, isUp, serviceOf, zonesOf } from './hosts.ts';
import { times } from './moments.ts';
import { onlyAdmin, refuse } from './refusals.ts';
import { serviceId } from './services.ts';

/** First microversion with UUIDs and queries, and with capacity no longer shown. */
const SINCE = { parsedCpu: 28, uuid: 53, alwaysServers: 75, noCapacity: 88 } as const;
/** What each host is said to have; the scheduler here does not count. */
const CAPACITY = { vcpus: 128, memoryMiB: 1_048_576, diskGiB: 10_240 } as const;

export function hypervisorRoutes(context: CloudContext): readonly Route[] {
  const root = '/os-hypervisors';
  return [
    ['GET', root, (ask) => list(context, ask, false)],
    ['GET', `${root}/detail`, (ask) => list(context, ask, true)],
    ['GET', `${root}/statistics`, (ask) => statistics(context, ask)],
    ['GET', `${root}/:id`, (ask, { id = '' }) => show(context, ask, id)],
    ['GET', '/os-availability-zone', () => zones(context, false)],
    [
      'GET',
      '/os-availability-zone/detail',
      (ask) => {
        onlyAdmin(context, ask, 'os_compute_api:os-availability-zone:detail');
        return zones(context, true);
      },
    ],
  ];
}

function list(context: CloudContext, ask: Ask, full: boolean): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-hypervisors:list');
  const { query, minor } = ask;
  const pattern = minor >= SINCE.uuid ? query.get('hypervisor_hostname_pattern') : null;
  const found = context.seed.hosts.filter(({ name }) => name.includes(pattern ?? ''));
  if (pattern !== null && found.length === 0) {
    throw refuse(404, `No hypervisor matching '${pattern}' could be found.`);
  }
  return json(200, { hypervisors: found.map((host) => view(context, host, { ask, full })) });
}

function show(context: CloudContext, ask: Ask, id: string): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-hypervisors:show');
  const host = context.seed.hosts.find((one) => idOf(context, one, ask.minor) === id);
  if (host === undefined) throw refuse(404, `Hypervisor with ID '${id}' could not be found.`);
  return json(200, { hypervisor: view(context, host, { ask, full: true }) });
}

const idOf = ({ seed }: CloudContext, host: Host, minor: number): string =>
  minor >= SINCE.uuid ? stableUuid('hypervisor', host.name) : String(seed.hosts.indexOf(host) + 1);

const serversOn = ({ state }: CloudContext, host: string) =>
  state.compute.servers.filter((one) => one.host === host && one.vmState !== 'deleted');

function usage(context: CloudContext, host: string) {
  const servers = serversOn(context, host);
  const flavors = servers.flatMap(
    ({ flavorId }) => everyFlavor(context).find(({ id }) => id === flavorId) ?? [],
  );
  const memory = flavors.reduce((sum, { ramMiB }) => sum + ramMiB, 512);
  return {
    vcpus: CAPACITY.vcpus,
    vcpus_used: flavors.reduce((sum, { vcpus }) => sum + vcpus, 0),
    memory_mb: CAPACITY.memoryMiB,
    memory_mb_used: memory,
    free_ram_mb: CAPACITY.memoryMiB - memory,
    local_gb: CAPACITY.diskGiB,
    local_gb_used: 0,
    free_disk_gb: CAPACITY.diskGiB,
    disk_available_least: CAPACITY.diskGiB,
    current_workload: servers.filter(({ task }) => task !== null).length,
    running_vms: servers.length,
  };
}

interface Asked {
  readonly ask: Ask;
  readonly full: boolean;
}

function view(context: CloudContext, host: Host, { ask, full }: Asked) {
  const { minor, query } = ask;
  const service = serviceOf(context, host.name);
  const id = idOf(context, host, minor);
  const withServers = minor >= SINCE.uuid && /^true$/i.test(query.get('with_servers') ?? '');
  const servers = serversOn(context, host.name).map((one) => ({ name: one.name, uuid: one.id }));
  const shown = withServers && (servers.length > 0 || minor >= SINCE.alwaysServers);
  const up = isUp(context, host.name);
  const more = {
    hypervisor_type: 'QEMU',
    hypervisor_version: 7_002_000,
    host_ip: '127.0.0.1',
    service: {
      id: minor >= SINCE.uuid ? serviceId(host.name) : Number(id) + 2,
      host: host.name,
      disabled_reason: service?.disabledReason ?? null,
    },
    ...(minor < SINCE.noCapacity
      ? { ...usage(context, host.name), cpu_info: minor < SINCE.parsedCpu ? '{}' : {} }
      : { uptime: null }),
  };
  return {
    id: minor >= SINCE.uuid ? id : Number(id),
    hypervisor_hostname: host.name,
    state: up ? 'up' : 'down',
    status: service?.disabled ? 'disabled' : 'enabled',
    ...(full ? more : {}),
    ...(shown ? { servers } : {}),
  };
}

/** Sums over all hosts; gone from 2.88 on. */
function statistics(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-hypervisors:statistics');
  if (ask.minor >= SINCE.noCapacity) throw refuse(404, 'The resource could not be found.');
  const totals: Record<string, number> = { count: context.seed.hosts.length };
  for (const { name } of context.seed.hosts) {
    for (const [key, value] of Object.entries(usage(context, name))) {
      totals[key] = (totals[key] ?? 0) + value;
    }
  }
  return json(200, { hypervisor_statistics: totals });
}

function zones(context: CloudContext, full: boolean): HttpResponse {
  const info = zonesOf(context).map((zone) => {
    const hosts = context.seed.hosts.filter((one) => one.zone === zone);
    const enabled = ({ name }: Host) => serviceOf(context, name)?.disabled === false;
    const line = (host: Host) => {
      const state = {
        available: isUp(context, host.name),
        active: enabled(host),
        updated_at: times.micro(context.clock.now()),
      };
      return [host.name, { 'nova-compute': state }] as const;
    };
    return {
      zoneName: zone,
      zoneState: { available: hosts.some(enabled) },
      hosts: full ? Object.fromEntries(hosts.map(line)) : null,
    };
  });
  return json(200, { availabilityZoneInfo: info });
}
