/** `os-volume_upload_image`: an image made of a volume. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { beginUpload } from '../image/uploads.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import { bodyOf, flag } from './bodies.ts';
import { bad } from './refusals.ts';
import type { Volume } from './state.ts';
import { begin } from './tasks.ts';
import { stamp } from './views.ts';

const schema = z.strictObject({
  'os-volume_upload_image': z.strictObject({
    image_name: z.string().min(1).max(255),
    force: flag.optional(),
    disk_format: z.enum(['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop']).default('raw'),
    container_format: z.string().nullable().default('bare'),
    visibility: z.enum(['community', 'public', 'private', 'shared']).optional(),
    protected: flag.optional(),
  }),
});

export function uploadToImage(context: CloudContext, ask: Ask, volume: Volume): HttpResponse {
  const wish = bodyOf(ask, schema)['os-volume_upload_image'];
  const allowed = wish.force ? ['available', 'in-use'] : ['available'];
  if (!allowed.includes(volume.status)) {
    throw bad(`Invalid volume: Volume ${volume.id} status must be ${allowed.join(' or ')}`);
  }
  const { image_name: name, disk_format, visibility = 'private' } = wish;
  const container_format = wish.container_format ?? 'bare';
  const image = beginUpload(context, ask, {
    name,
    diskFormat: disk_format,
    containerFormat: container_format,
    visibility,
    minDiskGiB: volume.sizeGiB,
    sizeBytes: volume.sizeGiB * 1024 ** 3,
  });
  const now = context.clock.now();
  begin(volume, 'upload', { at: now, from: image.id, backTo: volume.status });
  volume.status = 'uploading';
  const type = context.state.block.types.find(({ id }) => id === volume.typeId);
  return json(202, {
    'os-volume_upload_image': {
      id: volume.id,
      updated_at: stamp(context, now),
      status: 'uploading',
      display_description: volume.description,
      size: volume.sizeGiB,
      volume_type: type === undefined ? null : { id: type.id, name: type.name },
      image_id: image.id,
      container_format,
      disk_format,
      image_name: name,
      protected: wish.protected ?? false,
      visibility,
    },
  });
}
