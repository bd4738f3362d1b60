/**
 * Versions of the protocol. A gateway serves its own and the one before, so that gateways are
 * brought up to date first and the control plane after them; each request says which one it speaks.
 */
import type { HttpRequest } from '../http.ts';
import { GatewayError } from './errors.ts';

/** Header of a request; covered by its signature. Absent means 1, which knew no such header. */
export const PROTOCOL = 'drillbook-protocol';
/** What this program speaks. */
export const VERSION = 2;
export const SERVED = [1, VERSION] as const;
type Version = (typeof SERVED)[number];

/** Fields of an answer, by name; those below `true` are whatever they are. */
interface Shape {
  readonly [field: string]: true | Shape;
}

const fields = (...names: readonly string[]): Shape =>
  Object.fromEntries(names.map((name) => [name, true]));

const record = fields(
  ...['key', 'planHash', 'callId', 'attempt', 'epoch', 'state', 'acceptedAt', 'answeredAt'],
);

/** All that a control plane of version 1 understands; a field more and it believes nothing. */
const doorsOf1: readonly (readonly [RegExp, Shape | undefined])[] = [
  [/^POST \/v1\/plans$/, fields('planHash', 'class')],
  [/^POST \/v1\/approvals$/, fields('covered')],
  [/^POST \/v1\/asks$/, { ...fields('state', 'receipt', 'counter'), record }],
  [/^PUT \/v1\/calls\//, record],
  // A receipt is signed as a whole.
  [/^POST \/v1\/reads$/, undefined],
  [
    /^GET \/v1\/health$/,
    fields(
      ...['site', 'version', 'incarnation', 'counter', 'nowMs', 'keyId', 'drillable', 'targets'],
    ),
  ],
  [/^GET \/v1\/clock$/, fields('nowMs')],
];

/**
 * How to answer this request: what a door answers goes through it. Throws before any door has heard
 * of it: GW-PROTOCOL for a version that is not served here, GW-DOOR for a door its version had not.
 */
export function answersIn(request: HttpRequest): (answer: unknown) => unknown {
  if (versionOf(request) !== 1) return (answer) => answer;
  const name = `${request.method} ${new URL(request.url).pathname}`;
  const door = doorsOf1.find(([path]) => path.test(name));
  if (door === undefined) throw new GatewayError('GW-DOOR', `There is no ${name} in version 1.`);
  const [, shape] = door;
  return (answer) => (shape === undefined ? answer : cut(answer, shape));
}

function versionOf({ headers }: HttpRequest): Version {
  const said = headers[PROTOCOL] ?? '1';
  const version = SERVED.find((one) => String(one) === said);
  if (version !== undefined) return version;
  const served = SERVED.join(' and ');
  throw new GatewayError('GW-PROTOCOL', `You speak version ${said}, this gateway ${served}.`);
}

function cut(value: unknown, shape: Shape): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const wanted = shape[name];
    if (wanted === undefined) return [];
    return [[name, wanted === true ? inner : cut(inner, wanted)]];
  });
  return Object.fromEntries(kept);
}
