/** Keystone's refusals. A wrong login of any kind looks like every other. */
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { keystoneError, unauthorized } from '../wire.ts';

export const identityUrl = (context: CloudContext): string => `${context.baseUrl()}/identity/v3`;

export const denied = (context: CloudContext): Refusal =>
  new Refusal(unauthorized(identityUrl(context)));

export const malformed = (why: string): Refusal =>
  new Refusal(keystoneError(400, 'Bad Request', why));

export const notFound = (what: string, id: string | undefined): Refusal =>
  new Refusal(keystoneError(404, 'Not Found', `Could not find ${what}: ${id}.`));

export const forbidden = (rule: string): Refusal => {
  const message = `You are not authorized to perform the requested action: ${rule}.`;
  return new Refusal(keystoneError(403, 'Forbidden', message));
};

export const conflict = (message: string): Refusal =>
  new Refusal(keystoneError(409, 'Conflict', message));
