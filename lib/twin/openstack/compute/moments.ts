/** How Nova writes times: with a zone to the second, or without one to the microsecond. */
import { iso } from '../../../clock.ts';

export const times = {
  second: (ms: number): string => iso(ms).replace(/\.\d+Z$/, 'Z'),
  micro: (ms: number): string => iso(ms).replace(/\.\d+Z$/, '.000000'),
} as const;
