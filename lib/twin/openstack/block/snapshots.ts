/** Snapshots: a copy on the same array, without a path. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { bodyOf, renameSchema, snapshotSchema } from './bodies.ts';
import { volumeService } from './health.ts';
import { find, type Listing, list, lookOf } from './lists.ts';
import { spend } from './quotas.ts';
import { frozen, invalidSnapshot, invalidVolume, onlyAdmin } from './refusals.ts';
import type { Snapshot } from './state.ts';
import { begin } from './tasks.ts';
import { snapshotDetail, snapshotMade, snapshotSummary } from './views.ts';
import { oneVolume } from './volumes.ts';

/** From here on a volume in use needs no `force`. */
const IN_USE_SINCE = 66;

export function snapshotRoutes(context: CloudContext): readonly Route[] {
  const listed = (view: Listing<Snapshot>['view']) => (ask: Ask) =>
    list(context, ask, listing(context, view));
  const one = (ask: Ask, id: string | undefined) => oneSnapshot(context, ask, id);
  return [
    ['GET', '/snapshots', listed((snapshot) => snapshotSummary(context, snapshot))],
    ['GET', '/snapshots/detail', listed((row, look) => snapshotDetail(context, row, look))],
    ['POST', '/snapshots', (ask) => create(context, ask)],
    ['GET', '/snapshots/:id', (ask, { id }) => answer(context, ask, one(ask, id))],
    ['PUT', '/snapshots/:id', (ask, { id }) => rename(context, ask, one(ask, id))],
    ['DELETE', '/snapshots/:id', (ask, { id }) => remove(context, one(ask, id), false)],
    ['POST', '/snapshots/:id/action', (ask, { id }) => act(context, ask, one(ask, id))],
  ];
}

export const oneSnapshot = (context: CloudContext, ask: Ask, id: string | undefined): Snapshot =>
  find(context, ask, { rows: context.state.block.snapshots, one: 'Snapshot', id });

const listing = (context: CloudContext, view: Listing<Snapshot>['view']): Listing<Snapshot> => ({
  many: 'snapshots',
  one: 'Snapshot',
  rows: context.state.block.snapshots,
  view,
  filters: {
    status: ({ status }) => status,
    name: ({ name }) => name,
    volume_id: ({ volumeId }) => volumeId,
  },
});

const answer = (context: CloudContext, ask: Ask, snapshot: Snapshot): HttpResponse =>
  json(200, { snapshot: snapshotDetail(context, snapshot, lookOf(context, ask)) });

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = bodyOf(ask, snapshotSchema).snapshot;
  const volume = oneVolume(context, ask, wish.volume_id);
  if (volumeService(context, volume.host)?.frozen) throw frozen();
  const inUse = wish.force === true || ask.minor >= IN_USE_SINCE;
  const allowed = inUse ? ['available', 'in-use'] : ['available'];
  if (!allowed.includes(volume.status)) {
    const rule = `status must be ${allowed.join(', ')}, but current status is: ${volume.status}.`;
    throw invalidVolume(`Volume ${volume.id} ${rule}`);
  }
  const { projectId, userId } = callerOf(context, ask);
  spend(context, projectId, { one: 'snapshots', sizeGiB: volume.sizeGiB });
  const now = context.clock.now();
  const snapshot: Snapshot = {
    id: uuid(context.random),
    name: wish.name ?? wish.display_name ?? null,
    description: wish.description ?? null,
    status: 'creating',
    sizeGiB: volume.sizeGiB,
    projectId,
    userId,
    metadata: wish.metadata ?? {},
    createdAt: now,
    updatedAt: null,
    task: null,
    volumeId: volume.id,
    ldevId: null,
  };
  context.state.block.snapshots.push(snapshot);
  const view = snapshotMade(context, snapshot, lookOf(context, ask));
  begin(snapshot, 'snapshot', { at: now });
  return json(202, { snapshot: view });
}

const snapshotRename = z.strictObject({ snapshot: renameSchema.omit({ metadata: true }) });

function rename(context: CloudContext, ask: Ask, snapshot: Snapshot): HttpResponse {
  const wish = bodyOf(ask, snapshotRename).snapshot;
  snapshot.name = wish.name ?? wish.display_name ?? snapshot.name;
  snapshot.description = wish.description ?? wish.display_description ?? snapshot.description;
  snapshot.updatedAt = context.clock.now();
  return answer(context, ask, snapshot);
}

function remove(context: CloudContext, snapshot: Snapshot, force: boolean): HttpResponse {
  const { volumes } = context.state.block;
  const host = volumes.find(({ id }) => id === snapshot.volumeId)?.host ?? null;
  if (volumeService(context, host)?.frozen) throw frozen();
  if (!force && !['available', 'error'].includes(snapshot.status)) {
    const rule = 'status must be available or error and must not be part of a group.';
    throw invalidSnapshot(`Snapshot ${rule}`);
  }
  snapshot.status = 'deleting';
  begin(snapshot, 'delete', { at: context.clock.now() });
  return empty(202);
}

const statuses = [
  'error',
  'available',
  'creating',
  'deleting',
  'deleted',
  'error_deleting',
] as const;
const actionSchema = z.union([
  z.strictObject({ 'os-reset_status': z.strictObject({ status: z.enum(statuses) }) }),
  z.strictObject({ 'os-force_delete': z.looseObject({}).nullable() }),
]);

function act(context: CloudContext, ask: Ask, snapshot: Snapshot): HttpResponse {
  const body = bodyOf(ask, actionSchema);
  if ('os-force_delete' in body) {
    onlyAdmin(context, ask, 'volume_extension:snapshot_admin_actions:force_delete');
    return remove(context, snapshot, true);
  }
  onlyAdmin(context, ask, 'volume_extension:snapshot_admin_actions:reset_status');
  snapshot.status = body['os-reset_status'].status;
  snapshot.updatedAt = context.clock.now();
  return empty(202);
}
