/** Conditions on answers of OpenStack. Doubt and emptiness never hold. */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { protectionPredicates } from './protection.ts';
import {
  computesSchema,
  networksSchema,
  oneNetworkSchema,
  onePortSchema,
  oneServerSchema,
  oneVolumeSchema,
  portsSchema,
  serversSchema,
} from './schema.ts';
import { type Power, powerOf, statusText, volumesLostWith } from './servers.ts';

/** Not external, not shared. */
const networkClosed = predicate({
  body: oneNetworkSchema,
  args: z.strictObject({ network: z.string() }),
  test: ({ network }, args) => ({
    holds: network.id === args.network && !network.shared && !network['router:external'],
    reading: { shared: network.shared, external: network['router:external'] },
  }),
});

/** No other network lives on its provider segment; without a segment nobody knows. */
const segmentAlone = predicate({
  body: networksSchema,
  args: z.strictObject({ network: z.string() }),
  test: ({ networks }, args) => {
    const own = networks.find((network) => network.id === args.network);
    const segment = own?.['provider:segmentation_id'];
    if (own === undefined || segment === undefined || segment === null) {
      return { holds: false, reading: { segment: null } };
    }
    const type = own['provider:network_type'];
    const physical = own['provider:physical_network'] ?? null;
    const others = networks.filter(
      (network) =>
        network.id !== own.id &&
        network['provider:segmentation_id'] === segment &&
        network['provider:network_type'] === type &&
        (network['provider:physical_network'] ?? null) === physical,
    );
    return { holds: others.length === 0, reading: { segment, others: others.map(({ id }) => id) } };
  },
});

/** Ports of the network: DHCP and those with one of `names`, nothing else and no router. */
const onlyOwnPorts = predicate({
  body: portsSchema,
  args: z.strictObject({ network: z.string(), names: z.array(z.string()) }),
  test: ({ ports }, args) => {
    const foreign = ports.filter((port) => {
      if (port.network_id !== args.network) return true;
      if (port.device_owner.startsWith('network:router')) return true;
      return port.device_owner !== 'network:dhcp' && !args.names.includes(port.name);
    });
    return {
      holds: foreign.length === 0,
      reading: { ports: ports.length, foreign: foreign.map((port) => port.id) },
    };
  },
});

const volumeStatus = predicate({
  body: oneVolumeSchema,
  args: z.strictObject({ volume: z.string(), status: z.string() }),
  test: ({ volume }, args) => {
    const attached = volume.attachments.length;
    const holds = volume.id === args.volume && volume.status === args.status && attached === 0;
    return { holds, reading: { status: volume.status, attached } };
  },
});

/** Attached to nothing and at rest. */
const volumeFree = predicate({
  body: oneVolumeSchema,
  args: z.strictObject({ volume: z.string() }),
  test: ({ volume }, args) => {
    const attached = volume.attachments.length;
    const atRest = volume.status === 'maintenance' || volume.status === 'available';
    return {
      holds: volume.id === args.volume && atRest && attached === 0,
      reading: { status: volume.status, attached },
    };
  },
});

/** Nova has not heard of the host for so long that it counts as down, or it was told so. */
const hostSilent = predicate({
  body: computesSchema,
  args: z.strictObject({ host: z.string() }),
  test: ({ services }, args) => {
    const found = services.filter(({ host }) => host === args.host);
    const [one] = found;
    const holds = found.length === 1 && one?.state === 'down';
    return { holds, reading: { hosts: found.length, state: one?.state ?? null } };
  },
});

const oneServer = z.strictObject({ server: z.string() });

const serverIs = (power: Power): Predicate =>
  predicate({
    body: oneServerSchema,
    args: oneServer,
    test: ({ server }, args) => ({
      holds: server.id === args.server && powerOf(server) === power,
      reading: { status: statusText(server) },
    }),
  });

const serverUnlocked = predicate({
  body: oneServerSchema,
  args: oneServer,
  test: ({ server }, args) => ({
    holds: server.id === args.server && server.locked === false,
    reading: { locked: server.locked ?? null, reason: server.locked_reason ?? null },
  }),
});

/** It has no disk that the plan does not know, which would stay behind when the others move. */
const serverDisksKnown = predicate({
  body: oneServerSchema,
  args: z.strictObject({ server: z.string(), volumes: z.array(z.string()) }),
  test: ({ server }, args) => {
    const disks = server['os-extended-volumes:volumes_attached'].map(({ id }) => id);
    const strays = disks.filter((id) => !args.volumes.includes(id));
    return { holds: server.id === args.server && strays.length === 0, reading: { strays } };
  },
});

/** Deleting it deletes none of its volumes. */
const serverKeepsVolumes = predicate({
  body: oneServerSchema,
  args: oneServer,
  test: ({ server }, args) => {
    const lost = volumesLostWith(server);
    return { holds: server.id === args.server && lost.length === 0, reading: { lost } };
  },
});

/** On the list of all servers it does not stand. A list of which there is more proves nothing. */
const serverAbsent = predicate({
  body: serversSchema,
  args: oneServer,
  test: ({ servers, servers_links: more }, args) => {
    const found = servers.find((server) => server.id === args.server);
    return {
      holds: found === undefined && more === undefined,
      reading: {
        servers: servers.length,
        whole: more === undefined,
        status: found?.status ?? null,
      },
    };
  },
});

/** On the whole list no server has this name. */
const serverNameFree = predicate({
  body: serversSchema,
  args: z.strictObject({ name: z.string() }),
  test: ({ servers, servers_links: more }, args) => {
    const found = servers.filter((server) => server.name === args.name);
    return {
      holds: found.length === 0 && more === undefined,
      reading: { found: found.map(({ id }) => id), whole: more === undefined },
    };
  },
});

/** Plugged into nothing. */
const portFree = predicate({
  body: onePortSchema,
  args: z.strictObject({ port: z.string() }),
  test: ({ port }, args) => ({
    holds: port.id === args.port && port.device_id === '',
    reading: { device: port.device_id, owner: port.device_owner },
  }),
});

/** Exactly these objects carry the name: nobody made another since people looked. */
const namedExactly = predicate({
  body: z.record(z.string(), z.unknown()),
  args: z.strictObject({ list: z.string(), name: z.string(), ids: z.array(z.string()) }),
  test: (body, { list, name, ids }) => {
    const named = z.array(z.looseObject({ id: z.string(), name: z.string().nullish() }));
    const seen = named.safeParse(body[list]);
    if (!seen.success || body[`${list}_links`] !== undefined) {
      return { holds: false, reading: { list: 'unreadable or only a part' } };
    }
    const found = seen.data.filter((one) => one.name === name).map(({ id }) => id);
    const same = found.length === ids.length && found.every((id) => ids.includes(id));
    return { holds: same, reading: { name, found } };
  },
});

export const cloudPredicates: Readonly<Record<string, Predicate>> = {
  'named-exactly': namedExactly,
  'network-closed': networkClosed,
  'segment-alone': segmentAlone,
  'only-own-ports': onlyOwnPorts,
  /** In this status and attached to nothing. */
  'volume-status': volumeStatus,
  'volume-free': volumeFree,
  /** SHUTOFF, and Nova is doing nothing with it. */
  'server-stopped': serverIs('off'),
  'server-active': serverIs('on'),
  'server-unlocked': serverUnlocked,
  'server-disks-known': serverDisksKnown,
  'server-keeps-volumes': serverKeepsVolumes,
  'server-absent': serverAbsent,
  'server-name-free': serverNameFree,
  'host-silent': hostSilent,
  'port-free': portFree,
  ...protectionPredicates,
};
