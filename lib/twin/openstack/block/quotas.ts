/** What a project may have, and the 413 once it has it. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { type Ask, empty, json } from '../wire.ts';
import { bodyOf, flag } from './bodies.ts';
import { bad, onlyAdmin, overLimit } from './refusals.ts';

const kinds = ['volumes', 'snapshots', 'gigabytes', 'backups', 'backup_gigabytes'] as const;
type Kind = (typeof kinds)[number];

interface Owned {
  readonly projectId: string;
  readonly sizeGiB: number;
}

function usedOf({ state }: CloudContext, projectId: string): Readonly<Record<Kind, number>> {
  const { volumes, snapshots, backups } = state.block;
  const mine = (items: readonly Owned[]) => items.filter((one) => one.projectId === projectId);
  const size = (items: readonly Owned[]) =>
    mine(items).reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
  return {
    volumes: mine(volumes).length,
    snapshots: mine(snapshots).length,
    gigabytes: size(volumes) + size(snapshots),
    backups: mine(backups).length,
    backup_gigabytes: size(backups),
  };
}

function defaults({ seed: { quotas } }: CloudContext): Readonly<Record<Kind, number>> {
  const { volumes, snapshots, gigabytes, backups } = quotas;
  return { volumes, snapshots, gigabytes, backups, backup_gigabytes: quotas.backupGigabytes };
}

function limitsOf(context: CloudContext, projectId: string): Record<Kind, number> {
  const limits = { ...defaults(context), ...context.state.block.quotas[projectId] };
  // Nothing is left: whatever is there is all that may be.
  return hasFault(context, 'quota-full') ? { ...limits, ...usedOf(context, projectId) } : limits;
}

/** Throws the 413 unless the project may have one more, of this size. */
export function spend(
  context: CloudContext,
  projectId: string,
  {
    one,
    sizeGiB,
  }: { readonly one?: 'volumes' | 'snapshots' | 'backups'; readonly sizeGiB: number },
): void {
  const limits = limitsOf(context, projectId);
  const used = usedOf(context, projectId);
  const space = one === 'backups' ? 'backup_gigabytes' : 'gigabytes';
  const over = (kind: Kind, more: number) => limits[kind] >= 0 && used[kind] + more > limits[kind];
  if (over(space, sizeGiB)) {
    const [name, what] = one === 'backups' ? TOO_LARGE.backups : TOO_LARGE.others;
    const consumed = `quota is ${limits[space]}G and ${used[space]}G has been consumed.`;
    throw overLimit(`${name}: Requested ${what} quota. Requested ${sizeGiB}G, ${consumed}`);
  }
  if (one === undefined || !over(one, 1)) return;
  const named = one === 'volumes' ? " for quota 'volumes'." : '';
  const most = `Maximum number of ${one} allowed (${limits[one]}) exceeded${named}`;
  throw overLimit(`${TOO_MANY[one]}: ${most}`);
}

/** The message of a 413 begins with the name of the exception. */
const TOO_MANY = {
  volumes: 'VolumeLimitExceeded',
  snapshots: 'SnapshotLimitExceeded',
  backups: 'BackupLimitExceeded',
} as const;
const TOO_LARGE = {
  backups: ['VolumeBackupSizeExceedsAvailableQuota', 'backup exceeds allowed Backup gigabytes'],
  others: ['VolumeSizeExceedsAvailableQuota', 'volume or snapshot exceeds allowed gigabytes'],
} as const;

/** Quotas that exist but count nothing here. */
const others = { per_volume_gigabytes: -1, groups: 10 } as const;

/** Each volume type has three limits of its own, which nobody sets here. */
function typeQuotas({ state: { block } }: CloudContext, projectId: string) {
  const mine = (items: readonly Owned[]) => items.filter((one) => one.projectId === projectId);
  return block.types.flatMap(({ id, name }) => {
    const volumes = block.volumes.filter(({ typeId }) => typeId === id);
    const ids = new Set(volumes.map((volume) => volume.id));
    const snapshots = block.snapshots.filter(({ volumeId }) => ids.has(volumeId));
    const size = mine([...volumes, ...snapshots]).reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
    return [
      { kind: `volumes_${name}`, used: mine(volumes).length },
      { kind: `snapshots_${name}`, used: mine(snapshots).length },
      { kind: `gigabytes_${name}`, used: size },
    ];
  });
}

export function showQuotas(context: CloudContext, ask: Ask, id: string): HttpResponse {
  const { admin, projectId } = callerOf(context, ask);
  if (!admin && id !== projectId) onlyAdmin(context, ask, 'volume_extension:quotas:show');
  const types = typeQuotas(context, id);
  const unlimited = Object.fromEntries(types.map(({ kind }) => [kind, -1]));
  const limits = { ...limitsOf(context, id), ...others, ...unlimited };
  if (!flag.safeParse(ask.query.get('usage')).data) {
    return json(200, { quota_set: { id, ...limits } });
  }
  const ofTypes = Object.fromEntries(types.map(({ kind, used }) => [kind, used]));
  const used: Readonly<Record<string, number>> = { ...usedOf(context, id), ...ofTypes };
  const usage = Object.entries(limits).map(([kind, limit]) => {
    return [kind, { limit, in_use: used[kind] ?? 0, reserved: 0 }];
  });
  return json(200, { quota_set: { id, ...Object.fromEntries(usage) } });
}

export function defaultQuotas(context: CloudContext, id: string): HttpResponse {
  return json(200, { quota_set: { id, ...defaults(context), ...others } });
}

const limit = z.union([
  z.int().min(-1),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
const quotaSchema = z.strictObject({
  quota_set: z.looseObject(Object.fromEntries(kinds.map((kind) => [kind, limit.optional()]))),
});

export function updateQuotas(context: CloudContext, ask: Ask, id: string): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:quotas:update');
  const wish: Readonly<Record<string, unknown>> = bodyOf(ask, quotaSchema).quota_set;
  const used = usedOf(context, id);
  const chosen = kinds.flatMap((kind): readonly [Kind, number][] => {
    const value = limit.safeParse(wish[kind]).data;
    return value === undefined ? [] : [[kind, value]];
  });
  for (const [kind, value] of chosen) {
    if (value < 0 || value >= used[kind]) continue;
    const usage = `Current usage is ${used[kind]} and the requested limit is ${value}.`;
    const rule = 'limit must be equal or greater than existing resources.';
    throw bad(`Quota ${kind} ${rule} ${usage}`);
  }
  const { quotas } = context.state.block;
  quotas[id] = { ...quotas[id], ...Object.fromEntries(chosen) };
  return json(200, { quota_set: { ...limitsOf(context, id), ...others } });
}

export function resetQuotas(context: CloudContext, ask: Ask, id: string): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:quotas:delete');
  delete context.state.block.quotas[id];
  return empty(200);
}

export function showLimits(context: CloudContext, ask: Ask): HttpResponse {
  const { projectId } = callerOf(context, ask);
  const [limits, used] = [limitsOf(context, projectId), usedOf(context, projectId)];
  const absolute = {
    maxTotalVolumes: limits.volumes,
    maxTotalSnapshots: limits.snapshots,
    maxTotalVolumeGigabytes: limits.gigabytes,
    maxTotalBackups: limits.backups,
    maxTotalBackupGigabytes: limits.backup_gigabytes,
    totalVolumesUsed: used.volumes,
    totalSnapshotsUsed: used.snapshots,
    totalGigabytesUsed: used.gigabytes,
    totalBackupsUsed: used.backups,
    totalBackupGigabytesUsed: used.backup_gigabytes,
  };
  return json(200, { limits: { rate: [], absolute } });
}
