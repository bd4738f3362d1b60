/** Glance v2. What is uploaded is hashed and measured, and kept if it is small. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import { guarded } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, page, type Route, readBody } from '../wire.ts';
import { memberRoutes } from './members.ts';
import { patchImage } from './patch.ts';
import { imageError, oneImage, ownImage } from './rights.ts';
import type { Image } from './state.ts';
import { imageView, reserved } from './views.ts';

export function glanceRoutes(context: CloudContext): readonly Route[] {
  const one = (ask: Ask, id: string | undefined) => oneImage(context, ask, id);
  return guarded([
    ['GET', '/v2/images', (ask) => list(context, ask)],
    ['POST', '/v2/images', (ask) => create(context, ask)],
    ['GET', '/v2/images/:id', (ask, { id }) => json(200, imageView(one(ask, id)))],
    ['PATCH', '/v2/images/:id', (ask, { id }) => patchImage(context, ask, id)],
    ['DELETE', '/v2/images/:id', (ask, { id }) => remove(context, ask, id)],
    ['PUT', '/v2/images/:id/file', (ask, { id }) => upload(context, ask, id)],
    ['GET', '/v2/images/:id/file', (ask, { id }) => download(one(ask, id))],
    ['PUT', '/v2/images/:id/tags/:tag', (ask, { id, tag }) => setTag(context, ask, { id, tag })],
    [
      'DELETE',
      '/v2/images/:id/tags/:tag',
      (ask, { id, tag }) => dropTag(context, ask, { id, tag }),
    ],
    ['GET', '/v2/schemas/image', () => json(200, schemaOf('image'))],
    ['GET', '/v2/schemas/images', () => json(200, schemaOf('images'))],
    ['GET', '/v2/info/import', () => json(200, importMethods)],
    ...memberRoutes(context),
  ]);
}

/** Enough for clients that build their models from it. */
const schemaOf = (name: string) => ({
  name,
  properties: Object.fromEntries(reserved.map((field) => [field, {}])),
  additionalProperties: { type: 'string' },
});

const importMethods = {
  'import-methods': { description: 'Import methods available.', type: 'array', value: [] },
};

function list(context: CloudContext, ask: Ask): HttpResponse {
  const { admin, projectId } = callerOf(context, ask);
  const wanted = (name: string, value: unknown) =>
    (ask.query.get(name) ?? String(value)) === String(value);
  const found = context.state.image.images.filter(
    (image) =>
      (image.visibility === 'public' ||
        image.owner === projectId ||
        admin ||
        image.members.some((one) => one.projectId === projectId && one.status === 'accepted')) &&
      wanted('name', image.name) &&
      wanted('status', image.status) &&
      wanted('visibility', image.visibility) &&
      wanted('owner', image.owner),
  );
  const paged = page(found, ask.query);
  if (paged === undefined) {
    throw imageError(400, 'Invalid marker: Image could not be found.');
  }
  const query = new URLSearchParams(ask.query);
  query.delete('marker');
  const first = query.size > 0 ? `/v2/images?${query}` : '/v2/images';
  return json(200, {
    images: paged.items.map(imageView),
    schema: '/v2/schemas/images',
    first,
    ...(paged.next === undefined ? {} : { next: `/v2/images?${paged.next}` }),
  });
}

const DISK_FORMATS = ['raw', 'qcow2', 'vhd', 'vhdx', 'vmdk', 'vdi', 'iso', 'ploop', 'ami'] as const;
const CONTAINER_FORMATS = ['bare', 'ovf', 'ova', 'docker', 'compressed', 'ami'] as const;

const createSchema = z.looseObject({
  id: z.uuid().optional(),
  name: z.string().max(255).nullable().default(null),
  visibility: z.enum(['public', 'private', 'shared', 'community']).default('shared'),
  disk_format: z.enum(DISK_FORMATS).nullable().default(null),
  container_format: z.enum(CONTAINER_FORMATS).nullable().default(null),
  min_disk: z.int().min(0).default(0),
  min_ram: z.int().min(0).default(0),
  protected: z.boolean().default(false),
  tags: z.array(z.string().max(255)).default([]),
});

