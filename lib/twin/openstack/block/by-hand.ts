/** Attaching as the Cinder API alone knows it: rows change, and no LU path is made or removed. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty } from '../wire.ts';
import { bodyOf } from './bodies.ts';
import { invalidVolume } from './refusals.ts';
import type { Volume } from './state.ts';

export function reserveByHand(context: CloudContext, _: Ask, volume: Volume): HttpResponse {
  if (volume.status !== 'available') {
    const rule = 'Volume status must be available to reserve';
    throw invalidVolume(`${rule}, but the status is ${volume.status}.`);
  }
  return moved(context, volume, 'attaching');
}

export function beginDetaching(context: CloudContext, _: Ask, volume: Volume): HttpResponse {
  const attached = volume.attachments.some(({ state }) => state === 'attached');
  if (volume.status !== 'in-use' || !attached) {
    const rule = "Volume status must be 'in-use' and attach_status must be 'attached' to detach.";
    throw invalidVolume(`Unable to detach volume. ${rule}`);
  }
  return moved(context, volume, 'detaching');
}

const attachSchema = z.strictObject({
  'os-attach': z
    .strictObject({
      instance_uuid: z.uuid().optional(),
      host_name: z.string().max(255).optional(),
      mountpoint: z.string().min(1).max(255),
      mode: z.enum(['rw', 'ro']).default('rw'),
    })
    .refine((wish) => wish.instance_uuid !== undefined || wish.host_name !== undefined),
});

export function connectHost(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const wish = bodyOf(ask, attachSchema)['os-attach'];
  if (volume.status === 'maintenance') {
    throw invalidVolume('The volume cannot be attached in maintenance mode.');
  }
  if (volume.adminMetadata['readonly'] === 'True' && wish.mode !== 'ro') {
    throw invalidVolume(`Invalid attaching mode '${wish.mode}' for volume ${volume.id}.`);
  }
  if (!['available', 'attaching', 'reserved'].includes(volume.status)) {
    throw invalidVolume(`volume ${volume.id} is already attached or in ${volume.status}.`);
  }
  volume.attachments.push({
    id: uuid(context.random),
    serverId: wish.instance_uuid ?? null,
    device: wish.mountpoint,
    host: wish.host_name ?? '',
    state: 'attached',
    attachedAt: context.clock.now(),
  });
  volume.adminMetadata = { ...volume.adminMetadata, attached_mode: wish.mode };
  return moved(context, volume, 'in-use');
}

const detachWish = z
  .strictObject({
    attachment_id: z.string().nullable().optional(),
    connector: z.unknown().optional(),
  })
  .nullable();
const detachSchema = z.union([
  z.strictObject({ 'os-detach': detachWish }),
  z.strictObject({ 'os-force_detach': detachWish }),
]);

/** A volume that was never attached is let go of as well: 202, and nothing happens. */
export function detach(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const body = bodyOf(ask, detachSchema);
  const wish = 'os-detach' in body ? body['os-detach'] : body['os-force_detach'];
  if (volume.status === 'maintenance') {
    throw invalidVolume('The volume cannot be detached in maintenance mode.');
  }
  if (volume.attachments.length === 0) return empty(202);
  const id = wish?.attachment_id ?? undefined;
  if (id === undefined && volume.attachments.length > 1) {
    throw invalidVolume('Detach volume failed: More than one attachment, but no attachment_id.');
  }
  volume.attachments = volume.attachments.filter((one) => one.id !== (id ?? one.id));
  return moved(context, volume, volume.attachments.length > 0 ? 'in-use' : 'available');
}

function moved(context: CloudContext, volume: Volume, status: string): HttpResponse {
  volume.status = status;
  volume.updatedAt = context.clock.now();
  return empty(202);
}
