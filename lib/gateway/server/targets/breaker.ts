/**
 * A circuit breaker, pure. A target that gave no answer several times in a row is left alone for a
 * while; then one read is let through, and what becomes of it decides.
 *
 *             3 silences              10 s later, by a read
 *   closed ───────────────▶ open ───────────────────────────▶ half-open
 *      ▲                      ▲                                │      │
 *      │                      └───────── silence ──────────────┘      │
 *      └──────────────────────────────── answer ──────────────────────┘
 *
 * A change is never the probe: it passes only while the breaker is closed. Any answer is an answer,
 * also a refusal: who says no is there.
 */
export type Breaker =
  | { readonly state: 'closed'; readonly silences: number }
  | { readonly state: 'open'; readonly until: number }
  | { readonly state: 'half-open' };

export const CLOSED: Breaker = { state: 'closed', silences: 0 };
const SILENCES = 3;
const REST_MS = 10_000;

/** The breaker as it is once this read may go, or undefined when it may not. */
export function admitRead(breaker: Breaker, now: number): Breaker | undefined {
  if (breaker.state === 'closed') return breaker;
  return breaker.state === 'open' && now >= breaker.until ? { state: 'half-open' } : undefined;
}

/** Whether a change may begin; its first read is then the probe of an open breaker that has rested. */
export const admitsChange = (breaker: Breaker, now: number): boolean =>
  admitRead(breaker, now) !== undefined;

export const answered = (): Breaker => CLOSED;

export function silent(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'open') return breaker;
  const silences = breaker.state === 'closed' ? breaker.silences + 1 : SILENCES;
  return silences >= SILENCES
    ? { state: 'open', until: now + REST_MS }
    : { state: 'closed', silences };
}
