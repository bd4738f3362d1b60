/** Calls that nothing brings back to what was: a table of what they do. */
import type { PlanCall } from './plan.ts';

interface Row {
  readonly why: string;
  readonly is: (call: Irreversible) => boolean;
}
type Irreversible = Pick<PlanCall, 'class' | 'method' | 'path' | 'target' | 'holes'>;

const onArray = ({ target }: Irreversible): boolean => target.startsWith('array:');

const rows: readonly Row[] = [
  {
    why: 'a takeover decides which copy of the data goes on',
    is: (call) => call.class === 'takeover',
  },
  {
    why: 'a restore overwrites what is there',
    is: (call) => onArray(call) && /\/actions\/restore\/invoke$/.test(call.path),
  },
  {
    why: 'a resynchronisation overwrites what the copy holds',
    is: (call) => onArray(call) && /\/actions\/resync\/invoke$/.test(call.path),
  },
  {
    why: 'an initial copy overwrites the side it goes to',
    is: (call) => onArray(call) && call.method === 'POST' && /-copypairs$/.test(call.path),
  },
  {
    why: 'what is deleted by its id is gone',
    is: (call) => call.method === 'DELETE' && call.holes.length === 0,
  },
];

/** Why a call cannot be taken back; undefined when it can. */
export const irreversible = (call: Irreversible): string | undefined =>
  rows.find((row) => row.is(call))?.why;
