/** Keystone: who may in, where the services are, what there is. */
import type { HttpResponse } from '../../../http.ts';
import { guarded } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, keystoneError, type Route } from '../wire.ts';
import {
  createCredential,
  deleteCredential,
  listCredentials,
  oneCredential,
} from './credentials.ts';
import { listRoutes } from './lists.ts';
import { login } from './login.ts';
import { createProject } from './projects.ts';
import { identityUrl } from './refusals.ts';
import type { Token } from './state.ts';
import { callerToken, liveToken } from './tokens.ts';
import { catalogOf, credentialView, tokenView } from './views.ts';

const CREDENTIALS = '/v3/users/:id/application_credentials';

export function keystoneRoutes(context: CloudContext): readonly Route[] {
  return guarded([
    ['GET', '/', () => json(300, { versions: { values: [version(context)] } })],
    ['GET', '/v3', () => json(200, { version: version(context) })],
    ['POST', '/v3/auth/tokens', (ask) => login(context, ask)],
    ['GET', '/v3/auth/tokens', (ask) => show(context, ask)],
    ['HEAD', '/v3/auth/tokens', (ask) => ({ ...show(context, ask), body: '' })],
    ['DELETE', '/v3/auth/tokens', (ask) => revoke(context, ask)],
    ['GET', '/v3/auth/catalog', (ask) => catalog(context, ask)],
    ...listRoutes(context),
    ['POST', '/v3/projects', (ask) => createProject(context, ask)],
    ['POST', CREDENTIALS, (ask, { id }) => createCredential(context, ask, id)],
    ['GET', CREDENTIALS, (ask, { id }) => listCredentials(context, ask, id)],
    ['GET', `${CREDENTIALS}/:credential`, (ask, ids) => showCredential(context, ask, ids)],
    [
      'DELETE',
      `${CREDENTIALS}/:credential`,
      (ask, ids) => deleteCredential(context, oneCredential(context, ask, ids)),
    ],
  ]);
}

const version = (context: CloudContext) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${identityUrl(context)}/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});

function showCredential(
  context: CloudContext,
  ask: Ask,
  ids: Readonly<Record<string, string>>,
): HttpResponse {
  const view = credentialView(context, oneCredential(context, ask, ids));
  return json(200, { application_credential: view });
}

/** The token of `X-Subject-Token`: one's own, or any for an administrator. */
function subject(context: CloudContext, ask: Ask): Token | HttpResponse {
  const caller = callerToken(context, ask.headers);
  const found = liveToken(context, ask.headers['x-subject-token']);
  if (found === undefined) return keystoneError(404, 'Not Found', 'Failed to validate token');
  if (found.userId === caller.userId || caller.roles.some((role) => role !== 'member'))
    return found;
  const message =
    'You are not authorized to perform the requested action: identity:validate_token.';
  return keystoneError(403, 'Forbidden', message);
}

function show(context: CloudContext, ask: Ask): HttpResponse {
  const token = subject(context, ask);
  if ('status' in token) return token;
  const view = tokenView(context, token, !ask.query.has('nocatalog'));
  return json(200, view, { 'x-subject-token': token.id });
}

function revoke(context: CloudContext, ask: Ask): HttpResponse {
  const token = subject(context, ask);
  if ('status' in token) return token;
  token.revokedAt = context.clock.now();
  return empty(204);
}

function catalog(context: CloudContext, ask: Ask): HttpResponse {
  const { projectId } = callerToken(context, ask.headers);
  if (projectId === null) return json(200, { catalog: [], links: {} });
  const self = `${identityUrl(context)}/auth/catalog`;
  return json(200, {
    catalog: catalogOf(context, projectId),
    links: { self, previous: null, next: null },
  });
}
