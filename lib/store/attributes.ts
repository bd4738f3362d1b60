/** DynamoDB's way of writing an item, as much of it as the table holds: text, numbers, truth. */
import * as z from 'zod';

const value = z.union([
  z.strictObject({ S: z.string() }),
  z.strictObject({ N: z.string() }),
  z.strictObject({ BOOL: z.boolean() }),
]);
export const record = z.record(z.string(), value);
type Written = z.infer<typeof record>;

export function attributes(item: Readonly<Record<string, string | number | boolean>>): Written {
  return Object.fromEntries(Object.entries(item).map(([name, it]) => [name, written(it)]));
}

export function plain(item: Written): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(item).map(([name, it]) => [name, read(it)]));
}

function written(it: string | number | boolean): Written[string] {
  if (typeof it === 'string') return { S: it };
  return typeof it === 'number' ? { N: String(it) } : { BOOL: it };
}

function read(it: Written[string]): string | number | boolean {
  if ('S' in it) return it.S;
  return 'N' in it ? Number(it.N) : it.BOOL;
}
