/** The state tables of remote copy, read from their files. */
import * as z from 'zod';
import { parseYaml } from '../../../yaml.ts';
import { stateTable, tableSource } from '../../tables/load.ts';
import type { CopyType, Half } from './state.ts';

const operations = [
  'split',
  'swap-split',
  'takeover-auto',
  'resync',
  'swap-resync',
  'delete',
] as const;
export type Operation = (typeof operations)[number];

const does = [
  'reject',
  'none',
  'drain',
  'take',
  'halt',
  'local',
  'swap',
  'copy',
  'swap-copy',
  'delta',
  'delete',
] as const;

const half = z.enum(['SMPL', 'COPY', 'PAIR', 'PSUS', 'SSUS', 'PFUS', 'PSUE', 'SSWS']);
const cell = { p: half.optional(), s: half.optional(), notCurrent: z.boolean().optional() };

export interface Rule {
  readonly does: (typeof does)[number];
  readonly p?: Half | undefined;
  readonly s?: Half | undefined;
  readonly notCurrent?: boolean | undefined;
}

const states = stateTable({ operations, does, cell });
const mode = z.enum(['L/M', 'L/L', 'B/B']);
const both = z.strictObject({ p: mode, s: mode });

const gad = parseYaml(
  tableSource('gad'),
  z.strictObject({
    states,
    modes: z.strictObject({
      mirroring: both,
      mirrored: both,
      'only-p': both,
      'only-s': both,
      blocked: both,
    }),
  }),
);
/** How hosts reach the two volumes of a GAD pair. */
export const { modes } = gad;

/** Rules by type, state (`P/S`, with PFUL and `unknown`) and operation. */
export const rules: Readonly<
  Record<CopyType, Readonly<Record<string, Readonly<Partial<Record<Operation, Rule>>>>>>
> = {
  UR: parseYaml(tableSource('ur'), z.strictObject({ states })).states,
  TC: parseYaml(tableSource('tc'), z.strictObject({ states })).states,
  GAD: gad.states,
};

const statusOf = z.strictObject({ p: z.string(), s: z.string() });
/** What journals report, and their limits. */
export const journalRules = parseYaml(
  tableSource('journal'),
  z.strictObject({
    statuses: z.strictObject({
      normal: statusOf,
      high: statusOf,
      suspended: statusOf,
      full: statusOf,
      failed: statusOf,
      delta: statusOf,
      'delta-failed': statusOf,
      none: statusOf,
    }),
    limits: z.strictObject({
      highWaterPercent: z.int().min(1).max(100),
      deltaPercent: z.int().min(1).max(100),
      overflowWatchSeconds: z.int().min(0).max(600),
      pathBlockadeMinutes: z.int().min(0).max(60),
    }),
  }),
);
export type JournalPhase = keyof typeof journalRules.statuses;
