/** Compute hosts: which are up, and where the scheduler puts a server. */
import { readsUp } from '../block/health.ts';
import type { CloudSeed } from '../seed.ts';
import { type CloudContext, hasFault } from '../state.ts';
import type { ComputeService, Server } from './state.ts';

export type Host = CloudSeed['hosts'][number];

export const hostNamed = ({ seed }: CloudContext, name: string | null): Host | undefined =>
  seed.hosts.find((host) => host.name === name);

export const zonesOf = ({ seed }: CloudContext): readonly string[] => [
  ...new Set(seed.hosts.map(({ zone }) => zone)),
];

export const serviceOf = ({ state }: CloudContext, host: string): ComputeService | undefined =>
  state.compute.services.find((one) => one.host === host);

/** Whether the machine runs, whatever an operator told Nova about it. */
export function isAlive(context: CloudContext, host: string | null): boolean {
  const first = context.seed.hosts[0]?.name;
  if (host === first && hasFault(context, 'compute-down')) return false;
  const site = hostNamed(context, host)?.site;
  return host !== null && (site === undefined || !context.siteDown(site));
}

/** What `os-services` calls up: it reported within `service_down_time`, and is not forced down. */
export function isUp(context: CloudContext, host: string | null): boolean {
  const service = serviceOf(context, host ?? '');
  return service !== undefined && !service.forcedDown && readsUp(service, context.clock.now());
}

/**
 * Notes from when on a host reports no more. After a power failure its guests are not started again:
 * Nova does that only when it was told to (`resume_guests_state_on_host_boot`).
 */
export function followHosts(context: CloudContext, now: number): void {
  for (const service of context.state.compute.services) {
    const site = hostNamed(context, service.host)?.site ?? '';
    const dark = context.siteDown(site);
    if (service.powerLost && !dark && !context.guestsReturn(site)) powerOff(context, service, now);
    service.powerLost = dark;
    service.deadSince = isAlive(context, service.host) ? null : (service.deadSince ?? now);
  }
}

function powerOff({ state }: CloudContext, { host }: ComputeService, now: number): void {
  for (const server of state.compute.servers) {
    if (server.host !== host || server.vmState !== 'active' || server.task !== null) continue;
    server.vmState = 'stopped';
    server.updatedAt = now;
  }
}

/**
 * The host for a server: up, enabled, in the wished zone or the wished one itself, as its group
 * wants it; the one with the fewest servers. Room for flavors is not simulated. undefined = none.
 */
export function choose(context: CloudContext, server: Server): string | undefined {
  const fit = context.seed.hosts.filter(
    ({ name, zone }) =>
      isUp(context, name) &&
      serviceOf(context, name)?.disabled === false &&
      name !== server.host &&
      (server.wantedHost === null || server.wantedHost === name) &&
      (server.wantedZone === null || server.wantedZone === zone),
  );
  const load = (host: string) =>
    context.state.compute.servers.filter((one) => one.host === host && one.vmState !== 'deleted')
      .length;
  return grouped(context, server, fit)
    .map(({ name }) => ({ name, load: load(name) }))
    .sort((a, b) => a.load - b.load)[0]?.name;
}

/** Hard policies leave only hosts that obey; soft ones only when there are such. */
function grouped(context: CloudContext, server: Server, fit: readonly Host[]): readonly Host[] {
  const { groups, servers } = context.state.compute;
  const group = groups.find(({ id }) => id === server.groupId);
  if (group === undefined) return fit;
  const taken = servers
    .filter((one) => one.groupId === group.id && one.id !== server.id && one.vmState !== 'deleted')
    .flatMap(({ host }) => host ?? []);
  const apart = group.policy.endsWith('anti-affinity');
  const obey = fit.filter(({ name }) => {
    if (apart) return !taken.includes(name);
    return taken.length === 0 || taken.includes(name);
  });
  return group.policy.startsWith('soft-') && obey.length === 0 ? fit : obey;
}
