/** Cinder's refusals, in its own words. */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, fault, json } from '../wire.ts';

export const bad = (message: string): Refusal => new Refusal(fault(400, message));
export const invalidInput = (why: string): Refusal => bad(`Invalid input received: ${why}`);
export const invalidVolume = (why: string): Refusal => bad(`Invalid volume: ${why}`);
export const invalidSnapshot = (why: string): Refusal => bad(`Invalid snapshot: ${why}`);
export const invalidBackup = (why: string): Refusal => bad(`Invalid backup: ${why}`);

/** A volume in maintenance is changed by nobody but an operator's reset. */
export function refuseInMaintenance({ status }: { readonly status: string }, why: string): void {
  if (status === 'maintenance') throw invalidVolume(why);
}

export const notFound = (what: string, id: string | undefined): Refusal =>
  new Refusal(fault(404, `${what} ${id} could not be found.`));

export const serviceNotFound = (binary: string, host: string): Refusal =>
  new Refusal(fault(404, `Service ${binary} could not be found on host ${host}.`));

export const frozen = (): Refusal =>
  invalidInput('Modification operations are not allowed on frozen storage backends.');

export const unavailable = (message: string): Refusal => new Refusal(fault(503, message));

/** No quota left: the one 413, with the time after which to try again. */
export function overLimit(message: string): Refusal {
  const body = { overLimit: { code: 413, message, retryAfter: '0' } };
  return new Refusal(json(413, body, { 'retry-after': '0' }));
}

/** Throws the 403 unless an administrator asks. */
export function onlyAdmin(context: CloudContext, ask: Ask, rule: string): void {
  if (callerOf(context, ask).admin) return;
  throw new Refusal(fault(403, `Policy doesn't allow ${rule} to be performed.`));
}

/** The paste framework's own 404: of a path, or of a path this microversion does not know. */
export function unknownPath(): HttpResponse {
  const message = 'The resource could not be found.<br /><br />\n\n\n';
  return json(404, { message, code: '404 Not Found', title: 'Not Found' });
}
