/** A disk that somebody gave a server one evening, and that nobody protected. */
import { findVolume } from '../block/attachments.ts';
import { arrayBelow, ldevOf } from '../block/backends.ts';
import type { Volume } from '../block/state.ts';
import { stableUuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { deviceAt, type Server } from './state.ts';

/** An LDEV below the cloud; what belongs to it is given to the server that has it. */
interface Place {
  readonly arrayId: string;
  readonly ldevId: number;
}

/** False when no server of this cloud has the LDEV, or its server was given a disk already. */
export function giveDisk(context: CloudContext, place: Place): boolean {
  const [like, server] = atPlace(context, place);
  const [held] = like?.attachments ?? [];
  if (like === undefined || server === undefined || held === undefined) return false;
  const id = idOf(like);
  if (findVolume(context, id) !== undefined) return false;
  const array = arrayBelow(context, like.host);
  const ldevId = array.create({ sizeGiB: like.sizeGiB, label: id.replaceAll('-', '') });
  array.addPath(ldevId, held.host);
  const device = deviceAt(server.disks.length);
  context.state.block.volumes.push({
    ...structuredClone(like),
    id,
    name: `${server.name}-new`,
    ldevId,
    bootable: false,
    attachments: [{ ...held, id: stableUuid('attachment', id), device }],
  });
  server.disks.push({
    id: stableUuid('disk', id),
    volumeId: id,
    make: null,
    device,
    bootIndex: null,
    deleteOnTermination: false,
    tag: null,
    writesFrom: null,
  });
  return true;
}

/** Takes it away again, with its data. */
export function takeDisk(context: CloudContext, place: Place): boolean {
  const [like, server] = atPlace(context, place);
  const added = like && findVolume(context, idOf(like));
  if (added === undefined || server === undefined) return false;
  const array = arrayBelow(context, added.host);
  for (const { host } of added.attachments) array.removePath(ldevOf(added), host);
  array.remove(ldevOf(added));
  const { block } = context.state;
  block.volumes = block.volumes.filter((one) => one !== added);
  server.disks = server.disks.filter(({ volumeId }) => volumeId !== added.id);
  return true;
}

const idOf = (like: Volume): string => stableUuid('volume-added', like.id);

function atPlace(context: CloudContext, { arrayId, ldevId }: Place) {
  const { seed, state } = context;
  const hosts = seed.backends.filter((one) => one.arrayId === arrayId).map(({ host }) => host);
  const like = state.block.volumes.find(
    (one) => one.ldevId === ldevId && hosts.includes(one.host?.split('#')[0] ?? ''),
  );
  const owner = like?.attachments[0]?.serverId;
  const server = state.compute.servers.find(({ id }) => id === owner);
  return [like, server] as const satisfies readonly [Volume | undefined, Server | undefined];
}
