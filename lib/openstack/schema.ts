/** Answers of OpenStack, as far as we read them. */
import * as z from 'zod';

export const volumeSchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  status: z.string(),
  /** GiB. */
  size: z.number(),
  bootable: z.union([z.string(), z.boolean()]).optional(),
  attachments: z.array(z.looseObject({ server_id: z.string().optional() })).default([]),
  metadata: z.record(z.string(), z.string()).default({}),
});
export const volumesSchema = z.looseObject({ volumes: z.array(volumeSchema) });
export const oneVolumeSchema = z.looseObject({ volume: volumeSchema });
export type Volume = z.infer<typeof volumeSchema>;

/** The compute host of a server, as administrators see it. */
export const HOST = 'OS-EXT-SRV-ATTR:host';

export const serverSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  /** What Nova is doing with it now; null = nothing. */
  'OS-EXT-STS:task_state': z.string().nullish(),
  [HOST]: z.string().nullish(),
  locked: z.boolean().optional(),
  locked_reason: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).default({}),
  'os-extended-volumes:volumes_attached': z
    .array(z.looseObject({ id: z.string(), delete_on_termination: z.boolean().optional() }))
    .default([]),
});
export const oneServerSchema = z.looseObject({ server: serverSchema });
export const serversSchema = z.looseObject({
  servers: z.array(serverSchema),
  /** There is another page. */
  servers_links: z.array(z.unknown()).optional(),
});
export type Server = z.infer<typeof serverSchema>;

/** Compute hosts as Nova hears of them. */
export const computesSchema = z.looseObject({
  services: z.array(
    z.looseObject({
      id: z.union([z.string(), z.int()]),
      binary: z.string(),
      host: z.string(),
      zone: z.string().nullish(),
      state: z.string(),
      forced_down: z.boolean().optional(),
    }),
  ),
});

export const portSchema = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  network_id: z.string(),
  device_owner: z.string().default(''),
  device_id: z.string().default(''),
});
/** A port that does not say what it is plugged into is in doubt. */
export const onePortSchema = z.looseObject({ port: portSchema.extend({ device_id: z.string() }) });
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

export const imagesSchema = z.looseObject({
  images: z.array(
    z.looseObject({ id: z.string(), name: z.string().nullable(), status: z.string() }),
  ),
  /** There is another page. */
  next: z.string().optional(),
});

export const backupsSchema = z.looseObject({
  backups: z.array(
    z.looseObject({
      id: z.string(),
      volume_id: z.string(),
      status: z.string(),
      /** GiB. */
      size: z.number(),
      created_at: z.string(),
      /** When the data was as it is in the backup; that of the snapshot it was made of. */
      data_timestamp: z.string().nullish(),
    }),
  ),
  /** There is another page. */
  backups_links: z.array(z.unknown()).optional(),
});
export type Backup = z.infer<typeof backupsSchema>['backups'][number];

export const recordSchema = z.looseObject({
  'backup-record': z.looseObject({ backup_service: z.string(), backup_url: z.string() }),
});
