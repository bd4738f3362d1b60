/** An image as Glance shows it: flat, its own properties beside the known fields. */
import { iso } from '../../../clock.ts';
import type { Image } from './state.ts';

const seconds = (ms: number): string => iso(ms).replace(/\.\d+Z$/, 'Z');

export function imageView(image: Image) {
  const self = `/v2/images/${image.id}`;
  const active = image.status === 'active';
  return {
    ...image.properties,
    id: image.id,
    name: image.name,
    status: image.status,
    visibility: image.visibility,
    protected: image.protected,
    owner: image.owner,
    size: image.sizeBytes,
    virtual_size: active && image.diskFormat === 'raw' ? image.sizeBytes : null,
    // By the name of its store, once the data is there.
    ...(active ? { stores: 'file' } : {}),
    checksum: image.checksum,
    os_hash_algo: image.hash === null ? null : 'sha512',
    os_hash_value: image.hash,
    os_hidden: false,
    min_disk: image.minDiskGiB,
    min_ram: image.minRamMiB,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    tags: image.tags,
    created_at: seconds(image.createdAt),
    updated_at: seconds(image.updatedAt),
    self,
    file: `${self}/file`,
    schema: '/v2/schemas/image',
  };
}

/** Fields that are not somebody's own properties. */
export const reserved = [
  'id',
  'name',
  'status',
  'visibility',
  'protected',
  'owner',
  'size',
  'virtual_size',
  'stores',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'os_hidden',
  'min_disk',
  'min_ram',
  'disk_format',
  'container_format',
  'tags',
  'created_at',
  'updated_at',
  'self',
  'file',
  'schema',
] as const;

export const memberView = (image: Image, member: Image['members'][number]) => ({
  image_id: image.id,
  member_id: member.projectId,
  status: member.status,
  created_at: seconds(image.createdAt),
  updated_at: seconds(image.updatedAt),
  schema: '/v2/schemas/member',
});
