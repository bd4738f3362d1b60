/** Identity: password login, catalogue, validation and revocation of tokens. */
import * as z from 'zod';
import { iso } from '../../clock.ts';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import { PROJECT_NAME } from '../seams.ts';
import type { CloudContext, Token } from './state.ts';
import {
  type Ask,
  empty,
  json,
  keystoneError,
  type Route,
  readBody,
  unauthorized,
  uuid,
} from './wire.ts';

const domain = z.looseObject({ id: z.string().optional(), name: z.string().optional() });
const loginSchema = z.looseObject({
  auth: z.looseObject({
    identity: z.looseObject({
      methods: z.array(z.string()),
      password: z
        .looseObject({
          user: z.looseObject({
            name: z.string().optional(),
            domain: domain.optional(),
            password: z.string(),
          }),
        })
        .optional(),
    }),
    scope: z
      .looseObject({
        project: z
          .looseObject({
            id: z.string().optional(),
            name: z.string().optional(),
            domain: domain.optional(),
          })
          .optional(),
      })
      .optional(),
  }),
});
type Login = z.infer<typeof loginSchema>['auth'];

export const identityUrl = (context: CloudContext): string => `${context.baseUrl()}/identity/v3`;

export function keystoneRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/v3', () => json(200, { version: { id: 'v3.14', status: 'stable' } })],
    ['POST', '/v3/auth/tokens', (ask) => login(context, ask)],
    ['GET', '/v3/auth/tokens', (ask) => withSubject(context, ask, (t) => show(context, t))],
    ['DELETE', '/v3/auth/tokens', (ask) => withSubject(context, ask, (t) => revoke(context, t))],
  ];
}

/** The token of a request to a service, if it is good for this cloud's project. */
export function tokenOf(context: CloudContext, headers: HttpRequest['headers']): Token | undefined {
  const id = headers['x-auth-token'];
  return context.state.tokens.find((token) => token.id === id && token.scoped);
}

function login(context: CloudContext, ask: Ask): HttpResponse {
  const body = readBody(ask, loginSchema);
  if (!body.ok) return keystoneError(400, 'Bad Request', body.why);
  const { auth } = body.data;
  if (!isUser(context, auth) || !isScopeKnown(context, auth)) {
    return unauthorized(identityUrl(context));
  }
  const now = context.clock.now();
  const token: Token = {
    id: `gAAAA${context.random(32)}`,
    issuedAt: now,
    expiresAt: now + context.tokenTtlSeconds * 1000,
    scoped: auth.scope?.project !== undefined,
    auditId: context.random(11),
  };
  context.state.tokens.push(token);
  const view = tokenView(context, token, !ask.query.has('nocatalog'));
  return json(201, view, { 'x-subject-token': token.id });
}

function isUser(context: CloudContext, auth: Login): boolean {
  const user = auth.identity.password?.user;
  const { userName, password } = context.seed;
  if (!auth.identity.methods.includes('password')) return false;
  return user?.name === userName && user.password === password;
}

function isScopeKnown(context: CloudContext, auth: Login): boolean {
  const project = auth.scope?.project;
  if (project === undefined) return true;
  return project.id === context.seed.projectId || project.name === PROJECT_NAME;
}

function withSubject(
  context: CloudContext,
  ask: Ask,
  then: (token: Token) => HttpResponse,
): HttpResponse {
  const { tokens } = context.state;
  const caller = tokens.find(({ id }) => id === ask.headers['x-auth-token']);
  if (caller === undefined) return unauthorized(identityUrl(context));
  const subject = tokens.find(({ id }) => id === ask.headers['x-subject-token']);
  if (subject === undefined) return keystoneError(404, 'Not Found', 'Failed to validate token');
  return then(subject);
}

function show(context: CloudContext, token: Token): HttpResponse {
  return json(200, tokenView(context, token, true), { 'x-subject-token': token.id });
}

function revoke(context: CloudContext, token: Token): HttpResponse {
  context.state.tokens = context.state.tokens.filter(({ id }) => id !== token.id);
  return empty(204);
}

function tokenView(context: CloudContext, token: Token, withCatalog: boolean) {
  const { seed } = context;
  const home = { id: 'default', name: 'Default' };
  const scope = {
    project: { id: seed.projectId, name: PROJECT_NAME, domain: home },
    roles: [
      { id: 'admin', name: 'admin' },
      { id: 'member', name: 'member' },
    ],
    ...(withCatalog ? { catalog: catalog(context) } : {}),
  };
  return {
    token: {
      methods: ['password'],
      user: { id: `user-${seed.userName}`, name: seed.userName, domain: home },
      audit_ids: [token.auditId],
      issued_at: microseconds(token.issuedAt),
      expires_at: microseconds(token.expiresAt),
      ...(token.scoped ? scope : {}),
    },
  };
}

/** Keystone writes six digits after the second. */
const microseconds = (ms: number): string => iso(ms).replace('Z', '000Z');

function catalog(context: CloudContext) {
  const base = context.baseUrl();
  const services = [
    ['identity', 'keystone', `${base}/identity`],
    ['volumev3', 'cinderv3', `${base}/volume/v3/${context.seed.projectId}`],
    ['compute', 'nova', `${base}/compute/v2.1`],
    ['network', 'neutron', `${base}/network`],
  ] as const;
  return services.map(([type, name, url]) => ({
    id: `${type}-service`,
    type,
    name,
    endpoints: ['public', 'internal'].map((kind) => ({
      id: `${type}-${kind}`,
      interface: kind,
      region: 'RegionOne',
      region_id: 'RegionOne',
      url,
    })),
  }));
}

export const newRequestId = (context: CloudContext): string => `req-${uuid(context.random)}`;
