/** Projects that a shared image is offered to. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route, readBody } from '../wire.ts';
import { imageError, oneImage, ownImage } from './rights.ts';
import type { Image } from './state.ts';
import { memberView } from './views.ts';

const MEMBERS = '/v2/images/:id/members';

export function memberRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', MEMBERS, (ask, { id }) => list(oneImage(context, ask, id))],
    ['POST', MEMBERS, (ask, { id }) => add(context, ask, id)],
    ['PUT', `${MEMBERS}/:member`, (ask, ids) => answerOffer(context, ask, ids)],
    ['DELETE', `${MEMBERS}/:member`, (ask, ids) => remove(context, ask, ids)],
  ];
}

function list(image: Image): HttpResponse {
  const members = image.members.map((member) => memberView(image, member));
  return json(200, { members, schema: '/v2/schemas/members' });
}

function add(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'add_member' });
  const body = readBody(ask, z.looseObject({ member: z.string().min(1) }));
  if (!body.ok) throw imageError(400, body.why);
  if (image.visibility !== 'shared') {
    throw imageError(403, 'Only shared images have members.');
  }
  const { member } = body.data;
  if (image.members.some(({ projectId }) => projectId === member)) {
    throw imageError(409, `The target member ${member} is already associated with image ${id}.`);
  }
  const made = { projectId: member, status: 'pending' as const };
  image.members.push(made);
  return json(200, memberView(image, made));
}

const offerSchema = z.strictObject({ status: z.enum(['pending', 'accepted', 'rejected']) });

/** Only the project itself takes up what it is offered. */
function answerOffer(
  context: CloudContext,
  ask: Ask,
  { id, member }: Readonly<Record<string, string>>,
): HttpResponse {
  const image = oneImage(context, ask, id);
  const found = image.members.find(({ projectId }) => projectId === member);
  if (found === undefined) throw imageError(404, `${member} not found in the member list.`);
  if (callerOf(context, ask).projectId !== member) {
    throw imageError(403, 'You are not authorized to complete modify_member action.');
  }
  const body = readBody(ask, offerSchema);
  if (!body.ok) throw imageError(400, body.why);
  found.status = body.data.status;
  return json(200, memberView(image, found));
}

function remove(
  context: CloudContext,
  ask: Ask,
  { id, member }: Readonly<Record<string, string>>,
): HttpResponse {
  const image = ownImage(context, ask, { id, action: 'delete_member' });
  if (!image.members.some(({ projectId }) => projectId === member)) {
    throw imageError(404, `${member} not found in the member list of the image ${id}.`);
  }
  image.members = image.members.filter(({ projectId }) => projectId !== member);
  return empty(204);
}
