/** `remotepath-groups`: the remote paths of one direction, and how they are. */
import * as z from 'zod';
import type { Call, Parts } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { bad, missing, refusedWith } from '../wire.ts';
import type { Fabric } from './fabric.ts';
import type { PathGroup } from './links.ts';

const port = z.string().regex(/^CL[1-9A-H]-[A-HJ-NP-R]$/);
const pathSchema = z.strictObject({ localPortId: port, remotePortId: port });
const timeout = z.int().min(10).max(80);
const createSchema = z.strictObject({
  remoteSerialNumber: z.union([z.string(), z.int()]),
  remoteStorageTypeId: z.string(),
  pathGroupId: z.int().min(0).max(255),
  remotePaths: z.array(pathSchema).min(1).max(8),
  minNumOfPaths: z.int().min(1).max(8).optional(),
  timeoutValueForRemoteIOInSeconds: timeout.optional(),
  roundTripTimeInMilliSeconds: z.int().min(1).max(500).optional(),
});
const modifySchema = z
  .strictObject({
    minNumOfPaths: z.int().min(1).max(8).optional(),
    timeoutValueForRemoteIOInSeconds: timeout.optional(),
  })
  .refine((wish) => Object.keys(wish).length > 0);
const onePathSchema = z.strictObject({ parameters: pathSchema });

/** The bandwidth of a path group that nobody described (MB/s). */
const USUAL_BANDWIDTH = 1000;
const USUAL_TIMEOUT = 15;
const PATHS_MAX = 8;
const TOO_FEW = 'It has fewer paths than it would need.';

export function pathRoutes(fabric: Fabric): ObjectRoutes {
  const roles = ['provisioning', 'remote-copy'] as const;
  const change =
    (how: (fabric: Fabric, group: PathGroup, call: Call) => Changed) =>
    (parts: Parts, call: Call): Changed =>
      how(fabric, pathsNamed(fabric, parts, call), call);
  return {
    type: 'remotepath-groups',
    list: (parts) => ({
      data: fabric.links.groups
        .filter(({ from }) => from === parts.spec.id)
        .map((group) => pathsView(fabric, group)),
    }),
    one: (parts, call) => pathsView(fabric, pathsNamed(fabric, parts, call)),
    create: { roles, change: (parts, call) => create(fabric, parts, call) },
    modify: { roles, change: change((_, group, call) => modify(fabric, group, call)) },
    remove: {
      roles,
      change: change((_, group, { now }) => {
        const used = fabric.groupsAt(group.from).some(({ state }) => usesPaths(state, group));
        if (used) return refuse(fabric, group, 'Pairs use it.');
        fabric.rewire(now, () => fabric.links.remove(group, now));
        return done(fabric, group);
      }),
    },
    actions: {
      'add-remotepath': { roles, change: change(addPath) },
      'remove-remotepath': { roles, change: change(removePath) },
    },
  };
}

const usesPaths = (
  {
    deviceGroups,
    pathGroupId,
  }: { deviceGroups: Readonly<Record<string, string>>; pathGroupId: number },
  group: PathGroup,
): boolean => deviceGroups[group.to] !== undefined && pathGroupId === group.pathGroupId;

const idOf = (fabric: Fabric, { to, pathGroupId }: PathGroup): string => {
  const far = fabric.specs.get(to);
  return `${Number(far?.storageDeviceId.slice(6))},${far?.storageTypeId},${pathGroupId}`;
};

const done = (fabric: Fabric, group: PathGroup): Changed => ({
  affected: [`remotepath-groups/${idOf(fabric, group)}`],
});
const refuse = (fabric: Fabric, group: PathGroup, cause: string): Changed => ({
  ...done(fabric, group),
  refused: refusedWith('2E40-0000', 'The remote path group cannot be changed.', cause),
});

function pathsNamed(fabric: Fabric, { spec }: Parts, { ids }: Call): PathGroup {
  const id = ids.join(',');
  const found = fabric.links.groups.find(
    (group) => group.from === spec.id && idOf(fabric, group) === id,
  );
  if (found === undefined) throw missing(`remote path group ${id}`);
  return found;
}

