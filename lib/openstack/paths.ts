/** Addresses of OpenStack, relative to the endpoint of the catalogue, and bodies of our calls. */

export const cinderPaths = {
  volume: (id: string) => `/volumes/${id}`,
  volumes: '/volumes/detail',
  action: (id: string) => `/volumes/${id}/action`,
} as const;

export const novaPaths = {
  server: (id: string) => `/servers/${id}`,
  servers: '/servers/detail',
  create: '/servers',
  flavors: '/flavors/detail',
} as const;

export const neutronPaths = {
  network: (id: string) => `/v2.0/networks/${id}`,
  networks: '/v2.0/networks',
  ports: (network: string) => `/v2.0/ports?network_id=${network}`,
  create: '/v2.0/ports',
  port: (id: string) => `/v2.0/ports/${id}`,
} as const;

/** Parked volumes refuse attach, delete and extend. */
export type ParkedStatus = 'available' | 'maintenance';
export const resetStatusBody = (status: ParkedStatus) => ({ 'os-reset_status': { status } });

export interface PortSpec {
  readonly name: string;
  readonly network: string;
  readonly mac: string;
  readonly ip: string;
}

export const portBody = (port: PortSpec) => ({
  port: {
    name: port.name,
    network_id: port.network,
    mac_address: port.mac,
    fixed_ips: [{ ip_address: port.ip }],
    admin_state_up: true,
  },
});

export interface ServerBodySpec {
  readonly name: string;
  readonly flavor: string;
  /** In device order; the first is booted from. */
  readonly volumes: readonly string[];
  readonly ports: readonly string[];
  readonly key: string;
}

/** `delete_on_termination` is false always: deleting a drill server must leave the copies. */
export const serverBody = (server: ServerBodySpec) => ({
  server: {
    name: server.name,
    flavorRef: server.flavor,
    networks: server.ports.map((port) => ({ port })),
    metadata: { 'drillbook-key': server.key },
    block_device_mapping_v2: server.volumes.map((uuid, index) => ({
      boot_index: index === 0 ? 0 : -1,
      uuid,
      source_type: 'volume',
      destination_type: 'volume',
      delete_on_termination: false,
    })),
  },
});
