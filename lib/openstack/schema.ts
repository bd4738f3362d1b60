/** Answers of OpenStack, as far as we read them. */
import * as z from 'zod';

export const volumeSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  /** GiB. */
  size: z.number(),
  bootable: z.union([z.string(), z.boolean()]).optional(),
  attachments: z.array(z.looseObject({ server_id: z.string().optional() })).default([]),
});
export const oneVolumeSchema = z.looseObject({ volume: volumeSchema });
export type Volume = z.infer<typeof volumeSchema>;

export const serverSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
});
export const serversSchema = z.looseObject({ servers: z.array(serverSchema) });
export type Server = z.infer<typeof serverSchema>;

export const portSchema = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  network_id: z.string(),
  device_owner: z.string().default(''),
  device_id: z.string().default(''),
});
export const portsSchema = z.looseObject({ ports: z.array(portSchema) });
export type Port = z.infer<typeof portSchema>;

export const networkSchema = z.looseObject({
  id: z.string(),
  shared: z.boolean(),
  'router:external': z.boolean(),
  'provider:network_type': z.string().nullish(),
  'provider:physical_network': z.string().nullish(),
  'provider:segmentation_id': z.int().nullish(),
});
export const oneNetworkSchema = z.looseObject({ network: networkSchema });
export const networksSchema = z.looseObject({ networks: z.array(networkSchema) });

export const flavorsSchema = z.looseObject({
  flavors: z.array(z.looseObject({ id: z.string(), name: z.string() })),
});
