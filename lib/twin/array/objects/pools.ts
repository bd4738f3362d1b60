/** Pools as they are read; capacities in MiB. */
import type { TopologyArray } from '../../topology.ts';
import type { Ldev } from '../ldevs.ts';
import type { Parts } from '../parts.ts';
import type { ObjectRoutes } from '../room.ts';
import { missing } from '../wire.ts';
import { usedBlocks } from './ldev-view.ts';

const BLOCKS_PER_MIB = 2048;

export const poolRoutes: ObjectRoutes = {
  type: 'pools',
  list: (parts, { query, now }) => {
    const type = query.get('poolType');
    const found = parts.spec.pools.filter(({ poolType }) => type === null || type === poolType);
    return { data: found.map((pool) => poolView(parts, pool, now)) };
  },
  one: (parts, { ids, now }) => {
    const found = parts.spec.pools.find(({ poolId }) => String(poolId) === ids.join(','));
    if (found === undefined) throw missing(`pool ${ids.join(',')}`);
    return poolView(parts, found, now);
  },
};

function poolView(parts: Parts, pool: TopologyArray['pools'][number], now: number) {
  const { poolId, poolName, poolType, capacityGiB } = pool;
  const volumes = [...parts.ldevs.from(0)].filter((ldev) => ldev.poolId === poolId);
  const mib = (blocksOf: (ldev: Ldev) => number) =>
    Math.floor(volumes.reduce((sum, ldev) => sum + blocksOf(ldev), 0) / BLOCKS_PER_MIB);
  const total = capacityGiB * 1024;
  const located = mib(({ blocks }) => blocks);
  const used = mib((ldev) => usedBlocks(parts, ldev, now));
  return {
    poolId,
    poolStatus: 'POLN',
    usedCapacityRate: Math.min(100, Math.floor((used * 100) / total)),
    snapshotCount: 0,
    poolName,
    availableVolumeCapacity: Math.max(0, total - used),
    totalPoolCapacity: total,
    numOfLdevs: 1,
    firstLdevId: 65_279,
    warningThreshold: 70,
    depletionThreshold: 80,
    virtualVolumeCapacityRate: -1,
    isMainframe: false,
    isShrinking: false,
    locatedVolumeCount: volumes.length,
    totalLocatedCapacity: located,
    blockingMode: 'NB',
    totalReservedCapacity: 0,
    reservedVolumeCount: 0,
    poolType,
  };
}
