/** Request bodies and queries of local copies, as strictly as the server takes them. */
import * as z from 'zod';
import { bad } from '../wire.ts';

const name = (max: number) => z.string().regex(new RegExp(`^[^\\s,]{1,${max}}$`));
const ldevId = z.int().min(0).max(65_279);
const copyPace = z.int().min(1).max(15);

/** Copy pace changes no time in the twin: how much faster a real array copies is not documented. */
export const createPairSchema = z
  .strictObject({
    copyGroupName: name(29),
    copyPairName: name(31),
    replicationType: z.literal('SI'),
    pvolLdevId: ldevId,
    svolLdevId: ldevId,
    isNewGroupCreation: z.boolean(),
    pvolDeviceGroupName: name(31).optional(),
    svolDeviceGroupName: name(31).optional(),
    pvolMuNumber: z.int().min(0).max(2).optional(),
    copyPace: copyPace.optional(),
    autoSplit: z.boolean().default(false),
    quickMode: z.boolean().default(false),
    isConsistencyGroup: z.boolean().optional(),
    consistencyGroupId: z.int().min(0).max(255).optional(),
    isDataReductionForceCopy: z.boolean().default(false),
  })
  .refine((wish) => !(wish.autoSplit && wish.isConsistencyGroup), {
    error: 'autoSplit and isConsistencyGroup exclude each other',
  })
  .refine((wish) => !wish.quickMode || wish.autoSplit, {
    error: 'quickMode can be specified only with autoSplit',
  })
  .refine((wish) => wish.consistencyGroupId === undefined || wish.isConsistencyGroup, {
    error: 'consistencyGroupId needs isConsistencyGroup',
  })
  .refine((wish) => wish.pvolMuNumber === undefined || wish.isNewGroupCreation, {
    error: 'pvolMuNumber can be specified only for a new copy group',
  });

export type CreatePair = z.infer<typeof createPairSchema>;

export const resyncSchema = z
  .strictObject({
    parameters: z
      .strictObject({ quickMode: z.boolean().default(false), copyPace: copyPace.optional() })
      .prefault({}),
  })
  .prefault({});

/** `forceSplit` cancels a volume migration, which is another kind of pair. */
export const splitSchema = z
  .strictObject({
    parameters: z
      .strictObject({
        quickMode: z.boolean().default(false),
        copyPace: copyPace.optional(),
        forceSuspend: z.boolean().default(false),
        forceSplit: z.literal(false).default(false),
      })
      .prefault({}),
  })
  .prefault({});

/** What `forceDelete` changes is not documented in what we read: the same rules hold with it. */
export const deleteSchema = z.strictObject({ forceDelete: z.boolean().optional() }).prefault({});

const copySpeed = z
  .string()
  .regex(/^(slower|medium|faster)$/i)
  .default('medium');

export const createSnapshotSchema = z
  .strictObject({
    snapshotGroupName: name(32),
    snapshotPoolId: z.int().min(0).max(127),
    pvolLdevId: ldevId,
    svolLdevId: ldevId.optional(),
    isConsistencyGroup: z.boolean().default(false),
    autoSplit: z.boolean().default(false),
    canCascade: z.boolean().optional(),
    isClone: z.boolean().default(false),
    clonesAutomation: z.boolean().default(false),
    copySpeed,
    isDataReductionForceCopy: z.boolean().default(false),
    muNumber: z.int().min(0).max(1023).optional(),
  })
  .refine((wish) => !wish.isClone || wish.svolLdevId !== undefined, {
    error: 'svolLdevId is required when isClone is true',
  })
  .refine((wish) => !wish.isClone || wish.canCascade !== false, {
    error: 'canCascade cannot be false when isClone is true',
  })
  .refine((wish) => !wish.clonesAutomation || wish.isClone, {
    error: 'clonesAutomation can be specified only when isClone is true',
  })
  .refine((wish) => !(wish.autoSplit && wish.isClone), {
    error: 'autoSplit and isClone exclude each other',
  });

export type CreateSnapshot = z.infer<typeof createSnapshotSchema>;

/** For actions that take nothing; that an empty body does no harm is an assumption. */
export const nothingSchema = z
  .strictObject({ parameters: z.strictObject({}).optional() })
  .prefault({});

export const restoreSchema = z
  .strictObject({
    parameters: z.strictObject({ autoSplit: z.boolean().default(false) }).prefault({}),
  })
  .prefault({});

export const cloneSchema = z
  .strictObject({ parameters: z.strictObject({ copySpeed }).prefault({}) })
  .prefault({});

export const assignSchema = z.strictObject({ parameters: z.strictObject({ svolLdevId: ldevId }) });

/** Throws a 400 Refusal that names what does not fit. */
export function wishOf<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') || 'body';
  throw bad(`The request is not valid. (${where}: ${issue?.message ?? ''})`);
}