const READONLY = ['status', 'size', 'checksum', 'created_at', 'updated_at', 'os_hash_value'];

function create(context: CloudContext, ask: Ask): HttpResponse {
  const body = readBody(ask, createSchema);
  if (!body.ok) throw imageError(400, `Provided object does not match schema 'image': ${body.why}`);
  const wish = body.data;
  const forbidden = READONLY.find((field) => field in wish);
  if (forbidden !== undefined) throw imageError(403, `Attribute '${forbidden}' is read-only.`);
  const { admin, projectId } = callerOf(context, ask);
  if (wish.visibility === 'public' && !admin) {
    throw imageError(403, 'You are not authorized to complete publicize_image action.');
  }
  const id = wish.id ?? uuid(context.random);
  const { images } = context.state.image;
  if (images.some((image) => image.id === id)) {
    throw imageError(409, `Image ID ${id} already exists!`);
  }
  const own = Object.entries(wish).filter(([key]) => !(key in createSchema.shape));
  const now = context.clock.now();
  const image: Image = {
    id,
    name: wish.name,
    status: 'queued',
    sizeBytes: null,
    checksum: null,
    hash: null,
    data: null,
    minDiskGiB: wish.min_disk,
    minRamMiB: wish.min_ram,
    diskFormat: wish.disk_format,
    containerFormat: wish.container_format,
    visibility: wish.visibility,
    protected: wish.protected,
    owner: projectId,
    tags: wish.tags,
    properties: Object.fromEntries(own.map(([key, value]) => [key, String(value)])),
    members: [],
    createdAt: now,
    updatedAt: now,
  };
  images.push(image);
  return json(201, imageView(image), { location: `${context.baseUrl()}/image/v2/images/${id}` });
}

/** State is written to disk as a whole: larger data is not kept. */
const KEPT_BYTES = 1_048_576;

function upload(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'upload_image' });
  const type = ask.headers['content-type'] ?? '';
  if (!type.startsWith('application/octet-stream')) {
    throw imageError(415, 'The server does not support the content type of the request.');
  }
  if (image.status !== 'queued') {
    throw imageError(409, `Image status transition from ${image.status} to saving is not allowed`);
  }
  if (image.diskFormat === null || image.containerFormat === null) {
    throw imageError(400, 'Disk format is not specified.');
  }
  image.status = 'active';
  image.sizeBytes = Buffer.byteLength(ask.body);
  image.checksum = createHash('md5').update(ask.body).digest('hex');
  image.hash = createHash('sha512').update(ask.body).digest('hex');
  image.data = image.sizeBytes <= KEPT_BYTES ? ask.body : null;
  image.updatedAt = context.clock.now();
  return empty(204);
}

function download(image: Image): HttpResponse {
  if (image.status === 'queued') return empty(204);
  if (image.data !== null) {
    const headers = { 'content-type': 'application/octet-stream' };
    return { status: 200, headers, body: image.data };
  }
  throw imageError(404, `Image ${image.id} has no data the simulator could give back.`);
}

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'delete_image' });
  if (image.protected) {
    throw imageError(403, `Image ${image.id} is protected and cannot be deleted.`);
  }
  const { state } = context;
  state.image.images = state.image.images.filter((one) => one !== image);
  return empty(204);
}

interface Tagged {
  readonly id: string | undefined;
  readonly tag: string | undefined;
}

function setTag(context: CloudContext, ask: Ask, { id, tag = '' }: Tagged): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'modify_image' });
  if (!image.tags.includes(tag)) image.tags.push(tag);
  return empty(204);
}

function dropTag(context: CloudContext, ask: Ask, { id, tag = '' }: Tagged): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'modify_image' });
  if (!image.tags.includes(tag)) throw imageError(404, 'Could not find tag.');
  image.tags = image.tags.filter((one) => one !== tag);
  return empty(204);
}
