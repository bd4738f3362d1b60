/** How much a gateway takes: of one message, of one client, of everybody. */
import type { DoorLimits, HttpRequest } from '../../http.ts';
import { GatewayError } from '../errors.ts';

const MIB = 1024 * 1024;

/** A registration brings a whole plan, the journal brings texts; everything else is small. */
const bodyLimits: readonly (readonly [RegExp, number])[] = [
  [/^\/v1\/plans$/, 32 * MIB],
  [/^\/v1\/journal$/, 8 * MIB],
];
const SMALL = MIB;

/** Bytes that this request may bring. */
export function bodyLimit({ url }: Pick<HttpRequest, 'url'>): number {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  return bodyLimits.find(([form]) => form.test(path))?.[1] ?? SMALL;
}

/** Throws GW-TOO-LARGE; also for a message that did not come over a socket. */
export function assertSize(request: HttpRequest): void {
  const limit = bodyLimit(request);
  const size = request.body === undefined ? 0 : Buffer.byteLength(request.body);
  if (request.oversize !== true && size <= limit) return;
  throw new GatewayError('GW-TOO-LARGE', 'The message is too large.', {
    why: `This door takes ${limit} bytes.`,
  });
}

/** Two control planes and a peer need a handful of connections; a client that drips gets none. */
export const doorLimits: DoorLimits = {
  headersMs: 10_000,
  requestMs: 60_000,
  connections: 256,
  perClient: 64,
};
