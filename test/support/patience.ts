/** People who wait for a run that may never come to rest, without looking every five seconds. */
import type { Head } from '../../lib/run/head.ts';
import type { Bank } from './bank.ts';

/** Whoever has waited this long for a step calls somebody (ms). */
const PATIENCE_MS = 90 * 60_000;
/** After so many looks at which no step got on, so much time passes between two (ms). */
const QUIET_LOOKS = 15;
const LONGER_MS = 45_000;

interface Waiting {
  /** Asked at every look. */
  readonly stop?: () => boolean;
  /** From the first long wait on each is twice the one before, up to this (ms). */
  readonly longest?: number;
}

/** Until it ended, paused, or waits for what does not come. */
export async function patiently(
  bank: Bank,
  run: string,
  { stop = () => false, longest = LONGER_MS }: Waiting = {},
): Promise<Head> {
  const late = bank.clock.now() + PATIENCE_MS;
  let seen = '';
  let looks = 0;
  return bank.drive(run, (head) => {
    const now = JSON.stringify([head.state, head.asks, head.steps, head.approval?.granted.length]);
    looks = now === seen ? looks + 1 : 0;
    seen = now;
    const times = looks - QUIET_LOOKS;
    if (times > 0 && head.asks.length === 0) {
      bank.clock.advance(Math.min(LONGER_MS * 2 ** (times - 1), longest));
    }
    return stop() || head.state === 'paused' || bank.clock.now() > late;
  });
}
