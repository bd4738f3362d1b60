/** Whether somebody may give an order at all, by role and by what is known of the account. */
import type { Standing } from '../../approval/directory.ts';
import type { Refusal } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { type RunCode, RunError } from '../errors.ts';

const WHAT = 'The order does not count.';

/** Who may ask for a run. */
export async function requesterBar(
  engine: Engine,
  standing: Standing,
): Promise<Refusal | undefined> {
  const { requesterRoles } = (await engine.config()).policy;
  return barred(standing, requesterRoles);
}

/** Who may order what changes the course of a run. */
export async function operatorBar(
  engine: Engine,
  standing: Standing,
): Promise<Refusal | undefined> {
  const { operatorRoles } = (await engine.config()).policy;
  return barred(standing, operatorRoles);
}

/** Holds one of the roles, with an account beyond doubt. */
export function barred(standing: Standing, allowed: readonly string[]): Refusal | undefined {
  const doubt = doubtful(standing);
  if (doubt !== undefined) return doubt;
  if (rolesOf(standing).some((role) => allowed.includes(role))) return undefined;
  return refuse('RUN-ROLE', WHAT, `One of the roles ${allowed.join(', ')} is needed.`);
}

/** Guests, strangers, shared channels, and everybody while the directory cannot be asked. */
export function doubtful(standing: Standing): Refusal | undefined {
  const why = doubtOf(standing);
  return why === undefined ? undefined : refuse('RUN-ROLE', WHAT, why);
}

export const rolesOf = (standing: Standing): readonly string[] =>
  standing.state === 'known' ? standing.roles : [];

function doubtOf(standing: Standing): string | undefined {
  switch (standing.state) {
    case 'unknown':
      return 'The account belongs to nobody who is enrolled.';
    case 'unreachable':
      return `The directory did not answer: ${standing.why}`;
    case 'known':
      if (standing.sharedChannel) return 'The channel is shared with another organisation.';
      if (standing.flags.length > 0) return `The account is marked ${standing.flags.join(', ')}.`;
      return undefined;
  }
}

export const refuse = (code: RunCode, what: string, why: string): Refusal =>
  new RunError(code, what, why).toRefusal();
