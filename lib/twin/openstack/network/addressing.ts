/** Which addresses a port gets: the wished ones if they are free, the next free ones else. */
import type { CloudContext } from '../state.ts';
import { holds, nextFree } from './addresses.ts';
import { badAddress, badSubnetAddress, conflict, invalidInput, missing } from './refusals.ts';
import type { Network, Port, Subnet } from './state.ts';

interface AddressWish {
  readonly ip_address?: string | undefined;
  readonly subnet_id?: string | undefined;
}

/**
 * The fixed addresses of a port in `network`. Without a wish: one of the first subnet that has
 * room, none where the network has no subnet. `port` is the port itself when it has some already.
 */
export function addressesFor(
  context: CloudContext,
  network: Network,
  { wishes, port }: { readonly wishes?: readonly AddressWish[] | undefined; readonly port?: Port },
): Port['fixedIps'] {
  const own = context.state.network.subnets.filter(({ networkId }) => networkId === network.id);
  const taken = takenIn(context, port);
  if (wishes === undefined) return automatic(network, own, taken);
  return wishes.map((wish) => {
    const subnet = subnetFor(network, own, wish);
    const ip = wish.ip_address ?? nextFree(subnet.pools, taken(subnet.id));
    if (ip === undefined) throw conflict.noAddress(network.id);
    if (taken(subnet.id).has(ip)) throw conflict.ipTaken(ip, subnet.id);
    return { subnetId: subnet.id, ip };
  });
}

function automatic(
  network: Network,
  own: readonly Subnet[],
  taken: (subnetId: string) => ReadonlySet<string>,
): Port['fixedIps'] {
  for (const { id, pools } of own) {
    const ip = nextFree(pools, taken(id));
    if (ip !== undefined) return [{ subnetId: id, ip }];
  }
  if (own.length === 0) return [];
  throw conflict.noAddress(network.id);
}

function subnetFor(network: Network, own: readonly Subnet[], wish: AddressWish): Subnet {
  const { ip_address: ip, subnet_id: id } = wish;
  if (id !== undefined) {
    const subnet = own.find((one) => one.id === id);
    if (subnet === undefined) {
      const why = `Failed to create port on network ${network.id}, because fixed_ips included`;
      throw id.length === 0 ? missing('subnet', id) : invalidInput(`${why} invalid subnet ${id}`);
    }
    if (ip !== undefined && !holds(subnet.cidr, ip)) throw badSubnetAddress();
    return subnet;
  }
  const subnet = own.find(({ cidr }) => ip === undefined || holds(cidr, ip));
  if (subnet === undefined) throw badAddress(ip ?? '');
  return subnet;
}

function takenIn({ state }: CloudContext, but: Port | undefined) {
  return (subnetId: string): ReadonlySet<string> =>
    new Set(
      state.network.ports
        .filter((one) => one !== but)
        .flatMap(({ fixedIps }) => fixedIps)
        .filter((one) => one.subnetId === subnetId)
        .map(({ ip }) => ip),
    );
}

/** The wished MAC address if nobody in the network has it, a new one of OpenStack's range else. */
export function macFor(context: CloudContext, network: Network, wish: string | undefined): string {
  const taken = new Set(
    context.state.network.ports
      .filter(({ networkId }) => networkId === network.id)
      .map(({ mac }) => mac),
  );
  const wanted = wish?.toLowerCase();
  if (wanted !== undefined && taken.has(wanted)) throw conflict.macTaken(wanted, network.id);
  if (wanted !== undefined) return wanted;
  const fresh = () => ['fa', '16', '3e', ...(context.random(3).match(/../g) ?? [])].join(':');
  let mac = fresh();
  while (taken.has(mac)) mac = fresh();
  return mac;
}
