/** `POST /volumes/{id}/action`: one table from the key of the body to what is done. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json } from '../wire.ts';
import { bodyOf, flag } from './bodies.ts';
import { beginDetaching, connectHost, detach, reserveByHand } from './by-hand.ts';
import { typeFor } from './create.ts';
import { extend } from './extend.ts';
import { unmanage } from './manage.ts';
import { bad, invalidVolume, onlyAdmin, refuseInMaintenance } from './refusals.ts';
import type { Volume } from './state.ts';
import { uploadToImage } from './upload.ts';
import { deleteVolume, oneVolume } from './volumes.ts';

type Action = (context: CloudContext, ask: Ask, volume: Volume) => HttpResponse;

const actions: Readonly<Record<string, Action>> = {
  'os-reset_status': resetStatus,
  'os-extend': extend,
  'os-set_bootable': setBootable,
  'os-set_image_metadata': setImageMetadata,
  'os-update_readonly_flag': setReadonly,
  'os-retype': retype,
  'os-unmanage': (context, ask, volume) => unmanage(context, ask, volume),
  'os-force_delete': forceDelete,
  'os-volume_upload_image': uploadToImage,
  'os-reserve': reserveByHand,
  'os-unreserve': (context, _, volume) => {
    if (volume.status !== 'attaching') return empty(202);
    const status = volume.attachments.length > 0 ? 'in-use' : 'available';
    return changed(context, volume, { status });
  },
  'os-begin_detaching': beginDetaching,
  'os-roll_detaching': (context, _, volume) => {
    const status = volume.status === 'detaching' ? 'in-use' : volume.status;
    return changed(context, volume, { status });
  },
  'os-attach': connectHost,
  'os-detach': detach,
  'os-force_detach': (context, ask, volume) => {
    onlyAdmin(context, ask, 'volume_extension:volume_admin_actions:force_detach');
    return detach(context, ask, volume);
  },
};

export function act(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const volume = oneVolume(context, ask, id);
  const body = bodyOf(ask, z.record(z.string(), z.unknown()));
  const [name, ...more] = Object.keys(body);
  const action = actions[name ?? ''];
  if (action === undefined || more.length > 0) {
    throw bad(`There is no such action: ${name ?? ''}`);
  }
  return action(context, ask, volume);
}

function changed(context: CloudContext, volume: Volume, change: Partial<Volume>): HttpResponse {
  Object.assign(volume, change, { updatedAt: context.clock.now() });
  return empty(202);
}

const STATUSES = [
  'creating',
  'available',
  'deleting',
  'error',
  'error_deleting',
  'error_managing',
  'managing',
  'attaching',
  'in-use',
  'detaching',
  'maintenance',
  'restoring-backup',
  'error_restoring',
  'reserved',
  'awaiting-transfer',
  'backing-up',
  'error_backing-up',
  'error_extending',
  'downloading',
  'uploading',
  'retyping',
  'extending',
] as const;
const lower = z.string().transform((text) => text.toLowerCase());
const resetSchema = z.strictObject({
  'os-reset_status': z.strictObject({
    status: lower.pipe(z.enum(STATUSES)).nullable().optional(),
    attach_status: lower
      .pipe(z.enum(['attached', 'detached']))
      .nullable()
      .optional(),
    migration_status: z.string().nullable().optional(),
  }),
});

/** It changes the row and nothing else, whatever the volume is doing: that is the hazard of it. */
function resetStatus(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const wish = bodyOf(ask, resetSchema)['os-reset_status'];
  onlyAdmin(context, ask, 'volume_extension:volume_admin_actions:reset_status');
  const { status } = wish;
  if (status === 'deleting') throw bad('Cannot reset-state to deleting');
  if (status === 'in-use' && volume.attachments.length === 0) {
    throw bad('Cannot reset-state to in-use because volume does not have any attachments.');
  }
  if (wish.attach_status === 'detached') volume.attachments = [];
  return changed(context, volume, status ? { status, task: null } : {});
}

const bootableSchema = z.strictObject({
  'os-set_bootable': z.strictObject({ bootable: flag }),
});

const imageSchema = z.strictObject({
  'os-set_image_metadata': z.strictObject({
    metadata: z.record(z.string().min(1).max(255), z.string().max(255)),
  }),
});

function setImageMetadata(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const { metadata } = bodyOf(ask, imageSchema)['os-set_image_metadata'];
  const why = 'Updating volume metadata is not allowed for volumes in maintenance status.';
  refuseInMaintenance(volume, why);
  const imageMetadata = { ...volume.imageMetadata, ...metadata };
  changed(context, volume, { imageMetadata });
  return json(200, { metadata: imageMetadata });
}

/** Answers 200 and no body. */
function setBootable(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  refuseInMaintenance(volume, 'The volume cannot be updated during maintenance.');
  const { bootable } = bodyOf(ask, bootableSchema)['os-set_bootable'];
  return { ...changed(context, volume, { bootable }), status: 200 };
}

const readonlySchema = z.strictObject({
  'os-update_readonly_flag': z.strictObject({ readonly: flag }),
});

function setReadonly(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const wish = bodyOf(ask, readonlySchema)['os-update_readonly_flag'];
  if (volume.status !== 'available') {
    const rule = 'status must be available to update readonly flag';
    throw invalidVolume(`Volume ${volume.id} ${rule}, but current status is: ${volume.status}.`);
  }
  const readonly = wish.readonly ? 'True' : 'False';
  return changed(context, volume, { adminMetadata: { ...volume.adminMetadata, readonly } });
}

const retypeSchema = z.strictObject({
  'os-retype': z.strictObject({
    new_type: z.string(),
    migration_policy: z.enum(['on-demand', 'never']).nullable().optional(),
  }),
});

/** Within one back end only: no data is moved. */
function retype(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const type = typeFor(context, bodyOf(ask, retypeSchema)['os-retype'].new_type);
  if (type?.id === volume.typeId) {
    throw bad('Invalid input received: New volume type same as existing volume type.');
  }
  if (!['available', 'in-use'].includes(volume.status)) {
    throw invalidVolume(`Retype needs volume to be in available or in-use state.`);
  }
  return changed(context, volume, { typeId: type?.id ?? volume.typeId });
}

function forceDelete(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:volume_admin_actions:force_delete');
  return deleteVolume(context, volume, { force: true, cascade: false });
}
