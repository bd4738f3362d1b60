/** Application credentials: what a program logs in with instead of a user's password. */
import * as z from 'zod';
import { sha256 } from '../../../canonical.ts';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, readBody } from '../wire.ts';
import { conflict, forbidden, identityUrl, malformed, notFound } from './refusals.ts';
import type { Credential } from './state.ts';
import { callerToken } from './tokens.ts';
import { credentialView, rolesOf } from './views.ts';

const wishSchema = z.strictObject({
  application_credential: z.strictObject({
    name: z.string().min(1).max(255),
    description: z.string().nullable().default(null),
    secret: z.string().nullable().optional(),
    expires_at: z.string().nullable().optional(),
    roles: z
      .array(z.union([z.strictObject({ id: z.string() }), z.looseObject({ name: z.string() })]))
      .optional(),
    unrestricted: z.boolean().nullable().default(null),
    access_rules: z.array(z.looseObject({})).optional(),
  }),
});
type Wish = z.infer<typeof wishSchema>['application_credential'];

export function createCredential(
  context: CloudContext,
  ask: Ask,
  userId: string | undefined,
): HttpResponse {
  const token = callerToken(context, ask.headers);
  if (token.userId !== userId) throw forbidden('identity:create_application_credential');
  // A restricted credential makes no further ones.
  const own = context.state.identity.credentials.find(({ id }) => id === token.credentialId);
  if (token.credentialId !== null && own?.unrestricted !== true) {
    throw forbidden('identity:create_application_credential');
  }
  const body = readBody(ask, wishSchema);
  if (!body.ok) throw malformed(body.why);
  if (token.projectId === null) throw malformed('The token has no project.');
  const wish = body.data.application_credential;
  const { credentials } = context.state.identity;
  if (credentials.some((one) => one.userId === userId && one.name === wish.name)) {
    const why = `Duplicate entry found with name ${wish.name}`;
    throw conflict(`Conflict occurred attempting to store application_credential - ${why}.`);
  }
  const secret = wish.secret ?? context.random(32);
  const made: Credential = {
    id: context.random(16),
    name: wish.name,
    description: wish.description,
    secretHash: sha256(secret),
    userId,
    projectId: token.projectId,
    roles: rolesWished(context, wish, token.roles),
    unrestricted: wish.unrestricted,
    expiresAt: endOf(wish),
  };
  credentials.push(made);
  return json(201, { application_credential: { ...credentialView(context, made), secret } });
}

/** All of the creator's roles, or those of them that are asked for. */
function rolesWished(context: CloudContext, { roles }: Wish, own: readonly string[]): string[] {
  if (roles === undefined || roles.length === 0) return [...own];
  const known = rolesOf(context);
  return roles.map((wish) => {
    const found = known.find(({ id, name }) =>
      'id' in wish ? id === wish.id : name === wish.name,
    );
    if (found !== undefined && own.includes(found.name)) return found.name;
    const asked = String('id' in wish ? wish.id : wish.name);
    const rest = 'not assigned to the user on the project';
    throw malformed(`Invalid application credential: Role ${asked} is ${rest}.`);
  });
}

function endOf({ expires_at: text }: Wish): number | null {
  if (text === undefined || text === null) return null;
  const at = Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(at)) throw malformed(`Invalid input for field 'expires_at': ${text}`);
  return at;
}

export function listCredentials(
  context: CloudContext,
  ask: Ask,
  userId: string | undefined,
): HttpResponse {
  const name = ask.query.get('name');
  const found = ownedBy(context, ask, userId).filter((one) => (name ?? one.name) === one.name);
  const self = `${identityUrl(context)}/users/${userId}/application_credentials`;
  return json(200, {
    application_credentials: found.map((one) => credentialView(context, one)),
    links: { self, previous: null, next: null },
  });
}

export function oneCredential(
  context: CloudContext,
  ask: Ask,
  { id, credential }: Readonly<Record<string, string>>,
): Credential {
  const found = ownedBy(context, ask, id).find((one) => one.id === credential);
  if (found === undefined) throw notFound('Application Credential', credential);
  return found;
}

/** Tokens got with it end with it. */
export function deleteCredential(context: CloudContext, gone: Credential): HttpResponse {
  const { identity } = context.state;
  identity.credentials = identity.credentials.filter((one) => one !== gone);
  for (const token of identity.tokens) {
    if (token.credentialId === gone.id) token.revokedAt ??= context.clock.now();
  }
  return empty(204);
}

function ownedBy(context: CloudContext, ask: Ask, userId: string | undefined): Credential[] {
  const token = callerToken(context, ask.headers);
  if (token.userId !== userId && !token.roles.includes('admin')) {
    throw forbidden('identity:list_application_credentials');
  }
  return context.state.identity.credentials.filter((one) => one.userId === userId);
}
