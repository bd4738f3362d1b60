/** The storage system itself, and the others that it was told of. */
import * as z from 'zod';
import type { Topology } from '../../topology.ts';
import { type Call, ownIdOf, type Parts, type RemoteStorage } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { missing, PeerSilent, Refusal, rejected, wished } from '../wire.ts';

interface System {
  readonly storageDeviceId: string;
  readonly model: string;
}

const systemView = ({ storageDeviceId, model }: System) => ({
  storageDeviceId,
  model,
  serialNumber: Number(storageDeviceId.slice(6)),
});

const ownView = (parts: Parts) =>
  systemView({ storageDeviceId: ownIdOf(parts), model: parts.spec.model });

/** Where the controllers are said to be: nobody listens there. */
const ADDRESSES = {
  ctl1Ip: '192.0.2.11',
  ctl2Ip: '192.0.2.12',
  communicationModes: [{ communicationMode: 'lanConnectionMode' }],
};

export const storageRoutes: ObjectRoutes = {
  type: 'storages',
  list: (parts) => ({ data: [{ ...ownView(parts), ...ADDRESSES }] }),
  one: (parts, { ids }) => {
    const own = ownView(parts);
    if (ids.join(',') !== own.storageDeviceId) throw missing(`storage ${ids.join(',')}`);
    return { ...own, ...ADDRESSES, dkcMicroVersion: '90-09-22/00', isSecure: true };
  },
};

const roles = ['remote-copy'] as const;

export const remoteStorageRoutes: ObjectRoutes = {
  type: 'remote-storages',
  list: (parts) => ({
    data: [
      { dkcType: 'Local', ...LOCAL, ...ownView(parts), ...ADDRESSES },
      ...[...parts.remotes.values()].map((one) => remoteView(parts, one)),
    ],
  }),
  one: (parts, { ids }) => {
    const found = parts.remotes.get(ids.join(','));
    if (found === undefined) throw missing(`remote storage ${ids.join(',')}`);
    return remoteView(parts, found);
  },
  create: { change: introduce, roles },
  remove: { change: part, roles },
};

const LOCAL = { restServerIp: '192.0.2.10', restServerPort: 443 };

/** Arrays at the other ends of its links: it has been told of them before anything starts. */
export function linkedTo({ arrays, links }: Topology, arrayId: string): RemoteStorage[] {
  const ends = links.filter(({ from, to }) => from === arrayId || to === arrayId);
  const others = new Set(ends.map(({ from, to }) => (from === arrayId ? to : from)));
  return arrays
    .filter(({ id }) => others.has(id))
    .map(({ storageDeviceId }) => ({ storageDeviceId, ...LOCAL }));
}

function remoteView(
  { peer }: Parts,
  { storageDeviceId, restServerIp, restServerPort }: RemoteStorage,
) {
  const model = peer(storageDeviceId)?.model ?? '';
  const server = { restServerIp, restServerPort };
  return { dkcType: 'Remote', ...server, ...systemView({ storageDeviceId, model }), ...ADDRESSES };
}

const introduceSchema = z.strictObject({
  storageDeviceId: z.string(),
  restServerIp: z.string().min(1),
  restServerPort: z.int().min(1).max(65_535).default(443),
  isMutualDiscovery: z.boolean().default(false),
});

function introduce(parts: Parts, call: Call): Changed {
  const { isMutualDiscovery, ...other } = wished(introduceSchema, call.body);
  const peer = reached(parts, other.storageDeviceId, call);
  if (parts.remotes.has(other.storageDeviceId)) {
    return { affected: [], refused: rejected('The storage system is registered already.') };
  }
  parts.remotes.set(other.storageDeviceId, other);
  const { storageDeviceId } = parts.spec;
  if (isMutualDiscovery) peer.meet({ storageDeviceId, ...LOCAL });
  return { affected: [`remote-storages/${other.storageDeviceId}`] };
}

function part(parts: Parts, call: Call): Changed {
  const { isMutualDeletion } = wished(
    z.strictObject({ isMutualDeletion: z.boolean().default(false) }),
    call.body,
  );
  const id = call.ids.join(',');
  if (!parts.remotes.has(id)) throw missing(`remote storage ${id}`);
  const peer = reached(parts, id, call);
  parts.remotes.delete(id);
  if (isMutualDeletion) peer.forget(parts.spec.storageDeviceId);
  return { affected: [`remote-storages/${id}`] };
}

/** The other array; 401 without one of its tokens, 500 when it does not answer. */
function reached({ peer }: Parts, storageDeviceId: string, { headers }: Call) {
  const other = peer(storageDeviceId);
  if (other === undefined) throw missing(`storage ${storageDeviceId}`);
  if (!other.reachable()) throw new PeerSilent(storageDeviceId);
  if (!other.holdsSession(headers['remote-authorization'])) {
    throw new Refusal(401, {
      message: 'The specified token is invalid.',
      cause: 'Remote-Authorization is required with a token of the remote storage system.',
    });
  }
  return other;
}
