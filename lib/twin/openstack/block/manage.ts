/**
 * Adopting LDEVs and letting go of them. Cinder says 202 to every reference, good or bad: the
 * verdict is the status a moment later, and no message says why.
 */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, fault, json } from '../wire.ts';
import { bodyOf, manageSchema } from './bodies.ts';
import { readsUp, volumeService } from './health.ts';
import { lookOf } from './lists.ts';
import { bad, invalidInput, onlyAdmin, unavailable, unknownPath } from './refusals.ts';
import { poolOf, suits } from './schedule.ts';
import type { Volume, VolumeType } from './state.ts';
import { begin } from './tasks.ts';
import { volumeMade } from './views.ts';
import { refuseUndeletable } from './volumes.ts';

const MANAGEABLE_SINCE = 8;

export function manage(context: CloudContext, ask: Ask): HttpResponse {
  if (ask.minor < MANAGEABLE_SINCE && ask.path.endsWith('manageable_volumes')) return unknownPath();
  onlyAdmin(context, ask, 'volume_extension:volume_manage');
  const wish = bodyOf(ask, manageSchema).volume;
  if (!wish.host) throw invalidInput('One and only one of cluster and host must be set.');
  const type = typeOf(context, wish.volume_type);
  const service = volumeService(context, wish.host);
  if (service === undefined) throw bad(`Host '${wish.host}' not found`);
  const now = context.clock.now();
  if (service.disabled || !readsUp(service, now)) {
    throw unavailable('Service is unavailable at this time.');
  }
  const { projectId, userId } = callerOf(context, ask);
  const volume: Volume = {
    id: uuid(context.random),
    name: wish.name ?? null,
    description: wish.description ?? null,
    status: 'managing',
    sizeGiB: 0,
    projectId,
    userId,
    metadata: wish.metadata ?? {},
    createdAt: now,
    updatedAt: null,
    task: null,
    ldevId: null,
    bootable: wish.bootable ?? false,
    host: wish.host,
    zone: wish.availability_zone ?? service.zone,
    typeId: type?.id ?? '',
    snapshotId: null,
    sourceId: null,
    imageMetadata: null,
    adminMetadata: {},
    replicationStatus: null,
    attachments: [],
  };
  context.state.block.volumes.push(volume);
  const view = volumeMade(context, volume, lookOf(context, ask));
  adopt(context, volume, { type, ref: wish.ref });
  return json(202, { volume: view });
}

/** A type of another back end, or a host without its pool, fails at the scheduler. */
function adopt(
  context: CloudContext,
  volume: Volume,
  { type, ref }: { readonly type: VolumeType | undefined; readonly ref: unknown },
): void {
  const at = context.clock.now();
  const backend = context.seed.backends.find((one) => poolOf(one) === volume.host);
  if (backend === undefined || !suits(backend, type)) {
    volume.status = 'error_managing';
    volume.updatedAt = at;
    return;
  }
  const named = typeof ref === 'object' && ref !== null ? Object.entries(ref) : [];
  const known = named.find(([key]) => key === 'source-id' || key === 'source-name');
  begin(volume, 'manage', { at, from: known === undefined ? '' : `${known[0]}=${known[1]}` });
}

function typeOf({ state }: CloudContext, wish: string | null | undefined): VolumeType | undefined {
  const { types } = state.block;
  if (!wish) return types[0];
  const found = types.find(({ id, name }) => id === wish || name === wish);
  if (found !== undefined) return found;
  throw bad(`Invalid volume type: Cannot find requested '${wish}' volume type`);
}

/** Nothing is listed: this driver has no such feature, and the API says so with a 500. */
export function manageable(context: CloudContext, ask: Ask): HttpResponse {
  if (ask.minor < MANAGEABLE_SINCE) return unknownPath();
  onlyAdmin(context, ask, 'volume_extension:list_manageable');
  const host = ask.query.get('host');
  if (host === null) throw invalidInput('Host field is missing.');
  if (volumeService(context, host) === undefined) {
    return fault(404, `Service cinder-volume could not be found on host ${host}.`);
  }
  return fault(500, 'The server has either erred or is incapable of performing the request.');
}

export function unmanage(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:volume_unmanage');
  refuseUndeletable(context, volume, { force: false, cascade: false });
  volume.status = 'unmanaging';
  begin(volume, 'unmanage', { at: context.clock.now() });
  return empty(202);
}
