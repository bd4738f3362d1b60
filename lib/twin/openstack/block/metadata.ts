/** Metadata of volumes and snapshots, and what of an image a volume remembers. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { bodyOf, metadata } from './bodies.ts';
import { bad, notFound, refuseInMaintenance } from './refusals.ts';
import { oneSnapshot } from './snapshots.ts';
import type { Snapshot, Volume } from './state.ts';
import { oneVolume } from './volumes.ts';

const manySchema = z.strictObject({ metadata });
const oneSchema = z.strictObject({ meta: metadata });

type Find = (context: CloudContext, ask: Ask, id: string | undefined) => Volume | Snapshot;

export function metadataRoutes(context: CloudContext): readonly Route[] {
  return [
    ...routesOf(context, '/volumes', oneVolume),
    ...routesOf(context, '/snapshots', oneSnapshot),
  ];
}

function routesOf(context: CloudContext, root: string, one: Find): readonly Route[] {
  const base = `${root}/:id/metadata`;
  const show = (thing: Volume | Snapshot) => json(200, { metadata: thing.metadata });
  return [
    ['GET', base, (ask, { id }) => show(one(context, ask, id))],
    [
      'POST',
      base,
      (ask, { id }) => {
        const thing = changeable(one(context, ask, id), 'Updating');
        thing.metadata = { ...thing.metadata, ...bodyOf(ask, manySchema).metadata };
        return show(thing);
      },
    ],
    [
      'PUT',
      base,
      (ask, { id }) => {
        const thing = changeable(one(context, ask, id), 'Updating');
        thing.metadata = bodyOf(ask, manySchema).metadata;
        return show(thing);
      },
    ],
    ['GET', `${base}/:key`, (ask, { id, key }) => item(one(context, ask, id), key)],
    ['PUT', `${base}/:key`, (ask, { id, key }) => setItem(ask, one(context, ask, id), key)],
    ['DELETE', `${base}/:key`, (ask, { id, key }) => dropItem(one(context, ask, id), key)],
  ];
}

function changeable<T extends Volume | Snapshot>(thing: T, doing: 'Updating' | 'Deleting'): T {
  const why = `${doing} volume metadata is not allowed for volumes in maintenance status.`;
  refuseInMaintenance(thing, why);
  return thing;
}

function item({ metadata: all }: Volume | Snapshot, key = ''): HttpResponse {
  const value = all[key];
  if (value === undefined) throw notFound('Metadata item', key);
  return json(200, { meta: { [key]: value } });
}

function setItem(ask: Ask, thing: Volume | Snapshot, key = ''): HttpResponse {
  const { meta } = bodyOf(ask, oneSchema);
  const value = meta[key];
  if (value === undefined || Object.keys(meta).length !== 1) {
    throw bad('Request body and URI mismatch.');
  }
  changeable(thing, 'Updating').metadata = { ...thing.metadata, [key]: value };
  return json(200, { meta: { [key]: value } });
}

function dropItem(thing: Volume | Snapshot, key = ''): HttpResponse {
  item(thing, key);
  changeable(thing, 'Deleting');
  const { [key]: _, ...rest } = thing.metadata;
  thing.metadata = rest;
  return empty(200);
}
