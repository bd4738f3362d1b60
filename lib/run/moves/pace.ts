/** What a move says about when to look again. */
export type Pace =
  | { readonly next: 'again' }
  /** Nothing to do for `ms` of the run's clock unless somebody acts. */
  | { readonly next: 'wait'; readonly ms: number }
  | { readonly next: 'end' };

/** How long a plan is tried for while a gateway does not answer, from the opening on. */
export const RESOLVE_LIMIT_MS = 120_000;

/** The one to obey of several: progress first, then the shortest wait. */
export function sooner(paces: readonly Pace[]): Pace {
  if (paces.some((pace) => pace.next === 'again')) return { next: 'again' };
  const waits = paces.flatMap((pace) => (pace.next === 'wait' ? [pace.ms] : []));
  return waits.length === 0 ? { next: 'end' } : { next: 'wait', ms: Math.min(...waits) };
}
