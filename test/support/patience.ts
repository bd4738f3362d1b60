/** People who wait for a run that may never come to rest, without looking every five seconds. */
import type { Head } from '../../lib/run/head.ts';
import type { Bank } from './bank.ts';

/** Whoever has waited this long for a step calls somebody (ms). */
const PATIENCE_MS = 90 * 60_000;
/** After so many looks at which no step got on, so much time passes between two (ms). */
const QUIET_LOOKS = 15;
const LONGER_MS = 45_000;

/** Until it ended, paused, or waits for what does not come; `stop` is asked at every look. */
export async function patiently(
  bank: Bank,
  run: string,
  stop: () => boolean = () => false,
): Promise<Head> {
  const late = bank.clock.now() + PATIENCE_MS;
  let seen = '';
  let looks = 0;
  return bank.drive(run, (head) => {
    const now = JSON.stringify([head.state, head.asks, head.steps, head.approval?.granted.length]);
    looks = now === seen ? looks + 1 : 0;
    seen = now;
    if (looks > QUIET_LOOKS && head.asks.length === 0) bank.clock.advance(LONGER_MS);
    return stop() || head.state === 'paused' || bank.clock.now() > late;
  });
}
