/** The fault `router-attached`: a router that nobody asked for reaches every inner network. */
import { stableUuid } from '../ids.ts';
import { homeProject } from '../seed.ts';
import type { CloudContext } from '../state.ts';
import { bounds, toText } from './addresses.ts';
import { servicePort } from './state.ts';

export function attachRouters({ state, seed, clock }: CloudContext, on: boolean): void {
  const { network } = state;
  const id = stableUuid('router', seed.name);
  network.ports = network.ports.filter(({ deviceId }) => deviceId !== id);
  network.routers = network.routers.filter((router) => router.id !== id);
  if (!on) return;
  const now = clock.now();
  const projectId = homeProject(seed);
  network.routers.push({
    id,
    name: 'uninvited',
    description: '',
    projectId,
    tags: [],
    revision: 1,
    createdAt: now,
    updatedAt: now,
    adminStateUp: true,
    gateway: null,
    routes: [],
  });
  for (const subnet of network.subnets) {
    const inside = network.networks.find((one) => one.id === subnet.networkId);
    if (inside === undefined || inside.external) continue;
    const ip = subnet.gatewayIp ?? toText(bounds(subnet.cidr).first + 1);
    const owner = 'network:router_interface';
    network.ports.push(servicePort(subnet, { ip, owner, device: id, projectId }, now));
  }
}
