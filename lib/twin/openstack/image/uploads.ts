/** What other services do with images: look one up, make one of a volume or a server. */
import { createHash } from 'node:crypto';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import type { Ask } from '../wire.ts';
import type { Image } from './state.ts';

export const imageFor = ({ state }: CloudContext, id: string): Image | undefined =>
  state.image.images.find((image) => image.id === id);

interface Wish {
  readonly name: string;
  readonly diskFormat: string;
  readonly containerFormat: string;
  readonly visibility: Image['visibility'];
  readonly minDiskGiB: number;
  readonly sizeBytes: number;
  readonly properties?: Readonly<Record<string, string>>;
}

/** An image in `saving`, until `finishUpload`. */
export function beginUpload(context: CloudContext, ask: Ask, wish: Wish): Image {
  const now = context.clock.now();
  const image: Image = {
    ...wish,
    id: uuid(context.random),
    status: 'saving',
    checksum: null,
    hash: null,
    data: null,
    minRamMiB: 0,
    protected: false,
    owner: callerOf(context, ask).projectId,
    tags: [],
    properties: { ...wish.properties },
    members: [],
    createdAt: now,
    updatedAt: now,
  };
  context.state.image.images.push(image);
  return image;
}

export function finishUpload(context: CloudContext, id: string, well: boolean): void {
  const image = imageFor(context, id);
  if (image === undefined) return;
  image.status = well ? 'active' : 'killed';
  if (well) {
    // There are no bytes to hash; an active image has both sums all the same.
    image.checksum = createHash('md5').update(id).digest('hex');
    image.hash = createHash('sha512').update(id).digest('hex');
  }
  image.updatedAt = context.clock.now();
}
