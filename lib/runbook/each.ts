/** The items of a `for-each`: a list, each with a key that stays the same when the list changes. */
import * as z from 'zod';
import { hashOf } from '../canonical.ts';

type Json = z.infer<ReturnType<typeof z.json>>;

export interface Item {
  readonly key: string;
  readonly item: Json;
}

const ITEMS_MAX = 10_000;
const KEY = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** The items, or what is wrong with the list. */
export function itemsIn(value: unknown): readonly Item[] | { readonly fault: string } {
  const list = z.array(z.json()).safeParse(value);
  if (!list.success) return { fault: `for-each takes a list, it is ${shown(value)}` };
  const { length } = list.data;
  if (length === 0) return { fault: 'for-each has no items; use if to leave the step out' };
  if (length > ITEMS_MAX) return { fault: `for-each takes ${ITEMS_MAX} items, it has ${length}` };
  const places = new Map<string, number>();
  for (const [i, item] of list.data.entries()) {
    const before = places.get(keyOf(item));
    if (before !== undefined) {
      return { fault: `items ${before + 1} and ${i + 1} of for-each have the key ${keyOf(item)}` };
    }
    places.set(keyOf(item), i);
  }
  return list.data.map((item) => ({ key: keyOf(item), item }));
}

/** Its id or name, or what it is itself, where that can stand in a call's id; else a hash. */
function keyOf(item: Json): string {
  const named = typeof item === 'object' && item !== null && !Array.isArray(item);
  const name = named ? (item['id'] ?? item['name']) : item;
  const text = typeof name === 'string' || typeof name === 'number' ? String(name) : '';
  return KEY.test(text) ? text : hashOf(name ?? item).slice(0, 12);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
