/**
 * The state tables are data: one file a kind of pair, one line a cell, so that what hardware shows
 * one day is corrected in one line. A cell that does not fit is named by file, line and column.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Source } from '../../yaml.ts';

/** Where a cell is known from; the words are explained at the head of each file. */
export const evidence = z.enum(['DOC', 'CCI', 'C28', 'ANS', 'HPXP', 'INF']);

/** The text of one of the tables beside this file. */
export function tableSource(name: string): Source {
  const file = `lib/twin/tables/${name}.yml`;
  const place = fileURLToPath(new URL(`./${name}.yml`, import.meta.url));
  return { file, text: readFileSync(place, 'utf8') };
}

/** What one line may say beyond `does` and where it is known from. */
type CellShape = Readonly<Record<string, z.ZodType>>;

/**
 * The shape of a table `{ <state>: { <operation>: <cell> } }`, for `parseYaml` with `tableSource`:
 * an unknown operation, outcome or word in a cell is refused with file, line and column.
 */
export function stateTable<
  const Operation extends string,
  const Does extends string,
  const Shape extends CellShape,
>(words: {
  readonly operations: readonly Operation[];
  readonly does: readonly Does[];
  readonly cell: Shape;
}) {
  const cell = z.strictObject({ does: z.enum(words.does), ...words.cell, by: evidence });
  return z.record(z.string(), z.partialRecord(z.enum(words.operations), cell));
}
