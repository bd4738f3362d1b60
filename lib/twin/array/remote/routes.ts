/** Everything REST reaches of remote copy. */
import type { ObjectRoutes } from '../room.ts';
import type { Fabric } from './fabric.ts';
import { groupRoutes } from './routes-groups.ts';
import { journalRoutes } from './routes-journals.ts';
import { pairRoutes } from './routes-pairs.ts';
import { pathRoutes } from './routes-paths.ts';
import { quorumRoutes } from './routes-quorum.ts';

export const remoteRoutes = (fabric: Fabric): readonly ObjectRoutes[] => [
  groupRoutes(fabric),
  ...pairRoutes(fabric),
  journalRoutes(fabric),
  pathRoutes(fabric),
  quorumRoutes(fabric),
];
