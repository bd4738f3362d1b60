/** Lists and single rows as every collection of Neutron answers them: filters, fields, pages. */
import type { HttpResponse } from '../../../http.ts';
import { type Caller, callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, type Route } from '../wire.ts';
import { badRequest, type missing } from './refusals.ts';

type View = Readonly<Record<string, unknown>> & { readonly id: string };

/** One kind of thing: its two names on the wire, its rows, and how a row is shown. */
export interface Collection<Row extends { readonly id: string }> {
  readonly one: Parameters<typeof missing>[0];
  readonly many: string;
  rows(context: CloudContext): readonly Row[];
  /** Whether somebody who is no administrator may see it. */
  visible(context: CloudContext, row: Row, caller: Caller): boolean;
  view(context: CloudContext, row: Row): View;
  gone(id: string | undefined): Error;
}

/** The two reading routes of a collection. */
export function reads<Row extends { readonly id: string }>(
  context: CloudContext,
  kind: Collection<Row>,
): readonly Route[] {
  const root = `/v2.0/${kind.many.replaceAll('_', '-')}`;
  return [
    ['GET', root, (ask) => list(context, kind, ask)],
    [
      'GET',
      `${root}/:id`,
      (ask, { id }) => {
        const row = find(context, kind, { ask, id });
        return json(200, { [kind.one]: trimmed(kind.view(context, row), ask) });
      },
    ],
  ];
}

interface Which {
  readonly ask: Ask;
  readonly id: string | undefined;
}

/** The row as far as the caller may see it; throws the 404 else. */
export function find<Row extends { readonly id: string }>(
  context: CloudContext,
  kind: Collection<Row>,
  { ask, id }: Which,
): Row {
  const caller = callerOf(context, ask);
  const row = kind.rows(context).find((one) => one.id === id);
  if (row !== undefined && (caller.admin || kind.visible(context, row, caller))) return row;
  throw kind.gone(id);
}

const reserved = new Set(['limit', 'marker', 'fields', 'sort_key', 'sort_dir', 'page_reverse']);

function list<Row extends { readonly id: string }>(
  context: CloudContext,
  kind: Collection<Row>,
  ask: Ask,
): HttpResponse {
  const caller = callerOf(context, ask);
  const seen = kind
    .rows(context)
    .filter((row) => caller.admin || kind.visible(context, row, caller))
    .map((row) => kind.view(context, row))
    .filter((view) => fits(view, ask.query));
  const { found, links } = paged(sorted(seen, ask.query), {
    query: ask.query,
    href: `${context.baseUrl()}/network${ask.path}`,
  });
  return json(200, {
    [kind.many]: found.map((view) => trimmed(view, ask)),
    ...(links.length === 0 ? {} : { [`${kind.many}_links`]: links }),
  });
}

/** Repeated values of one attribute are alternatives; different attributes all have to fit. */
function fits(view: View, query: URLSearchParams): boolean {
  const names = [...new Set(query.keys())].filter((name) => !reserved.has(name));
  return names.every((name) => {
    if (name === 'tags') return tagged(view).includesAll(query.get(name));
    if (name === 'tags-any') return tagged(view).includesAny(query.get(name));
    if (!(name in view)) return true;
    return query.getAll(name).some((wanted) => same(view[name], wanted));
  });
}

function tagged({ tags }: View) {
  const own = Array.isArray(tags) ? tags : [];
  const has = (tag: string) => own.includes(tag);
  return {
    includesAll: (wanted: string | null) => (wanted ?? '').split(',').every(has),
    includesAny: (wanted: string | null) => (wanted ?? '').split(',').some(has),
  };
}

/** A list fits when one entry does; `fixed_ips` is asked for as `ip_address=…` or `subnet_id=…`. */
function same(value: unknown, wanted: string): boolean {
  if (Array.isArray(value)) return value.some((one) => same(one, wanted));
  if (typeof value === 'object' && value !== null) {
    const [key = '', sought] = wanted.split('=');
    return Object.entries(value).some(([name, one]) => name === key && String(one) === sought);
  }
  return typeof value === 'boolean'
    ? String(value) === wanted.toLowerCase()
    : String(value ?? '') === wanted;
}

function sorted(views: readonly View[], query: URLSearchParams): readonly View[] {
  const keys = query.getAll('sort_key');
  const directions = query.getAll('sort_dir');
  const unknown = keys.find((key) => views[0] !== undefined && !(key in views[0]));
  if (unknown !== undefined) throw badRequest(`${unknown} is invalid attribute for sort_key`);
  return [...views].sort((a, b) => {
    for (const [place, key] of keys.entries()) {
      const order = String(a[key] ?? '').localeCompare(String(b[key] ?? ''));
      if (order !== 0) return directions[place] === 'desc' ? -order : order;
    }
    return 0;
  });
}

/** Neutron links to a next page whenever this one is full, even if nothing comes after it. */
function paged(
  views: readonly View[],
  { query, href }: { readonly query: URLSearchParams; readonly href: string },
) {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) {
    throw badRequest(`Limit must be an integer 0 or greater and not '${query.get('limit')}'`);
  }
  const backwards = query.get('page_reverse')?.toLowerCase() === 'true';
  const marker = query.get('marker');
  const place = views.findIndex(({ id }) => id === marker);
  if (marker !== null && place < 0) throw badRequest(`The marker ${marker} could not be found`);
  const rest = backwards ? views.slice(0, place < 0 ? undefined : place) : views.slice(place + 1);
  const found = limit === 0 ? rest : backwards ? rest.slice(-limit) : rest.slice(0, limit);
  if (limit === 0) return { found, links: [] };
  const link = (rel: 'next' | 'previous', id: string | undefined) => {
    const params = new URLSearchParams(query);
    params.delete('page_reverse');
    if (id !== undefined) params.set('marker', id);
    if (rel === 'previous') params.set('page_reverse', 'True');
    return { rel, href: `${href}?${params}` };
  };
  const full = found.length >= limit;
  const next = full || backwards ? [link('next', found.at(-1)?.id)] : [];
  const previous = full || !backwards ? [link('previous', found[0]?.id)] : [];
  return { found, links: [...next, ...previous] };
}

/** `fields` leaves only the named attributes. */
function trimmed(view: View, { query }: Ask): object {
  const fields = query.getAll('fields').flatMap((one) => one.split(','));
  if (fields.length === 0) return view;
  return Object.fromEntries(Object.entries(view).filter(([name]) => fields.includes(name)));
}
