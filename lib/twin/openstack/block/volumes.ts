/** Volumes: looked at, renamed, deleted. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { bodyOf, renameSchema } from './bodies.ts';
import { createVolume } from './create.ts';
import { volumeService } from './health.ts';
import { find, type Listing, list, lookOf } from './lists.ts';
import { frozen, invalidVolume, onlyAdmin, refuseInMaintenance } from './refusals.ts';
import type { Volume } from './state.ts';
import { begin, beginDelete, gone } from './tasks.ts';
import { volumeDetail, volumeSummary } from './views.ts';

const TRUE = /^(1|true|yes|on|t|y)$/i;
const FORCE_SINCE = 23;
const SUMMARY_SINCE = 12;

export function volumeRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/volumes', (ask) => list(context, ask, listing(context, volumeSummary))],
    ['GET', '/volumes/detail', (ask) => list(context, ask, listing(context, volumeDetail))],
    ['GET', '/volumes/summary', (ask) => summary(context, ask)],
    ['POST', '/volumes', (ask) => createVolume(context, ask)],
    ['GET', '/volumes/:id', (ask, { id }) => answer(context, ask, oneVolume(context, ask, id))],
    ['PUT', '/volumes/:id', (ask, { id }) => rename(context, ask, id)],
    ['DELETE', '/volumes/:id', (ask, { id }) => remove(context, ask, id)],
  ];
}

export const oneVolume = (context: CloudContext, ask: Ask, id: string | undefined): Volume =>
  find(context, ask, { rows: context.state.block.volumes, one: 'Volume', id });

const listing = (
  context: CloudContext,
  view: typeof volumeSummary | typeof volumeDetail,
): Listing<Volume> => ({
  many: 'volumes',
  one: 'Volume',
  rows: context.state.block.volumes,
  view: (volume, look) => view(context, volume, look),
  filters: {
    status: ({ status }) => status,
    name: ({ name }) => name,
    bootable: ({ bootable }) => bootable,
    replication_status: ({ replicationStatus }) => replicationStatus,
    host: ({ host }) => host,
    availability_zone: ({ zone }) => zone,
  },
});

const answer = (context: CloudContext, ask: Ask, volume: Volume): HttpResponse =>
  json(200, { volume: volumeDetail(context, volume, lookOf(context, ask)) });

function summary(context: CloudContext, ask: Ask): HttpResponse {
  // Before 3.12 the word is taken for the id of a volume.
  if (ask.minor < SUMMARY_SINCE) return answer(context, ask, oneVolume(context, ask, 'summary'));
  const { caller } = lookOf(context, ask);
  const mine = context.state.block.volumes.filter((one) => one.projectId === caller.projectId);
  const total_size = mine.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
  return json(200, { 'volume-summary': { total_count: mine.length, total_size, metadata: {} } });
}

const volumeRename = z.strictObject({ volume: renameSchema });

function rename(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const volume = oneVolume(context, ask, id);
  const wish = bodyOf(ask, volumeRename).volume;
  refuseInMaintenance(volume, 'The volume cannot be updated during maintenance.');
  volume.name = wish.name ?? wish.display_name ?? volume.name;
  volume.description = wish.description ?? wish.display_description ?? volume.description;
  volume.metadata = wish.metadata ?? volume.metadata;
  volume.updatedAt = context.clock.now();
  return answer(context, ask, volume);
}

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const volume = oneVolume(context, ask, id);
  const asked = (name: string) => TRUE.test(ask.query.get(name) ?? '');
  const force = ask.minor >= FORCE_SINCE && asked('force');
  if (force) onlyAdmin(context, ask, 'volume:force_delete');
  return deleteVolume(context, volume, { force, cascade: asked('cascade') });
}

const DELETABLE = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'];

export function deleteVolume(
  context: CloudContext,
  volume: Volume,
  { force, cascade }: { readonly force: boolean; readonly cascade: boolean },
): HttpResponse {
  // What no back end ever had is gone at once.
  if (volume.host === null) {
    gone(context, volume);
    return empty(202);
  }
  if (volumeService(context, volume.host)?.frozen) throw frozen();
  refuseUndeletable(context, volume, { force, cascade });
  const now = context.clock.now();
  if (cascade) {
    for (const snapshot of context.state.block.snapshots) {
      if (snapshot.volumeId !== volume.id) continue;
      snapshot.status = 'deleting';
      begin(snapshot, 'delete', { at: now });
    }
  }
  const managing = volume.status === 'error_managing';
  beginDelete(volume, now);
  if (managing) volume.status = 'error_managing_deleting';
  return empty(202);
}

/** Deleting and unmanaging stand under one rule. */
export function refuseUndeletable(
  { state }: CloudContext,
  volume: Volume,
  { force, cascade }: { readonly force: boolean; readonly cascade: boolean },
): void {
  const attached = volume.attachments.some(({ state: at }) =>
    ['attached', 'detaching'].includes(at),
  );
  const snapshots = state.block.snapshots.some(({ volumeId }) => volumeId === volume.id);
  const free = force || DELETABLE.includes(volume.status);
  if (free && !attached && (cascade || !snapshots)) return;
  const status = force ? '' : `status must be ${DELETABLE.join(' or ')} and `;
  const rest =
    'have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.';
  throw invalidVolume(
    `Volume ${status}must not be migrating, attached, belong to a group, ${rest}`,
  );
}
