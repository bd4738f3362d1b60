/** What changes LDEVs: create, label, expand, delete, virtual ids, quality of service. */
import * as z from 'zod';
import { LAST_LDEV, type Ldev, NO_VIRTUAL_ID } from '../ldevs.ts';
import type { Call, Parts } from '../parts.ts';
import type { Changed } from '../room.ts';
import { bad, type ErrorWords, missing, refusedWith, rejected, wished } from '../wire.ts';
import { blocksOf, newBlocksOf } from './capacity.ts';

const ldevId = z.int().min(0).max(LAST_LDEV);
const dataReductionMode = z.enum(['disabled', 'compression', 'compression_deduplication']);

/** Volumes of pools; parity groups and external volumes are not simulated. */
const createSchema = z.strictObject({
  ldevId: ldevId.optional(),
  startLdevId: ldevId.optional(),
  endLdevId: ldevId.optional(),
  isParallelExecutionEnabled: z.boolean().default(false),
  /** -1 = a volume of Thin Image, in no pool. */
  poolId: z.int().min(-1).max(127),
  byteFormatCapacity: z.string().optional(),
  blockCapacity: z.int().optional(),
  dataReductionMode: dataReductionMode.default('disabled'),
  isDataReductionSharedVolumeEnabled: z.boolean().optional(),
  isCompressionAccelerationEnabled: z.boolean().optional(),
});
type Wish = z.infer<typeof createSchema>;

export function createLdev({ ldevs, spec }: Parts, { body }: Call): Changed {
  const wish = wished(createSchema, body);
  const { poolId, byteFormatCapacity, blockCapacity } = wish;
  const blocks = newBlocksOf({ bytes: byteFormatCapacity, blocks: blockCapacity });
  const [first, last] = rangeOf(wish);
  const pool = spec.pools.find((one) => one.poolId === poolId);
  if (poolId !== -1 && pool === undefined) {
    return refuse(refusedWith('EX_ENOOBJ', 'The pool does not exist.', `pool ${poolId}`));
  }
  if (pool?.poolType === 'HTI') return refuse(rejected(`Pool ${poolId} is for Thin Image only.`));
  const free = ldevs.free(first, last);
  if (free === undefined) {
    const taken = wish.ldevId !== undefined;
    return refuse(
      taken
        ? refusedWith('2E22-0001', 'The LDEV is already defined.', `LDEV ${wish.ldevId}`)
        : refusedWith('2E11-2209', 'No LDEV number is available.', `${first} to ${last}`),
    );
  }
  const attributes = [
    'CVS',
    poolId === -1 ? 'VVOL' : 'HDP',
    ...(wish.isDataReductionSharedVolumeEnabled === true ? ['DRS'] : []),
  ];
  const where = { poolId: poolId === -1 ? null : poolId, attributes };
  ldevs.add({ ldevId: free, blocks, dataReductionMode: wish.dataReductionMode, ...where });
  return { affected: [`ldevs/${free}`] };
}

function rangeOf({ ldevId, startLdevId, endLdevId, ...wish }: Wish): readonly [number, number] {
  const ranged = startLdevId !== undefined || endLdevId !== undefined;
  if (ldevId !== undefined) {
    if (ranged || wish.isParallelExecutionEnabled) throw bad('ldevId excludes a range of numbers.');
    return [ldevId, ldevId];
  }
  if (!ranged) return [0, LAST_LDEV];
  if (startLdevId === undefined || endLdevId === undefined || startLdevId > endLdevId) {
    throw bad('startLdevId and endLdevId are required together, in this order.');
  }
  return [startLdevId, endLdevId];
}

const modifySchema = z
  .strictObject({
    label: z.string().max(32).optional(),
    dataReductionMode: dataReductionMode.optional(),
  })
  .refine((wish) => Object.keys(wish).length > 0, 'Nothing to change.');

export function modifyLdev(parts: Parts, call: Call): Changed {
  const wish = wished(modifySchema, call.body);
  const ldev = named(parts, call);
  if (wish.label !== undefined) ldev.label = wish.label;
  if (wish.dataReductionMode !== undefined) ldev.dataReductionMode = wish.dataReductionMode;
  return done(ldev);
}

const deleteSchema = z.strictObject({ isDataReductionDeleteForceExecute: z.boolean().optional() });

export function deleteLdev(parts: Parts, call: Call): Changed {
  wished(deleteSchema, call.body);
  const ldev = named(parts, call);
  const why = boundBy(parts, ldev) ?? mapped(parts, ldev);
  if (why !== undefined) return refuse(rejected(why));
  parts.ldevs.drop(ldev.ldevId);
  parts.histories.delete(ldev.ldevId);
  return done(ldev);
}

