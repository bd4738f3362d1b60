/**
 * What cannot be tried because the site lacks a service is said, with the reason, and never passed
 * over: a test by the name of what was not run stands where the test would have stood, and the line
 * goes to the file that DRILLBOOK_NOT_RUN names, for whoever started the run.
 */
import { appendFileSync } from 'node:fs';
import { isRig, type Service, servicesAtHand } from './site.ts';

export interface Needs {
  /** What a person reads: an action, or a service. */
  readonly what: string;
  readonly services: readonly Service[];
  /** Why a rig can never show it, whatever services it has. */
  readonly twinOnly?: string;
}

/** Runs the test, or lists it as not run. `limitMs` is jest's own unless given. */
export function listed(
  needs: Needs,
  name: string,
  { work, limitMs }: { readonly work: () => Promise<void>; readonly limitMs?: number },
): void {
  const why = obstacle(needs);
  if (why === undefined) {
    test(`${needs.what}: ${name}`, work, limitMs);
    return;
  }
  const line = `${needs.what}: ${name} (${why})`;
  test(`not run on the rig: ${line}`, () => {
    const file = process.env['DRILLBOOK_NOT_RUN'];
    if (file !== undefined) appendFileSync(file, `${line}\n`);
    expect(obstacle(needs)).toBe(why);
  });
}

function obstacle({ services, twinOnly }: Needs): string | undefined {
  if (isRig() && twinOnly !== undefined) return twinOnly;
  const there = servicesAtHand();
  const missing = services.filter((service) => !there.includes(service));
  return missing.length === 0 ? undefined : `the rig has no ${missing.join(', ')}`;
}