/** Words for paths that are down are concluded; sources show only `NML` and `NML_01`. */
function pathsView(fabric: Fabric, group: PathGroup) {
  const { from, to, paths, pathGroupId } = group;
  const far = fabric.specs.get(to);
  const { up } = fabric.links.reach(from, to);
  const kinds = { cuType: 'REMOTE', portType: 'FIBRE' };
  return {
    remotepathGroupId: idOf(fabric, group),
    remoteStorageDeviceId: far?.storageDeviceId,
    remoteSerialNumber: String(Number(far?.storageDeviceId.slice(6))),
    remoteStorageModel: far?.model,
    remoteStorageTypeId: far?.storageTypeId,
    pathGroupId,
    ...kinds,
    cuStatus: up ? 'NML' : 'ERR',
    minNumOfPaths: group.minNumOfPaths,
    numOfPaths: paths.length,
    timeoutValueForRemoteIOInSeconds: group.timeoutSeconds,
    roundTripTimeInMilliSeconds: group.roundTripMs,
    remotePaths: paths.map((path) => ({ ...kinds, ...path, pathStatus: up ? 'NML_01' : 'ERR_05' })),
  };
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw bad('The attributes of the remote path group are not valid.');
  return parsed.data;
}

function create(fabric: Fabric, { spec }: Parts, { body, now }: Call): Changed {
  const given = read(createSchema, body);
  const far = [...fabric.specs.values()].find(
    ({ id, storageDeviceId, storageTypeId }) =>
      id !== spec.id &&
      Number(storageDeviceId.slice(6)) === Number(given.remoteSerialNumber) &&
      storageTypeId === given.remoteStorageTypeId,
  );
  const { pathGroupId } = given;
  const group: PathGroup = {
    from: spec.id,
    to: far?.id ?? '',
    pathGroupId,
    minNumOfPaths: given.minNumOfPaths ?? 1,
    timeoutSeconds: given.timeoutValueForRemoteIOInSeconds ?? USUAL_TIMEOUT,
    roundTripMs: given.roundTripTimeInMilliSeconds ?? 1,
    megabytesPerSecond: USUAL_BANDWIDTH,
    paths: given.remotePaths.map((path, pathNumber) => ({ pathNumber, ...path })),
  };
  if (far === undefined) return refuse(fabric, group, 'The remote storage system is not known.');
  if (fabric.links.find(spec.id, far.id, pathGroupId) !== undefined) {
    return refuse(fabric, group, 'The path group id is in use.');
  }
  if (group.minNumOfPaths > group.paths.length) return refuse(fabric, group, TOO_FEW);
  fabric.rewire(now, () => fabric.links.add(group, now));
  return done(fabric, group);
}

function modify(fabric: Fabric, group: PathGroup, { body }: Call): Changed {
  const { minNumOfPaths, timeoutValueForRemoteIOInSeconds } = read(modifySchema, body);
  if ((minNumOfPaths ?? 0) > group.paths.length) return refuse(fabric, group, TOO_FEW);
  group.minNumOfPaths = minNumOfPaths ?? group.minNumOfPaths;
  group.timeoutSeconds = timeoutValueForRemoteIOInSeconds ?? group.timeoutSeconds;
  return done(fabric, group);
}

function addPath(fabric: Fabric, group: PathGroup, { body, now }: Call): Changed {
  const path = read(onePathSchema, body).parameters;
  if (group.paths.length >= PATHS_MAX)
    return refuse(fabric, group, 'It has all paths it can have.');
  const same = group.paths.some(
    (one) => one.localPortId === path.localPortId && one.remotePortId === path.remotePortId,
  );
  if (same) return refuse(fabric, group, 'There is such a path already.');
  const used = new Set(group.paths.map(({ pathNumber }) => pathNumber));
  let pathNumber = 0;
  while (used.has(pathNumber)) pathNumber += 1;
  const paths = [...group.paths, { pathNumber, ...path }];
  fabric.rewire(now, () => fabric.links.setPaths(group, paths, now));
  return done(fabric, group);
}

function removePath(fabric: Fabric, group: PathGroup, { body, now }: Call): Changed {
  const path = read(onePathSchema, body).parameters;
  const left = group.paths.filter(
    ({ localPortId, remotePortId }) =>
      localPortId !== path.localPortId || remotePortId !== path.remotePortId,
  );
  if (left.length === group.paths.length) return refuse(fabric, group, 'There is no such path.');
  if (left.length < group.minNumOfPaths) {
    return refuse(fabric, group, 'Fewer paths would be left than the group needs.');
  }
  fabric.rewire(now, () => fabric.links.setPaths(group, left, now));
  return done(fabric, group);
}
