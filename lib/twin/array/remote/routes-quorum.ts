/** `quorum-disks`: who decides which array goes on when two arrays cannot see each other. */
import * as z from 'zod';
import type { Call, Parts } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { bad, missing, refusedWith } from '../wire.ts';
import { freshQuorumDisk, type QuorumDisk } from './devices.ts';
import type { Fabric } from './fabric.ts';

const bodySchema = z.strictObject({
  quorumDiskId: z.int().min(0).max(31),
  remoteSerialNumber: z.union([z.string(), z.int()]),
  remoteStorageTypeId: z.string(),
  ldevId: z.int().min(0).max(65_279).optional(),
});

export function quorumRoutes(fabric: Fabric): ObjectRoutes {
  const devices = (parts: Parts) => fabric.devices(parts.spec.id);
  const one = (parts: Parts, { ids }: Call): QuorumDisk => {
    const id = ids.join(',');
    const disk = devices(parts).quorumDisks.find((each) => String(each.quorumDiskId) === id);
    if (disk === undefined) throw missing(`quorum disk ${id}`);
    return disk;
  };
  return {
    type: 'quorum-disks',
    list: (parts) => ({
      data: devices(parts).quorumDisks.map((disk) => view(fabric, parts, disk)),
    }),
    one: (parts, call) => view(fabric, parts, one(parts, call)),
    create: { roles: ['system'], change: (parts, call) => create(fabric, parts, call) },
    remove: {
      roles: ['system'],
      change(parts, call) {
        const gone = one(parts, call);
        const affected = [`quorum-disks/${gone.quorumDiskId}`];
        const used = fabric
          .groupsAt(parts.spec.id)
          .some(({ state }) => state.type === 'GAD' && state.quorumDiskId === gone.quorumDiskId);
        if (used) {
          const cause = 'GAD pairs use it.';
          return { affected, refused: refusedWith('2E40-0000', 'It cannot be deleted.', cause) };
        }
        const own = devices(parts);
        own.quorumDisks = own.quorumDisks.filter((disk) => disk !== gone);
        return { affected };
      },
    },
  };
}

/** The word for a disk that cannot be reached is concluded; no source shows it. */
function view(fabric: Fabric, { faults }: Parts, disk: QuorumDisk) {
  const far = fabric.specs.get(disk.with);
  return {
    quorumDiskId: disk.quorumDiskId,
    remoteSerialNumber: String(Number(far?.storageDeviceId.slice(6))),
    remoteStorageTypeId: far?.storageTypeId ?? '',
    ...(disk.ldevId === undefined ? {} : { ldevId: disk.ldevId }),
    readResponseGuaranteedTime: disk.readResponseGuaranteedTime,
    status: faults.has('quorum-lost') ? 'BLOCKED' : 'NORMAL',
  };
}

function create(fabric: Fabric, parts: Parts, { body }: Call): Changed {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw bad('The attributes of the quorum disk are not valid.');
  const { quorumDiskId, remoteSerialNumber, remoteStorageTypeId, ldevId } = parsed.data;
  const affected = [`quorum-disks/${quorumDiskId}`];
  const refuse = (cause: string): Changed => ({
    affected,
    refused: refusedWith('2E40-0000', 'The quorum disk cannot be created.', cause),
  });
  const own = fabric.devices(parts.spec.id);
  const far = [...fabric.specs.values()].find(
    ({ id, storageDeviceId, storageTypeId }) =>
      id !== parts.spec.id &&
      Number(storageDeviceId.slice(6)) === Number(remoteSerialNumber) &&
      storageTypeId === remoteStorageTypeId,
  );
  if (far === undefined) return refuse('The remote storage system is not known.');
  if (own.quorumDisks.some((disk) => disk.quorumDiskId === quorumDiskId)) {
    return refuse('The quorum disk id is in use.');
  }
  const why = ldevId === undefined ? undefined : unusable(parts, ldevId);
  if (why !== undefined) return refuse(why);
  const disk = { quorumDiskId, with: far.id, ...(ldevId === undefined ? {} : { ldevId }) };
  own.quorumDisks = [...own.quorumDisks, freshQuorumDisk(disk)];
  return { affected };
}

/** A quorum disk serves nothing else. */
function unusable({ ldevs, mapping, rooms }: Parts, ldevId: number): string | undefined {
  if (ldevs.find(ldevId) === undefined) return `LDEV ${ldevId} is not defined.`;
  if (mapping.pathsOf(ldevId).length > 0) return `LDEV ${ldevId} has an LU path.`;
  const bound = rooms.map((room) => room.bound(ldevId)).find((why) => why !== undefined);
  return bound === undefined ? undefined : `LDEV ${ldevId} is bound: ${bound}.`;
}
