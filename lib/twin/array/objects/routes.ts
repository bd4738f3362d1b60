/** Everything the array itself answers; rooms bring the rest. */
import type { ObjectRoutes } from '../room.ts';
import { hostGroupRoutes } from './host-groups.ts';
import { chapRoutes, memberRoutes } from './hosts.ts';
import { ldevRoutes } from './ldevs.ts';
import { lunRoutes } from './luns.ts';
import { poolRoutes } from './pools.ts';
import { portRoutes } from './ports.ts';
import { jobRoutes, lockRoutes, resourceGroupRoutes, sessionRoutes } from './sessions.ts';
import { remoteStorageRoutes, storageRoutes } from './storages.ts';

export const bodyRoutes: readonly ObjectRoutes[] = [
  sessionRoutes,
  jobRoutes,
  resourceGroupRoutes,
  lockRoutes,
  storageRoutes,
  remoteStorageRoutes,
  poolRoutes,
  portRoutes,
  ldevRoutes,
  hostGroupRoutes,
  ...memberRoutes,
  chapRoutes,
  lunRoutes,
];
