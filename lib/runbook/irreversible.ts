/** Calls that nothing brings back to what was: a table of what they do. */
import { canonical } from '../canonical.ts';
import { swapBody } from '../vsp/paths.ts';
import type { PlanCall } from './plan.ts';

interface Row {
  readonly why: string;
  readonly is: (call: Irreversible) => boolean;
}
type Irreversible = Pick<PlanCall, 'class' | 'method' | 'path' | 'target' | 'holes' | 'body'>;

const onArray = ({ target }: Irreversible): boolean => target.startsWith('array:');

/** Exchanges the roles of two sides that both answer: the same call at the other side takes it back. */
const isSwap = ({ path, body }: Irreversible): boolean =>
  /\/actions\/takeover\/invoke$/.test(path) && canonical(body ?? null) === canonical(swapBody);

/** An LU path stands whole in its address: it can be made again as it was. */
const isPath = (call: Irreversible): boolean => onArray(call) && /\/luns\/[^/]+$/.test(call.path);

/** Nothing of the plan made it, and nothing makes it again: who goes back does not find it. */
export function deletesForGood(call: Irreversible): boolean {
  return call.method === 'DELETE' && call.holes.length === 0 && !isPath(call);
}

const rows: readonly Row[] = [
  {
    why: 'a takeover decides which copy of the data goes on',
    is: (call) => call.class === 'takeover' && !isSwap(call),
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
  { why: 'what is deleted by its id is gone', is: deletesForGood },
];

/** Why a call cannot be taken back; undefined when it can. */
export const irreversible = (call: Irreversible): string | undefined =>
  rows.find((row) => row.is(call))?.why;
