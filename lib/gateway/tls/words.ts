/** What TLS says in codes, in words that name what to mend. The same on both sides of a connection. */

import { canonical } from '../../canonical.ts';
import type { HttpResponse, TlsPeer } from '../../http.ts';
import { GatewayError } from '../errors.ts';

const STRANGE = 'it is not signed by the authority that is trusted here';
const problems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has run out',
  CERT_NOT_YET_VALID: 'its time has not begun',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host than the one that was called',
  DEPTH_ZERO_SELF_SIGNED_CERT: STRANGE,
  SELF_SIGNED_CERT_IN_CHAIN: STRANGE,
  UNABLE_TO_GET_ISSUER_CERT: STRANGE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: STRANGE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: STRANGE,
  CERT_SIGNATURE_FAILURE: STRANGE,
  INVALID_PURPOSE: 'it is not for this use (server or client)',
};

/** Why a server's certificate was not believed, or the error's own words. */
export function whyOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const problem = problems[code];
  if (problem === undefined) return message;
  return `GW-TLS: its certificate is not believed: ${problem}.`;
}

/** The answer to a client who is not let in; undefined for one whose name is expected. */
export function refusalOf(
  { name, problem }: TlsPeer,
  expected: ReadonlySet<string>,
): HttpResponse | undefined {
  const why = clientProblem({ name, problem }, expected);
  if (why === undefined) return undefined;
  const refusal = new GatewayError('GW-TLS-CLIENT', `Your certificate is not taken: ${why}.`);
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: canonical(refusal.toRefusal()),
  };
}

function clientProblem({ name, problem }: TlsPeer, expected: ReadonlySet<string>) {
  if (problem !== undefined) {
    return name === '' ? 'there is none' : `${name}: ${problems[problem] ?? problem}`;
  }
  return expected.has(name) ? undefined : `nobody called ${name} is expected here`;
}

/** The words of an unsigned refusal at the TLS door: only for a person to read, never believed. */
export function doorWords({ status, body }: HttpResponse): string | undefined {
  if (status !== 403) return undefined;
  const words = /^\{"code":"GW-TLS-CLIENT",.*"what":"([^"\\]{1,300})"/.exec(body)?.[1];
  return words === undefined ? undefined : `GW-TLS-CLIENT: ${words}`;
}
