/** Answers of arrays, as far as we read them. The array leaves out fields that do not apply. */
import * as z from 'zod';

const id = z.int().min(0);

/** Seen from one array with a `NotSpecified` id: only that array's half is there. */
export const remotePairSchema = z.looseObject({
  copyPairName: z.string(),
  replicationType: z.string().optional(),
  pvolLdevId: id.optional(),
  svolLdevId: id.optional(),
  pvolStatus: z.string().optional(),
  svolStatus: z.string().optional(),
  consistencyGroupId: id.nullish(),
  /** UR: `ASYNC`. TC: what the P-VOL does with writes that it cannot mirror. */
  fenceLevel: z.string().nullish(),
  pvolJournalId: id.optional(),
  svolJournalId: id.optional(),
  /** GAD: how hosts reach the volume. `L/M` mirrored, `L/L` local alone, `B/B` blocked. */
  pvolIOMode: z.string().nullish(),
  svolIOMode: z.string().nullish(),
});
export type RemotePair = z.infer<typeof remotePairSchema>;

export const remoteGroupSchema = z.looseObject({
  copyGroupName: z.string(),
  localDeviceGroupName: z.string(),
  muNumber: id.optional(),
  copyPairs: z.array(remotePairSchema),
});

export const clonePairSchema = z.looseObject({
  copyPairName: z.string(),
  pvolLdevId: id,
  svolLdevId: id,
  pvolMuNumber: id.nullish(),
  pvolStatus: z.string(),
  svolStatus: z.string(),
  copyProgressRate: z.number().nullish(),
  consistencyGroupId: id.nullish(),
});
export type ClonePair = z.infer<typeof clonePairSchema>;

export const cloneGroupSchema = z.looseObject({
  localCloneCopygroupId: z.string().optional(),
  copyGroupName: z.string(),
  pvolDeviceGroupName: z.string(),
  svolDeviceGroupName: z.string(),
  copyPairs: z.array(clonePairSchema),
});

export const cloneGroupsSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      copyGroupName: z.string(),
      pvolDeviceGroupName: z.string(),
      svolDeviceGroupName: z.string(),
    }),
  ),
});

export const ldevSchema = z.looseObject({
  ldevId: id,
  label: z.string().optional(),
  emulationType: z.string().optional(),
  /** 512-byte blocks. */
  blockCapacity: z.int().optional(),
  /** LU paths: the pair path counts as one. */
  numOfPorts: z.int().optional(),
  /** Absent where there is no path. */
  ports: z
    .array(
      z.looseObject({
        portId: z.string(),
        hostGroupNumber: id,
        hostGroupName: z.string(),
        lun: id,
      }),
    )
    .optional(),
});

/** Thin Image pairs of one group; one that clones deletes itself when it is done. */
export const snapshotsSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      pvolLdevId: id,
      svolLdevId: id.optional(),
      status: z.string(),
      /** Percent copied. */
      concordanceRate: z.number().nullish(),
    }),
  ),
});
export type Snapshot = z.infer<typeof snapshotsSchema>['data'][number];

export const journalSchema = z.looseObject({
  journalId: id,
  muNumber: id.optional(),
  journalStatus: z.string(),
  usageRate: z.number(),
  /** Hexadecimal; master: last taken at a write, restore: last written to cache there. */
  qMarker: z.string(),
  qCount: z.int().optional(),
  /** 0: the journal of the other array cannot be reached. */
  numOfActivePaths: z.int().optional(),
});
export const journalsSchema = z.looseObject({ data: z.array(journalSchema) });
export type Journal = z.infer<typeof journalSchema>;

/** One LU path, by its own address. */
export const lunSchema = z.looseObject({ ldevId: id });

export const remotePathsSchema = z.looseObject({
  data: z.array(z.looseObject({ remoteStorageDeviceId: z.string(), cuStatus: z.string() })),
});

export const hostGroupsSchema = z.looseObject({
  data: z.array(
    z.looseObject({ portId: z.string(), hostGroupNumber: id, hostGroupName: z.string() }),
  ),
});

export const poolsSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      poolId: id,
      /** MiB. */
      availableVolumeCapacity: z.number().optional(),
    }),
  ),
});

export const jobSchema = z.looseObject({
  jobId: z.int(),
  status: z.string(),
  state: z.string(),
  error: z
    .looseObject({ message: z.string().optional(), messageId: z.string().optional() })
    .nullish(),
});
