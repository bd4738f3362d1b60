/** Addresses of OpenStack, relative to the endpoint of the catalogue, and bodies of our calls. */

export const cinderPaths = {
  volume: (id: string) => `/volumes/${id}`,
  volumes: '/volumes/detail',
  action: (id: string) => `/volumes/${id}/action`,
  backups: '/backups/detail',
  exportRecord: (id: string) => `/backups/${id}/export_record`,
  importRecord: '/backups/import_record',
  restore: (id: string) => `/backups/${id}/restore`,
  manage: '/os-volume-manage',
} as const;

/** Metadata of a volume at DR: the id of the main volume whose twin it is. Written when it is protected. */
export const TWIN_OF = 'drillbook-twin-of';

export const novaPaths = {
  server: (id: string) => `/servers/${id}`,
  servers: '/servers/detail',
  create: '/servers',
  action: (id: string) => `/servers/${id}/action`,
  flavors: '/flavors/detail',
  computes: '/os-services?binary=nova-compute',
  compute: (host: string) => `/os-services?binary=nova-compute&host=${host}`,
  service: (id: string) => `/os-services/${id}`,
} as const;

export const neutronPaths = {
  network: (id: string) => `/v2.0/networks/${id}`,
  networks: '/v2.0/networks',
  ports: (network: string) => `/v2.0/ports?network_id=${network}`,
  create: '/v2.0/ports',
  port: (id: string) => `/v2.0/ports/${id}`,
} as const;

export const glancePaths = {
  named: (name: string) => `/v2/images?name=${encodeURIComponent(name)}`,
} as const;

/** Parked volumes refuse attach, delete and extend. */
export type ParkedStatus = 'available' | 'maintenance';
export const resetStatusBody = (status: ParkedStatus) => ({ 'os-reset_status': { status } });

/** What is done to a server that is there; Nova takes each of them with null. */
export const powerBodies = {
  stop: { 'os-stop': null },
  start: { 'os-start': null },
  lock: { lock: null },
  unlock: { unlock: null },
} as const;
/** Nova may not take the host for alive again by itself. */
export const forcedDownBody = { forced_down: true } as const;
/** The scheduler finds the host: those that are down are none. */
export const evacuateBody = { evacuate: {} } as const;
export type PowerAction = keyof typeof powerBodies;

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

export interface StatelessBodySpec {
  readonly name: string;
  readonly flavor: string;
  readonly image: string;
  readonly network: string;
  readonly userData?: string | undefined;
  readonly key: string;
}

/** Nova makes its port, and what it writes goes with it. */
export const statelessBody = (server: StatelessBodySpec) => ({
  server: {
    name: server.name,
    flavorRef: server.flavor,
    imageRef: server.image,
    networks: [{ uuid: server.network }],
    metadata: { 'drillbook-key': server.key },
    ...(server.userData === undefined
      ? {}
      : { user_data: Buffer.from(server.userData).toString('base64') }),
  },
});

/** What one cloud knows of a backup, for the books of another one. */
export const importBody = (service: string, url: string) => ({
  'backup-record': { backup_service: service, backup_url: url },
});

/** Always onto a new volume: nothing that is there is overwritten. */
export const restoreBody = (name: string) => ({ restore: { name } });

export const bootableBody = { 'os-set_bootable': { bootable: true } } as const;

interface ManageSpec {
  /** `<host>@<backend>#<pool>`. */
  readonly host: string;
  readonly ldev: number;
  readonly key: string;
  readonly bootable: boolean;
}

/** An LDEV that is there becomes a volume; the driver labels it with the new volume's id. */
export const manageBody = ({ host, ldev, key, bootable }: ManageSpec) => ({
  volume: { host, ref: { 'source-id': String(ldev) }, name: key, bootable },
});
