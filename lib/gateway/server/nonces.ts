/** Which messages were here: each is remembered as long as it could be accepted again. */
import type { Clock } from '../../clock.ts';
import { GatewayError } from '../errors.ts';

/** A message may be this much older or newer than the gateway's clock (ms). */
export const WINDOW_MS = 300_000;
/** At 100 bytes each no more than 10 MB. */
const NONCES_MAX = 100_000;

export interface Nonces {
  /** Throws GW-REPLAY for one that was or may have been here, and GW-BUSY when no more can be remembered. */
  first(message: string, createdMs: number): void;
}

export function openNonces(clock: Clock, max = NONCES_MAX): Nonces {
  /** Oldest arrival first, with the time at which each was signed. */
  const seen = new Map<string, number>();
  /** When the newest of the forgotten was signed: a clock may leap ahead and come back. */
  let forgotten = 0;
  return {
    first: (message, createdMs) => {
      if (seen.has(message) || createdMs <= forgotten)
        throw new GatewayError('GW-REPLAY', 'The message was here before.');
      for (const [old, at] of seen) {
        if (at >= clock.now() - WINDOW_MS - 1000) break;
        seen.delete(old);
        forgotten = Math.max(forgotten, at);
      }
      // Forgetting one would let it in again; a flood is turned away instead.
      if (seen.size >= max) {
        throw new GatewayError('GW-BUSY', `${seen.size} messages came within ten minutes.`);
      }
      seen.set(message, createdMs);
    },
  };
}
