/** Conditions on answers of OpenStack. Doubt and emptiness never hold. */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { networksSchema, oneNetworkSchema, oneVolumeSchema, portsSchema } from './schema.ts';

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

export const cloudPredicates: Readonly<Record<string, Predicate>> = {
  'network-closed': networkClosed,
  'segment-alone': segmentAlone,
  'only-own-ports': onlyOwnPorts,
  /** In this status and attached to nothing. */
  'volume-status': volumeStatus,
  'volume-free': volumeFree,
};
