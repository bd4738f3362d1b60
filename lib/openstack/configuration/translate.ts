/** Main's names, addresses and values as they are meant to be at DR. */
import type { ConfigurationKind, Mapping } from '../../mapping.ts';
import type { Json } from './difference.ts';

export interface Translation {
  name(kind: ConfigurationKind, name: string): string;
  address(text: string): string;
  /** Every value below a field. */
  fields<T extends Json>(kind: ConfigurationKind, value: T): T;
}

/** DR is compared as it is. */
export const asItIs: Translation = {
  name: (_kind, name) => name,
  address: (text) => text,
  fields: (_kind, value) => value,
};

export function translation({ names, cidrs, values }: Mapping): Translation {
  const prefixes = Object.entries(cidrs).map(([from, to]) => ({
    from: prefixOf(from),
    to: prefixOf(to),
  }));
  return {
    name: (kind, name) => own(names[kind], name) ?? name,
    address: (text) => moved(text, prefixes),
    fields: (kind, value) => {
      const tables = values[kind];
      return tables === undefined ? value : (replaced(value, '', tables) as typeof value);
    },
  };
}

/** The table may hold any name, also one that every object has. */
const own = <T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;

/** Entries of a list go by the field of the list. */
function replaced(
  value: Json,
  path: string,
  tables: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Json {
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, path, tables));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        replaced(inner, path === '' ? name : `${path}.${name}`, tables),
      ]),
    );
  }
  const found = own(own(tables, path), String(value));
  if (found === undefined) return value;
  return typeof value === 'number' ? Number(found) : found;
}

interface Prefix {
  readonly bits: number;
  readonly length: number;
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

function prefixOf(text: string): Prefix {
  const [, a, b, c, d, length = '32'] = ADDRESS.exec(text) ?? [];
  const bits = [a, b, c, d].reduce((sum, part) => sum * 256 + Number(part), 0);
  return { bits, length: Number(length) };
}

/** An address, with or without a length, keeps its place inside the prefix it lies in. */
function moved(text: string, prefixes: readonly { from: Prefix; to: Prefix }[]): string {
  if (!ADDRESS.test(text)) return text;
  const { bits, length } = prefixOf(text);
  const found = prefixes.find(({ from }) => {
    const size = 2 ** (32 - from.length);
    return length >= from.length && Math.floor(bits / size) === Math.floor(from.bits / size);
  });
  if (found === undefined) return text;
  const size = 2 ** (32 - found.from.length);
  const there = Math.floor(found.to.bits / size) * size + (bits % size);
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(there / 2 ** shift) % 256).join('.');
  return text.includes('/') ? `${dotted}/${length}` : dotted;
}
