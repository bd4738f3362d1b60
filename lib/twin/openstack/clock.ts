/** The cloud's own clock, which can be wrong: what it writes into answers, never what it waits by. */
import { iso } from '../../clock.ts';
import { type CloudContext, hasFault } from './state.ts';

const BEHIND_MS = 7 * 60_000;

/** An instant as this cloud would write it down. */
export const wallTime = (context: CloudContext, ms: number): string =>
  iso(hasFault(context, 'cloud-clock-wrong') ? ms - BEHIND_MS : ms);
