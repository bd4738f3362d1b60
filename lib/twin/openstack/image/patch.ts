/** `PATCH /v2/images/{id}`: JSON patch, of one level. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, readBody } from '../wire.ts';
import { imageError, ownImage } from './rights.ts';
import type { Image } from './state.ts';
import { imageView, reserved } from './views.ts';

const patchSchema = z.array(
  z.strictObject({
    op: z.enum(['add', 'replace', 'remove']),
    path: z.string().regex(/^\/[^/]+$/),
    value: z.unknown().optional(),
  }),
);
type Change = z.infer<typeof patchSchema>[number];

export function patchImage(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'modify_image' });
  const body = readBody(ask, patchSchema);
  if (!body.ok) throw imageError(400, body.why);
  for (const change of body.data) apply(image, change);
  image.updatedAt = context.clock.now();
  return json(200, imageView(image));
}

const text = z.string().max(255);
/** Known fields that may be changed, and how. */
const setters: Readonly<Record<string, (image: Image, value: unknown) => void>> = {
  name: (image, value) => {
    image.name = text.nullable().parse(value);
  },
  visibility: (image, value) => {
    image.visibility = z.enum(['public', 'private', 'shared', 'community']).parse(value);
  },
  protected: (image, value) => {
    image.protected = z.boolean().parse(value);
  },
  min_disk: (image, value) => {
    image.minDiskGiB = z.int().min(0).parse(value);
  },
  min_ram: (image, value) => {
    image.minRamMiB = z.int().min(0).parse(value);
  },
  disk_format: (image, value) => {
    image.diskFormat = text.parse(value);
  },
  container_format: (image, value) => {
    image.containerFormat = text.parse(value);
  },
  tags: (image, value) => {
    image.tags = z.array(text).parse(value);
  },
};

function apply(image: Image, { op, path, value }: Change): void {
  const field = path.slice(1);
  const known = (reserved as readonly string[]).includes(field);
  const set = setters[field];
  if (known && (set === undefined || op === 'remove')) {
    throw imageError(403, `Attribute '${field}' is read-only.`);
  }
  if (op === 'remove' && !(field in image.properties)) {
    throw imageError(409, `Property ${field} does not exist.`);
  }
  try {
    if (set !== undefined) set(image, value);
    else if (op === 'remove') delete image.properties[field];
    else image.properties[field] = z.string().parse(value);
  } catch {
    throw imageError(400, `Invalid value for ${field}.`);
  }
}
