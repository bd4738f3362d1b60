/** Which tokens are good, and for whom: what Keystone and the services in front of it ask. */
import type { HttpRequest } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { denied } from './refusals.ts';
import type { Token } from './state.ts';

/** `token_cache_time`: a service asks Keystone about a token this seldom (ms). */
const TOKEN_CACHE_MS = 300_000;

type Headers = HttpRequest['headers'];

/** A token as Keystone knows it: gone the moment it is revoked. */
export function liveToken({ state }: CloudContext, id: string | undefined): Token | undefined {
  return state.identity.tokens.find((token) => token.id === id && token.revokedAt === null);
}

/** The caller of Keystone itself, scoped or not; throws the 401. */
export function callerToken(context: CloudContext, headers: Headers): Token {
  const token = liveToken(context, headers['x-auth-token']);
  if (token === undefined) throw denied(context);
  return token;
}

/**
 * The token of a request to a service, if that service takes it. It goes on taking a revoked one
 * until it asks Keystone again.
 */
export function tokenFor(
  { state, clock }: CloudContext,
  headers: Headers,
  root: string,
): Token | undefined {
  const token = state.identity.tokens.find(({ id }) => id === headers['x-auth-token']);
  if (token === undefined || token.projectId === null) return undefined;
  const now = clock.now();
  const cached = now - (token.askedAt[root] ?? Number.NEGATIVE_INFINITY) < TOKEN_CACHE_MS;
  if (cached) return token;
  if (token.revokedAt !== null) return undefined;
  token.askedAt[root] = now;
  return token;
}
