/** The state tables of ShadowImage and Thin Image, as the data files beside those of remote copy say. */
import * as z from 'zod';
import { parseYaml } from '../../../yaml.ts';
import { evidence, tableSource } from '../../tables/load.ts';

const access = z.enum(['rw', 'r', 'none']);
/** What hosts may do with the P-VOL and with the S-VOL. */
const hosts = z.tuple([access, access]);

const cell = <const Does extends string>(does: readonly Does[]) =>
  z.strictObject({ does: z.enum(does), by: evidence });

const siCell = cell(['act', 'act-quick', 'none', 'reject']);
const siRow = z.strictObject({
  shows: z.strictObject({ pvol: z.string(), svol: z.string(), hosts }),
  split: siCell,
  resync: siCell,
  restore: siCell,
  suspend: siCell,
  delete: siCell,
});

const tiCell = cell(['act', 'act-clone', 'none', 'reject']);
const tiRow = z.strictObject({
  shows: z.strictObject({ status: z.string(), hosts }),
  split: tiCell,
  resync: tiCell,
  restore: tiCell,
  clone: tiCell,
  assign: tiCell,
  unassign: tiCell,
  delete: tiCell,
});

const siSchema = z.strictObject({
  states: z.strictObject({
    COPY: siRow,
    PAIR: siRow,
    'COPY(SP)': siRow,
    'PSUS(SP)': siRow,
    PSUS: siRow,
    PSUE: siRow,
    RCPY: siRow,
  }),
});

const tiSchema = z.strictObject({
  states: z.strictObject({
    PAIR: tiRow,
    PSUP: tiRow,
    PSUS: tiRow,
    RCPY: tiRow,
    CPYP: tiRow,
    SMPP: tiRow,
  }),
});

export const siTable = parseYaml(tableSource('si'), siSchema).states;
export const tiTable = parseYaml(tableSource('ti'), tiSchema).states;

export type SiState = keyof typeof siTable;
export type SiOperation = Exclude<keyof z.infer<typeof siRow>, 'shows'>;
export type TiState = keyof typeof tiTable;
export type TiOperation = Exclude<keyof z.infer<typeof tiRow>, 'shows'>;
