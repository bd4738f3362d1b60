/** Lists of Cinder: whose, which, in what order, and how many at a time. */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, page } from '../wire.ts';
import { bad, notFound } from './refusals.ts';
import type { Look } from './views.ts';

interface Row {
  readonly id: string;
  readonly projectId: string;
  readonly createdAt: number;
}

export interface Listing<R extends Row> {
  /** As in the path and in the body: `volumes`. */
  readonly many: string;
  /** As in messages: `Volume`. */
  readonly one: string;
  readonly rows: readonly R[];
  readonly view: (row: R, look: Look) => object;
  /** Value of a row for each filter; a filter that is not here is ignored, as Cinder does. */
  readonly filters: Readonly<Record<string, (row: R) => unknown>>;
}

const COUNT_SINCE = 45;
const TRUE = /^(1|true|yes|on|t|y)$/i;

export const lookOf = (context: CloudContext, ask: Ask): Look => ({
  caller: callerOf(context, ask),
  minor: ask.minor,
});

export function list<R extends Row>(
  context: CloudContext,
  ask: Ask,
  { many, one, rows, view, filters }: Listing<R>,
): HttpResponse {
  const look = lookOf(context, ask);
  const { query } = ask;
  // A member who asks for all projects is not refused: he gets his own.
  const all = look.caller.admin && TRUE.test(query.get('all_tenants') ?? '');
  const project = query.get('project_id');
  const found = rows.filter(
    (row) =>
      (all ? (project ?? row.projectId) : look.caller.projectId) === row.projectId &&
      Object.entries(filters).every(([name, value]) => passes(query.get(name), value(row))),
  );
  const limit = query.get('limit');
  if (limit !== null && !/^\d+$/.test(limit)) throw bad('limit param must be an integer');
  const offset = Number(query.get('offset') ?? 0);
  const paged = page(ordered(found, query.get('sort')).slice(offset), query);
  if (paged === undefined) throw notFound(one, query.get('marker') ?? '');
  const path = `${look.caller.projectId}${ask.path}`;
  const href = `${context.baseUrl()}/volume/v3/${path}?${paged.next}`;
  const counted = ask.minor >= COUNT_SINCE && TRUE.test(query.get('with_count') ?? '');
  return json(200, {
    [many]: paged.items.map((row) => view(row, look)),
    ...(paged.next === undefined ? {} : { [`${many}_links`]: [{ rel: 'next', href }] }),
    ...(counted ? { count: found.length } : {}),
  });
}

const passes = (wanted: string | null, value: unknown): boolean =>
  wanted === null || String(value).toLowerCase() === wanted.toLowerCase();

const FIELDS: Readonly<Record<string, string>> = {
  created_at: 'createdAt',
  updated_at: 'updatedAt',
  size: 'sizeGiB',
};

/** `sort=key:dir`; newest first unless said otherwise. */
function ordered<R extends Row>(rows: readonly R[], sort: string | null): readonly R[] {
  const [key = '', direction = 'desc'] = (sort ?? 'created_at:desc').split(':');
  const value = (row: R) =>
    Object.entries(row).find(([name]) => name === (FIELDS[key] ?? key))?.[1];
  const sign = direction === 'asc' ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === other) return 0;
    return one < other ? -sign : sign;
  });
}

/** One of one's own project, or any for an administrator; throws the 404. */
export function find<R extends Row>(
  context: CloudContext,
  ask: Ask,
  { rows, one, id }: { rows: readonly R[]; one: string; id: string | undefined },
): R {
  const { admin, projectId } = callerOf(context, ask);
  const found = rows.find((row) => row.id === id && (admin || row.projectId === projectId));
  if (found === undefined) throw notFound(one, id);
  return found;
}
