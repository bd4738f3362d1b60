/** Whose an image is; and Glance's refusals. */
import { callerOf } from '../caller.ts';
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import type { Image } from './state.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  415: 'Unsupported Media Type',
};

/** As JSON, which every client of ours asks for; without asking the real one sends a page. */
export function imageError(status: number, why: string): Refusal {
  const title = titles[status] ?? '';
  const message = `${why}<br /><br />\n\n\n`;
  return new Refusal(json(status, { message, code: `${status} ${title}`, title }));
}

/** An image the caller may see; others do not exist for him. */
export function oneImage(context: CloudContext, ask: Ask, id: string | undefined): Image {
  const { admin, projectId } = callerOf(context, ask);
  const image = context.state.image.images.find((one) => one.id === id);
  const seen =
    image !== undefined &&
    (admin ||
      image.owner === projectId ||
      ['public', 'community'].includes(image.visibility) ||
      image.members.some((one) => one.projectId === projectId));
  if (!seen) throw imageError(404, `No image found with ID ${id}`);
  return image;
}

/** An image the caller may change. */
export function ownImage(
  context: CloudContext,
  ask: Ask,
  { id, action }: { readonly id: string | undefined; readonly action: string },
): Image {
  const image = oneImage(context, ask, id);
  const { admin, projectId } = callerOf(context, ask);
  if (admin || image.owner === projectId) return image;
  throw imageError(403, `You are not authorized to complete ${action} action.`);
}
