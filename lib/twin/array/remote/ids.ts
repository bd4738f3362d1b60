/** Which copy group or pair an id means, and whether the request brings the credentials for it. */
import type { ArrayPeer, Call, Parts } from '../parts.ts';
import { bad, missing, PeerSilent, Refusal } from '../wire.ts';
import type { Fabric } from './fabric.ts';
import type { RemoteGroup } from './group.ts';
import { type PairState, sideOf } from './state.ts';

/** Stands in an id for the remote array and its device group: only this array is asked. */
export const NOT_SPECIFIED = 'NotSpecified';

export interface Named {
  readonly group: RemoteGroup;
  /** Pairs the id covers that have a half here. */
  readonly pairs: readonly PairState[];
  /** Undefined for the local form. */
  readonly peer: ArrayPeer | undefined;
}

/** The copy group of a four-part id. Throws a Refusal: 400, 401, 404 or 500. */
export function groupNamed(fabric: Fabric, parts: Parts, call: Call): Named {
  if (call.ids.length !== 4) throw bad('The ID of the copy group is not valid.');
  return named(fabric, parts, call);
}

/** The one pair of a five-part id. */
export function pairNamed(fabric: Fabric, parts: Parts, call: Call): Named {
  if (call.ids.length !== 5) throw bad('The ID of the copy pair is not valid.');
  const found = named(fabric, parts, call);
  const pairs = found.pairs.filter(({ name }) => name === call.ids[4]);
  if (pairs.length === 0) throw missing(`copy pair ${call.ids.join(',')}`);
  return { ...found, pairs };
}

function named(fabric: Fabric, parts: Parts, call: Call): Named {
  const [remote = '', name = '', own = '', others = ''] = call.ids;
  const local = remote === NOT_SPECIFIED || others === NOT_SPECIFIED;
  if (local && remote !== others) throw bad('NotSpecified is given for both remote parts.');
  const peer = local ? withoutPeer(call) : peerOf(parts, remote, call);
  const group = fabric.group(name);
  const deviceGroups = group?.state.deviceGroups ?? {};
  const array = parts.spec.id;
  const fits =
    deviceGroups[array] === own && (peer === undefined || deviceGroups[peer.id] === others);
  const pairs = group?.pairs.filter((pair) => isHere(pair, { array, peer: peer?.id })) ?? [];
  if (group === undefined || !fits || pairs.length === 0) throw noGroup(call.ids.join(','));
  return { group, pairs, peer };
}

/** With both arrays asked a pair is there while one of them has a half. */
function isHere(
  pair: PairState,
  who: { readonly array: string; peer: string | undefined },
): boolean {
  const here = sideOf(pair, who.array) !== undefined;
  return here || (who.peer !== undefined && sideOf(pair, who.peer) !== undefined);
}

/** As the driver for OpenStack meets it when the last pair of a group is gone. */
const noGroup = (id: string) =>
  new Refusal(404, {
    messageId: 'KART40041-E',
    message: `The instance of the copy group cannot be operated. (${id})`,
  });

/** The second credential must be left out when only local information is asked for. */
function withoutPeer({ headers }: Call): undefined {
  if (headers['remote-authorization'] !== undefined) {
    throw bad('Remote-Authorization cannot be given when the remote side is NotSpecified.');
  }
  return undefined;
}

/** The other array of a request: known, answering, and the token is one of its own sessions. */
export function peerOf(parts: Parts, storageDeviceId: string, call: Call): ArrayPeer {
  // The array must have been told of the other one: it stands in its list of remote storages.
  const peer = parts.remotes.has(storageDeviceId) ? parts.peer(storageDeviceId) : undefined;
  if (peer === undefined) throw missing(`remote storage system ${storageDeviceId}`);
  if (!peer.reachable()) throw new PeerSilent(storageDeviceId);
  const token = call.headers['remote-authorization'];
  if (!peer.holdsSession(token)) {
    throw new Refusal(401, {
      message: 'The specified token is invalid.',
      cause: 'Remote-Authorization is required with a token of the remote storage system.',
    });
  }
  return peer;
}
