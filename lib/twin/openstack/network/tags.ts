/** Tags of any resource: read, replaced, added and removed one by one. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { missing } from './refusals.ts';
import { type Base, touch } from './rows.ts';
import type { NetworkState } from './state.ts';
import { readBare } from './wishes.ts';

const tag = z.string().min(1).max(60);
const tagsSchema = z.strictObject({ tags: z.array(tag).max(50) });

/** Collection on the wire, its name in a 404, and where its rows are. */
const taggable = [
  ['networks', 'network', ({ networks }: NetworkState): readonly Base[] => networks],
  ['subnets', 'subnet', ({ subnets }: NetworkState): readonly Base[] => subnets],
  ['ports', 'port', ({ ports }: NetworkState): readonly Base[] => ports],
  ['routers', 'router', ({ routers }: NetworkState): readonly Base[] => routers],
  ['floatingips', 'floatingip', ({ floatingIps }: NetworkState): readonly Base[] => floatingIps],
  ['security-groups', 'security_group', ({ groups }: NetworkState): readonly Base[] => groups],
] as const;

export function tagRoutes(context: CloudContext): readonly Route[] {
  return taggable.flatMap(([path, kind, rows]): Route[] => {
    const root = `/v2.0/${path}/:id/tags`;
    const row = (ask: Ask, id: string | undefined): Base => {
      const found = rows(context.state.network).find((one) => one.id === id);
      const caller = callerOf(context, ask);
      if (found === undefined || !(caller.admin || found.projectId === caller.projectId)) {
        throw missing(kind, id);
      }
      return found;
    };
    return [
      ['GET', root, (ask, { id }) => json(200, { tags: row(ask, id).tags })],
      ['PUT', root, (ask, { id }) => replace(context, row(ask, id), ask)],
      ['DELETE', root, (ask, { id }) => set(context, row(ask, id), [])],
      ['GET', `${root}/:tag`, (ask, { id, tag: one }) => check(row(ask, id), one)],
      ['PUT', `${root}/:tag`, (ask, { id, tag: one }) => add(context, row(ask, id), one)],
      ['DELETE', `${root}/:tag`, (ask, { id, tag: one }) => drop(context, row(ask, id), one)],
    ];
  });
}

function replace(context: CloudContext, row: Base, ask: Ask): HttpResponse {
  const { tags } = readBare(ask, tagsSchema);
  set(context, row, [...new Set(tags)]);
  return json(200, { tags: row.tags });
}

function set(context: CloudContext, row: Base, tags: string[]): HttpResponse {
  row.tags = tags;
  touch(context, row);
  return empty(204);
}

function check(row: Base, one: string | undefined): HttpResponse {
  if (!row.tags.includes(one ?? '')) throw missing('tag', one);
  return empty(204);
}

function add(context: CloudContext, row: Base, one = ''): HttpResponse {
  set(context, row, [...new Set([...row.tags, one])]);
  return { ...empty(204), status: 201 };
}

function drop(context: CloudContext, row: Base, one: string | undefined): HttpResponse {
  check(row, one);
  return set(
    context,
    row,
    row.tags.filter((own) => own !== one),
  );
}