const expandSchema = z.strictObject({
  parameters: z.strictObject({
    additionalByteFormatCapacity: z.string().optional(),
    additionalBlockCapacity: z.int().optional(),
    enhancedExpansion: z.boolean().optional(),
  }),
});

/** Refused for volumes of pairs: what real arrays need for that (two system modes) is not set. */
export function expandLdev(parts: Parts, call: Call): Changed {
  const { parameters } = wished(expandSchema, call.body);
  const more = blocksOf({
    bytes: parameters.additionalByteFormatCapacity,
    blocks: parameters.additionalBlockCapacity,
  });
  const ldev = named(parts, call);
  const why = boundBy(parts, ldev);
  // Of the code only its second half, AFA8, is known to us.
  if (why !== undefined) return refuse(rejected(`${why} (AFA8)`));
  ldev.blocks += more;
  return done(ldev);
}

/** Pages are not counted, so nothing changes. */
export function discardZeroPages(parts: Parts, call: Call): Changed {
  wished(z.strictObject({}), call.body);
  return done(named(parts, call));
}

const QOS = [
  'upperIops',
  'upperTransferRate',
  'upperAlertAllowableTime',
  'lowerIops',
  'lowerTransferRate',
  'lowerAlertAllowableTime',
  'responsePriority',
  'responseAlertAllowableTime',
] as const;
const qosSchema = z.strictObject({
  parameters: z
    .partialRecord(z.enum(QOS), z.int().min(0).max(2_147_483_647))
    .refine(
      (wish) => Object.keys(wish).length === 1,
      'Exactly one attribute is changed at a time.',
    ),
});

export function setQos(parts: Parts, call: Call): Changed {
  const { parameters } = wished(qosSchema, call.body);
  const ldev = named(parts, call);
  ldev.qos = { ...ldev.qos, ...parameters };
  return done(ldev);
}

const virtualSchema = z.strictObject({
  parameters: z.strictObject({ virtualLdevId: z.int().min(0).max(65_535) }),
});
const RESERVED = 65_535;

/** 65535 reserves the LDEV as the S-VOL of a GAD pair. */
export function assignVirtual(parts: Parts, call: Call): Changed {
  const { virtualLdevId } = wished(virtualSchema, call.body).parameters;
  const ldev = named(parts, call);
  if (ldev.virtualLdevId === RESERVED && virtualLdevId === RESERVED) {
    return refuse(refusedWith('2E21-9305', 'The GAD reserve attribute is already set.'));
  }
  const why = boundBy(parts, ldev);
  if (why !== undefined) return refuse(rejected(why));
  if (ldev.virtualLdevId !== NO_VIRTUAL_ID) {
    return refuse(rejected(`The LDEV has the virtual number ${ldev.virtualLdevId}.`));
  }
  ldev.virtualLdevId = virtualLdevId;
  return done(ldev);
}

/** The number in the body must be the one that is assigned. */
export function unassignVirtual(parts: Parts, call: Call): Changed {
  const { virtualLdevId } = wished(virtualSchema, call.body).parameters;
  const ldev = named(parts, call);
  const why = boundBy(parts, ldev);
  if (why !== undefined) return refuse(rejected(why));
  if (ldev.virtualLdevId !== virtualLdevId) {
    return refuse(rejected(`The LDEV has the virtual number ${ldev.virtualLdevId}.`));
  }
  ldev.virtualLdevId = NO_VIRTUAL_ID;
  return done(ldev);
}

function named({ ldevs }: Parts, { ids }: Call): Ldev {
  const id = ids.join(',');
  const found = /^\d{1,5}$/.test(id) ? ldevs.find(Number(id)) : undefined;
  if (found === undefined) throw missing(`LDEV ${id}`);
  return found;
}

function boundBy({ rooms }: Parts, { ldevId }: Ldev): string | undefined {
  for (const room of rooms) {
    const why = room.bound(ldevId);
    if (why !== undefined) return why;
  }
  return undefined;
}

function mapped({ mapping }: Parts, { ldevId }: Ldev): string | undefined {
  const { length } = mapping.pathsOf(ldevId);
  return length === 0 ? undefined : `The LDEV has ${length} LU paths.`;
}

const refuse = (refused: ErrorWords): Changed => ({ affected: [], refused });
const done = (ldev: Ldev): Changed => ({ affected: [`ldevs/${ldev.ldevId}`] });
