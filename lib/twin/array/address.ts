/** Where a request goes: the path of either URL form taken apart. */
import { bad, missing } from './wire.ts';

/** An object type, perhaps one object of it, perhaps one of its actions. */
export interface Address {
  readonly type: string;
  /** Comma-separated id, decoded and split; empty for the collection. */
  readonly ids: readonly string[];
  readonly action?: string;
  /** Whether the action is carried out; without it GET asks for its template. */
  readonly invoke: boolean;
}

const OBJECT = /^\/([a-z-]+)(?:\/([^/]+)(?:\/actions\/([a-z-]+)(\/invoke)?)?)?$/;
const SERVICE = /^\/(resource-group-service)\/actions\/([a-z-]+)(\/invoke)?$/;

/**
 * Takes `/v1/objects/ldevs/1`, `/v1/objects/storages/<id>/ldevs/1`, `/v1/services/…` or
 * `/v1/<id>/services/…` apart. 404 when the storage system is another one.
 */
export function addressOf(path: string, storageDeviceId: string): Address {
  const objects = /^\/v1\/objects(\/.+)$/.exec(path)?.[1];
  if (objects !== undefined) {
    const named = /^\/storages\/([^/]+)(\/.+)$/.exec(objects);
    if (named !== null && named[1] !== storageDeviceId) throw missing(`storage ${named[1]}`);
    return object(named?.[2] ?? objects, path);
  }
  const service = /^\/v1(?:\/([^/]+))?\/services(\/.+)$/.exec(path);
  const found = SERVICE.exec(service?.[2] ?? '');
  if (service === null || found === null) throw missing(path);
  if (![undefined, storageDeviceId].includes(service[1])) throw missing(`storage ${service[1]}`);
  const [, type = '', action = '', invoke] = found;
  return { type, ids: [], action, invoke: invoke !== undefined };
}

function object(rest: string, path: string): Address {
  const found = OBJECT.exec(rest);
  if (found === null) throw missing(path);
  const [, type = '', id, action, invoke] = found;
  return {
    type,
    ids: id === undefined ? [] : decoded(id).split(','),
    ...(action === undefined ? {} : { action }),
    invoke: invoke !== undefined,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('The path is not valid.');
  }
}
