/** What a simulated cloud remembers; written to disk as it stands. */
import * as z from 'zod';
import { sha256 } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import type { ArrayPort, CloudSeed } from '../seams.ts';

/** Faults a test or a scenario can switch on by name. */
export const cloudFaults = [
  /** Servers created from now on end in ERROR; their volumes stay `reserved` until deletion. */
  'boot-failing',
  /** Every service but Keystone answers 500 and does nothing. */
  'http-500',
  /** All tokens given out so far stop working; a new login helps. */
  'token-revoked',
  /** Deleting a server takes minutes. */
  'slow-delete',
  /** A router gets a leg in every network that is not external: nothing is isolated any more. */
  'router-attached',
] as const;
export type CloudFault = (typeof cloudFaults)[number];

const tokenSchema = z.strictObject({
  id: z.string(),
  issuedAt: z.int(),
  expiresAt: z.int(),
  scoped: z.boolean(),
  auditId: z.string(),
});
export type Token = z.infer<typeof tokenSchema>;

const attachmentSchema = z.strictObject({
  id: z.string(),
  serverId: z.string(),
  device: z.string(),
  /** `attached` means that the LU path on the array exists. */
  state: z.enum(['reserved', 'attaching', 'attached']),
  attachedAt: z.int().nullable(),
});

const volumeSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  sizeGiB: z.int(),
  ldevId: z.int(),
  status: z.string(),
  bootable: z.boolean(),
  createdAt: z.int(),
  updatedAt: z.int(),
  attachments: z.array(attachmentSchema),
  /** When a volume in `deleting` is gone. */
  goneAt: z.int().nullable(),
});
export type Volume = z.infer<typeof volumeSchema>;

const serverSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  flavorId: z.string(),
  status: z.enum(['BUILD', 'ACTIVE', 'ERROR']),
  metadata: z.record(z.string(), z.string()),
  tags: z.array(z.string()),
  createdAt: z.int(),
  updatedAt: z.int(),
  /** Why it is in ERROR. */
  reason: z.string().nullable(),
  /** Decided at creation by the fault `boot-failing`. */
  doomed: z.boolean(),
  deletion: z.strictObject({ since: z.int(), tookMs: z.int() }).nullable(),
  disks: z.array(
    z.strictObject({ volumeId: z.string(), device: z.string(), deleteOnTermination: z.boolean() }),
  ),
});
export type Server = z.infer<typeof serverSchema>;

const portSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  networkId: z.string(),
  mac: z.string(),
  ip: z.string(),
  deviceId: z.string(),
  deviceOwner: z.string(),
  /** Made by Nova itself, and so removed with the server. */
  ownedByServer: z.boolean(),
  createdAt: z.int(),
});
export type Port = z.infer<typeof portSchema>;

export const cloudStateSchema = z.strictObject({
  tokens: z.array(tokenSchema),
  volumes: z.array(volumeSchema),
  servers: z.array(serverSchema),
  ports: z.array(portSchema),
  faults: z.array(z.enum(cloudFaults)),
});
export type CloudState = z.infer<typeof cloudStateSchema>;

/** What all services of one cloud share. `state` is replaced as a whole by a restore. */
export interface CloudContext {
  readonly seed: CloudSeed;
  readonly array: ArrayPort;
  readonly clock: Clock;
  /** At most 32 bytes at a time. */
  readonly random: Random;
  readonly baseUrl: () => string;
  readonly tokenTtlSeconds: number;
  state: CloudState;
}

/** The compute host whose paths appear on the array. */
export const computeHost = (seed: CloudSeed): string => `${seed.name}-compute-1`;

export const subnetIdOf = (networkId: string): string => stableUuid('subnet', networkId);

/** The state on the first day: seeded volumes, and a DHCP port in every network. */
export function initialState(seed: CloudSeed, now: number): CloudState {
  return {
    tokens: [],
    volumes: seed.volumes.map((volume) => ({
      ...volume,
      createdAt: now,
      updatedAt: now,
      attachments: [],
      goneAt: null,
    })),
    servers: [],
    ports: seed.networks.map((network) => servicePort(network, 'dhcp', now)),
    faults: [],
  };
}

/** A port the network itself owns: its DHCP server (.2) or a router (.1). */
export function servicePort(
  network: CloudSeed['networks'][number],
  kind: 'dhcp' | 'router_interface',
  now: number,
): Port {
  const id = stableUuid(kind, network.id);
  const octets = network.cidr.split('/')[0]?.split('.').slice(0, 3) ?? [];
  const mac = sha256(id).slice(0, 6).match(/../g)?.join(':');
  return {
    id,
    name: '',
    networkId: network.id,
    mac: `fa:16:3e:${mac}`,
    ip: [...octets, kind === 'dhcp' ? '2' : '1'].join('.'),
    deviceId: `${kind}-${network.id}`,
    deviceOwner: `network:${kind}`,
    ownedByServer: false,
    createdAt: now,
  };
}

function stableUuid(kind: string, of: string): string {
  const hex = sha256(`${kind}:${of}`);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`];
  return [...groups, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
