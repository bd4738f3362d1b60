/** `POST /v3/auth/tokens`: password, application credential or another token. */
import * as z from 'zod';
import { sha256 } from '../../../canonical.ts';
import type { HttpResponse } from '../../../http.ts';
import type { CloudSeed } from '../seed.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { type Ask, json, readBody } from '../wire.ts';
import { denied, malformed, notFound } from './refusals.ts';
import type { Credential, Token } from './state.ts';
import { liveToken } from './tokens.ts';
import { tokenView } from './views.ts';

const domain = z.looseObject({ id: z.string().optional(), name: z.string().optional() });
const named = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  domain: domain.optional(),
});
const loginSchema = z.looseObject({
  auth: z.looseObject({
    identity: z.looseObject({
      methods: z.array(z.string()),
      password: z.looseObject({ user: named.extend({ password: z.string() }) }).optional(),
      token: z.looseObject({ id: z.string() }).optional(),
      application_credential: named
        .extend({ secret: z.string(), user: named.optional() })
        .optional(),
    }),
    scope: z
      .union([
        z.literal('unscoped'),
        z.looseObject({ project: named.optional(), domain: domain.optional() }),
      ])
      .optional(),
  }),
});
type Login = z.infer<typeof loginSchema>['auth'];
type User = CloudSeed['users'][number];

/** Who it is, and what the token is bound to already. */
interface Known {
  readonly user: User;
  readonly credential?: Credential;
  readonly token?: Token;
}

/** `token-short` (ms). */
const SHORT_MS = 20_000;

export function login(context: CloudContext, ask: Ask): HttpResponse {
  const body = readBody(ask, loginSchema);
  if (!body.ok) throw malformed(body.why);
  const { auth } = body.data;
  const known = identify(context, auth);
  if (known === undefined) throw denied(context);
  const { projectId, roles } = scopeOf(context, auth, known);
  const now = context.clock.now();
  const ttl = hasFault(context, 'token-short') ? SHORT_MS : context.tokenTtlSeconds * 1000;
  const ends = [known.token?.expiresAt, known.credential?.expiresAt ?? undefined];
  const token: Token = {
    id: `gAAAA${context.random(32)}`,
    userId: known.user.id,
    projectId,
    roles,
    methods: auth.identity.methods,
    credentialId: known.credential?.id ?? known.token?.credentialId ?? null,
    issuedAt: now,
    expiresAt: Math.min(now + ttl, ...ends.filter((end) => end !== undefined)),
    auditId: context.random(11),
    revokedAt: null,
    askedAt: {},
  };
  context.state.identity.tokens.push(token);
  const view = tokenView(context, token, !ask.query.has('nocatalog'));
  return json(201, view, { 'x-subject-token': token.id, vary: 'X-Auth-Token' });
}

function identify(context: CloudContext, { identity, scope }: Login): Known | undefined {
  const { password, token, application_credential: application, methods } = identity;
  if (methods.includes('password') && password !== undefined) {
    const user = userNamed(context, password.user);
    return user?.password === password.user.password ? { user } : undefined;
  }
  if (methods.includes('application_credential') && application !== undefined) {
    if (scope !== undefined) throw malformedScope(context);
    const credential = credentialOf(context, application);
    const user = context.seed.users.find(({ id }) => id === credential?.userId);
    return user === undefined || credential === undefined ? undefined : { user, credential };
  }
  if (methods.includes('token') && token !== undefined) {
    const old = liveToken(context, token.id);
    const user = context.seed.users.find(({ id }) => id === old?.userId);
    return user === undefined || old === undefined ? undefined : { user, token: old };
  }
  return undefined;
}

/** The one 401 that says why. */
function malformedScope(context: CloudContext) {
  const refusal = denied(context);
  const why = 'Application credentials cannot request a scope.';
  const message = `Error authenticating with application credential: ${why}`;
  const { headers, status } = refusal.answer;
  const said = json(status, { error: { code: 401, message, title: 'Unauthorized' } }, headers);
  return Object.assign(refusal, { answer: said });
}

function userNamed({ seed }: CloudContext, wish: z.infer<typeof named>): User | undefined {
  if (wish.id !== undefined) return seed.users.find(({ id }) => id === wish.id);
  if (!inDefaultDomain(wish.domain)) return undefined;
  return seed.users.find(({ name }) => name === wish.name);
}

/** A name means nothing without the domain it is in. */
function inDefaultDomain(wish: z.infer<typeof domain> | undefined): boolean {
  if (wish === undefined) {
    const rest = 'The server could not comply with the request since it is either malformed';
    throw malformed(`Expecting to find domain in user. ${rest} or otherwise incorrect.`);
  }
  return wish.id === 'default' || wish.name === 'Default';
}

function credentialOf(
  context: CloudContext,
  wish: NonNullable<Login['identity']['application_credential']>,
): Credential | undefined {
  const owner = wish.user === undefined ? undefined : userNamed(context, wish.user);
  const found = context.state.identity.credentials.find(({ id, name, userId }) =>
    wish.id === undefined ? name === wish.name && userId === owner?.id : id === wish.id,
  );
  // The one wrong login that Keystone tells apart: an id that is not there.
  if (found === undefined && wish.id !== undefined) {
    throw notFound('Application Credential', wish.id);
  }
  const late = (found?.expiresAt ?? Number.POSITIVE_INFINITY) <= context.clock.now();
  return found?.secretHash === sha256(wish.secret) && !late ? found : undefined;
}

/** The project and the roles in it; throws the 401 when the user has none there. */
function scopeOf(context: CloudContext, { scope }: Login, { user, credential, token }: Known) {
  if (credential !== undefined) return credential;
  const { projects } = context.seed;
  const wish = scope === 'unscoped' ? undefined : scope?.project;
  const none = { projectId: null, roles: [] };
  if (scope === 'unscoped') return none;
  // Domain and system scope: nobody has roles there.
  if (scope !== undefined && wish === undefined) throw denied(context);
  if (wish === undefined && token !== undefined) return token;
  if (wish === undefined && user.defaultProject === undefined) return none;
  if (wish?.id === undefined && wish !== undefined && !inDefaultDomain(wish.domain)) {
    throw denied(context);
  }
  const project = projects.find(({ id, name }) =>
    wish?.id === undefined ? name === (wish?.name ?? user.defaultProject) : id === wish.id,
  );
  const roles = user.roles[project?.name ?? ''];
  if (project === undefined || roles === undefined) throw denied(context);
  return { projectId: project.id, roles };
}
