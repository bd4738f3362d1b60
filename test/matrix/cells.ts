/** What is expected of each runbook under each fault, as it stands in the files beside this one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type FaultName, type FaultTarget, faultTable } from '../../lib/twin/faults/table.ts';
import { parseYaml } from '../../lib/yaml.ts';

const FOLDER = 'test/matrix/cells';

const names = faultTable.map(({ name }) => name);
const targets = faultTable.map(({ target }) => target);

/** Where and when a fault strikes. */
const strikeSchema = z.strictObject({
  /**
   * `before` everything, the prelude as well; at the `start` of the run; or with the first such line
   * of its journal: `<type> <step>`.
   */
  at: z
    .string()
    .regex(/^(before|start|[a-z.]+( [\w-]+)?)$/)
    .optional(),
  site: z.enum(['main', 'dr']).optional(),
  door: z.enum(['array', 'cloud']).optional(),
});

/** What people do once it stands still; the fault is gone by then, if it can go. */
const mends = ['retry', 'undo', 'abort', 'again'] as const;

const cellSchema = strikeSchema.extend({
  /** `passed`, `paused <step> <code>`, `waits <step>`, or another result with its code. */
  verdict: z.string().min(4),
  /** How it ends after the mending; left out = it had passed. */
  end: z.string().optional(),
  mend: z.enum(mends).default('retry'),
  /** What struck cannot be taken back, or not without harm. */
  lasts: z.literal(true).optional(),
  /** Harm that the fault itself does, and no run of ours: words of what is found. */
  harm: z.array(z.string()).default([]),
  /** Why this is right. */
  why: z.string().min(10),
});

const fileSchema = z.strictObject({
  /** Where and when, by what is struck, unless the cell says otherwise. */
  usual: z.partialRecord(z.enum(targets), strikeSchema),
  cells: z.partialRecord(z.enum(names), cellSchema),
});

export interface Cell extends z.infer<typeof cellSchema> {
  readonly runbook: string;
  readonly fault: FaultName;
  readonly at: string;
}

/** Those of one runbook, or all; in the order of the table of faults. */
export function cellsOf(runbook?: string): Cell[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yml'));
  const wanted = files.map((name) => name.replace('.yml', ''));
  return wanted.filter((name) => runbook === undefined || name === runbook).flatMap(readCells);
}

function readCells(runbook: string): Cell[] {
  const file = join(FOLDER, `${runbook}.yml`);
  const { usual, cells } = parseYaml({ file, text: readFileSync(file, 'utf8') }, fileSchema);
  return faultTable.flatMap(({ name, target }): Cell[] => {
    const cell = cells[name];
    return cell === undefined
      ? []
      : [
          {
            ...usual[target],
            ...cell,
            at: cell.at ?? usual[target]?.at ?? 'start',
            runbook,
            fault: name,
          },
        ];
  });
}

export const targetOf = (fault: FaultName): FaultTarget =>
  faultTable.find(({ name }) => name === fault)?.target ?? 'service';
