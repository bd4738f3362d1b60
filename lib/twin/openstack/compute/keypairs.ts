/** Key pairs of the caller. Keys that the real Nova would generate are placeholders here. */
import * as z from 'zod';
import { sha256 } from '../../../canonical.ts';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { times } from './moments.ts';
import { invalid, onlyAdmin, readNova, refuse, refuseUnknown } from './refusals.ts';
import type { Keypair } from './state.ts';

const createSchema = z.strictObject({
  keypair: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[\w @.-]+$/, 'only letters, digits and - _ . @'),
    type: z.enum(['ssh', 'x509']).optional(),
    public_key: z.string().optional(),
    user_id: z.string().optional(),
  }),
});
const keys = { type: [2], user_id: [10] } as const;
const SINCE = { type: 2, created: 2, importOnly: 92 } as const;
const MOST = 100;

export function keypairRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/os-keypairs', (ask) => list(context, ask)],
    ['POST', '/os-keypairs', (ask) => create(context, ask)],
    ['GET', '/os-keypairs/:name', (ask, { name }) => show(context, ask, name)],
    ['DELETE', '/os-keypairs/:name', (ask, { name }) => remove(context, ask, name)],
  ];
}

/** The caller, or whom an administrator names. */
function userOf(context: CloudContext, ask: Ask, wanted?: string | null): string {
  const { userId } = callerOf(context, ask);
  const asked = wanted ?? ask.query.get('user_id') ?? userId;
  if (asked !== userId) onlyAdmin(context, ask, 'os_compute_api:os-keypairs');
  return asked;
}

const summary = (pair: Keypair, minor: number) => ({
  name: pair.name,
  public_key: pair.publicKey,
  fingerprint: pair.fingerprint,
  ...(minor >= SINCE.type ? { type: pair.type } : {}),
});

function list(context: CloudContext, ask: Ask): HttpResponse {
  const userId = userOf(context, ask);
  const own = context.state.compute.keypairs.filter((one) => one.userId === userId);
  return json(200, { keypairs: own.map((pair) => ({ keypair: summary(pair, ask.minor) })) });
}

function find(context: CloudContext, ask: Ask, name: string | undefined): Keypair {
  const userId = userOf(context, ask);
  const pair = context.state.compute.keypairs.find(
    (one) => one.userId === userId && one.name === name,
  );
  if (pair === undefined) throw refuse(404, `Keypair ${name} not found for user ${userId}`);
  return pair;
}

function show(context: CloudContext, ask: Ask, name: string | undefined): HttpResponse {
  const pair = find(context, ask, name);
  const more = {
    id: context.state.compute.keypairs.indexOf(pair) + 1,
    user_id: pair.userId,
    created_at: times.micro(pair.createdAt),
    updated_at: null,
    deleted: false,
    deleted_at: null,
  };
  return json(200, { keypair: { ...summary(pair, ask.minor), ...more } });
}

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readNova(ask, createSchema).keypair;
  refuseUnknown(ask.minor, wish, keys);
  if (wish.public_key === undefined && ask.minor >= SINCE.importOnly) {
    throw invalid('keypair', "'public_key' is a required property");
  }
  const userId = userOf(context, ask, wish.user_id);
  const { keypairs } = context.state.compute;
  const own = keypairs.filter((one) => one.userId === userId);
  if (own.some(({ name }) => name === wish.name)) {
    throw refuse(409, `Key pair '${wish.name}' already exists.`);
  }
  if (own.length >= MOST) throw refuse(403, 'Quota exceeded, too many key pairs.');
  if (
    wish.public_key !== undefined &&
    !/^(ssh|ecdsa|sk)-\S+ \S+|^-----BEGIN/.test(wish.public_key)
  ) {
    throw refuse(400, 'Keypair data is invalid: failed to generate fingerprint');
  }
  const made = wish.public_key ?? `ssh-rsa ${context.random(16)} Generated-by-Nova`;
  const pair: Keypair = {
    name: wish.name,
    type: wish.type ?? 'ssh',
    publicKey: made,
    fingerprint: sha256(made).slice(0, 32).match(/../g)?.join(':') ?? '',
    userId,
    createdAt: context.clock.now(),
  };
  keypairs.push(pair);
  const secret = wish.public_key === undefined ? { private_key: 'simulated: no key' } : {};
  const answer = { ...summary(pair, ask.minor), user_id: userId, ...secret };
  return json(ask.minor >= SINCE.created ? 201 : 200, { keypair: answer });
}

function remove(context: CloudContext, ask: Ask, name: string | undefined): HttpResponse {
  const pair = find(context, ask, name);
  const { compute } = context.state;
  compute.keypairs = compute.keypairs.filter((one) => one !== pair);
  return empty(ask.minor >= SINCE.created ? 204 : 202);
}
