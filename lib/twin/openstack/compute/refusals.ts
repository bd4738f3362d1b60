/** Nova's refusals: one envelope, and the sentences its clients look for. */
import type * as z from 'zod';
import { callerOf } from '../caller.ts';
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, fault } from '../wire.ts';

export const refuse = (status: number, message: string): Refusal =>
  new Refusal(fault(status, message));

export const noServer = (id: string | undefined): Refusal =>
  refuse(404, `Instance ${id} could not be found.`);

export const badDisks = (why: string): Refusal =>
  refuse(400, `Block Device Mapping is Invalid: ${why}`);

/** The 409 of a server that is doing something else. */
export function wrongState(
  action: string,
  { id, attr, state }: { readonly id: string; readonly attr: string; readonly state: string },
): Refusal {
  return refuse(409, `Cannot '${action}' instance ${id} while it is in ${attr} ${state}`);
}

export function onlyAdmin(context: CloudContext, ask: Ask, rule: string): void {
  if (callerOf(context, ask).admin) return;
  throw refuse(403, `Policy doesn't allow ${rule} to be performed.`);
}

/** Reads a body as Nova's schemas do; throws the 400 that names the field. */
export function readNova<T>(ask: Ask, schema: z.ZodType<T>): T {
  let body: unknown;
  try {
    body = JSON.parse(ask.body);
  } catch {
    throw refuse(400, 'Malformed request body');
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw refuse(400, 'Malformed request body');
  throw invalid(issue.path.join('/'), wordsFor(issue));
}

export function invalid(field: string, why: string): Refusal {
  const where = field === '' ? '' : `Invalid input for field/attribute ${field}. `;
  return refuse(400, `${where}${why}`);
}

export const unexpected = (names: readonly string[]): string => {
  const list = names.map((name) => `'${name}'`).join(', ');
  return `Additional properties are not allowed (${list} ${names.length > 1 ? 'were' : 'was'} unexpected)`;
};

function wordsFor(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return unexpected(issue.keys);
  return issue.message;
}

/** Keys of a body that this microversion does not know yet (or any more): refused as unknown. */
export function refuseUnknown(
  minor: number,
  given: object,
  known: Readonly<Record<string, readonly [since: number, until?: number]>>,
): void {
  const names = Object.entries(given).flatMap(([name, value]) => {
    const [since = 1, until = Number.POSITIVE_INFINITY] = known[name] ?? [];
    return value === undefined || (minor >= since && minor <= until) ? [] : [name];
  });
  if (names.length > 0) throw invalid('server', unexpected(names));
}
