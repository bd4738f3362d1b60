/** What users write on servers: metadata and tags. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { findServer, refuseLocked } from './find.ts';
import { readNova, refuse } from './refusals.ts';
import type { Server } from './state.ts';
import { metadataSchema, tagSchema } from './wishes.ts';

const metaBody = z.strictObject({ metadata: metadataSchema });
const itemBody = z.strictObject({ meta: metadataSchema });
const tagsBody = z.strictObject({ tags: z.array(tagSchema).max(50) });
const TAGS_SINCE = 26;
const MOST_ITEMS = 128;
const MOST_TAGS = 50;

interface Deal {
  readonly server: Server;
  readonly ask: Ask;
  /** Name of one metadata item, or one tag. */
  readonly key: string;
}
type Doing = (context: CloudContext, deal: Deal) => HttpResponse;

export function noteRoutes(context: CloudContext): readonly Route[] {
  const [metadata, tags] = ['/servers/:id/metadata', '/servers/:id/tags'];
  const line = (method: string, path: string, doing: Doing): Route => [
    method,
    path,
    (ask, { id, key = '' }) =>
      doing(context, { server: findServer(context, ask, { id }), ask, key }),
  ];
  /** Tags are not there at all before their microversion. */
  const later =
    (doing: Doing): Doing =>
    (_, deal) => {
      if (deal.ask.minor < TAGS_SINCE) throw refuse(404, 'The resource could not be found.');
      return doing(context, deal);
    };
  return [
    line('GET', metadata, (_, { server }) => json(200, { metadata: server.metadata })),
    line('PUT', metadata, (_, deal) => setMetadata(context, deal, metaOf(deal))),
    line('POST', metadata, (_, deal) =>
      setMetadata(context, deal, { ...deal.server.metadata, ...metaOf(deal) }),
    ),
    line('GET', `${metadata}/:key`, (_, deal) => item(deal)),
    line('PUT', `${metadata}/:key`, setItem),
    line('DELETE', `${metadata}/:key`, dropItem),
    line(
      'GET',
      tags,
      later((_, { server }) => json(200, { tags: server.tags })),
    ),
    line('PUT', tags, later(replaceTags)),
    line(
      'DELETE',
      tags,
      later((_, deal) => setTags(context, deal, [])),
    ),
    line(
      'GET',
      `${tags}/:key`,
      later((_, deal) => hasTag(deal)),
    ),
    line('PUT', `${tags}/:key`, later(addTag)),
    line('DELETE', `${tags}/:key`, later(dropTag)),
  ];
}

const metaOf = ({ ask }: Deal): Record<string, string> => readNova(ask, metaBody).metadata;

function setMetadata(
  context: CloudContext,
  { server, ask }: Deal,
  wanted: Record<string, string>,
): HttpResponse {
  refuseLocked(context, ask, server);
  if (Object.keys(wanted).length > MOST_ITEMS) {
    throw refuse(403, `Maximum number of metadata items exceeds ${MOST_ITEMS}`);
  }
  server.metadata = wanted;
  server.updatedAt = context.clock.now();
  return json(200, { metadata: server.metadata });
}

function item({ server, key }: Deal): HttpResponse {
  const value = server.metadata[key];
  if (value === undefined) throw refuse(404, 'Metadata item was not found');
  return json(200, { meta: { [key]: value } });
}

function setItem(context: CloudContext, deal: Deal): HttpResponse {
  const { meta } = readNova(deal.ask, itemBody);
  if (Object.keys(meta).join() !== deal.key) throw refuse(400, 'Request body and URI mismatch');
  setMetadata(context, deal, { ...deal.server.metadata, ...meta });
  return item(deal);
}

function dropItem(context: CloudContext, deal: Deal): HttpResponse {
  item(deal);
  const { [deal.key]: _, ...rest } = deal.server.metadata;
  setMetadata(context, deal, rest);
  return empty(204);
}

function setTags({ clock }: CloudContext, { server }: Deal, tags: string[]): HttpResponse {
  server.tags = tags;
  server.updatedAt = clock.now();
  return empty(204);
}

function replaceTags(context: CloudContext, deal: Deal): HttpResponse {
  setTags(context, deal, [...new Set(readNova(deal.ask, tagsBody).tags)]);
  return json(200, { tags: deal.server.tags });
}

function hasTag({ server, key }: Deal): HttpResponse {
  if (!server.tags.includes(key)) throw refuse(404, `Instance ${server.id} has no tag '${key}'`);
  return empty(204);
}

function addTag(context: CloudContext, deal: Deal): HttpResponse {
  const { server, key } = deal;
  if (!tagSchema.safeParse(key).success) throw refuse(400, `Tag '${key}' is invalid.`);
  if (server.tags.includes(key)) return empty(204);
  if (server.tags.length >= MOST_TAGS) {
    throw refuse(400, `The number of tags exceeded the per-server limit ${MOST_TAGS}`);
  }
  const made = setTags(context, deal, [...server.tags, key]);
  const href = `${context.baseUrl()}/compute/v2.1/servers/${server.id}/tags/${key}`;
  return { ...made, status: 201, headers: { ...made.headers, location: href } };
}

function dropTag(context: CloudContext, deal: Deal): HttpResponse {
  hasTag(deal);
  const { server, key } = deal;
  return setTags(
    context,
    deal,
    server.tags.filter((one) => one !== key),
  );
}
