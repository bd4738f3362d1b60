/** Projects, users, roles, services and endpoints: all that can be listed and looked at. */
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, type Route } from '../wire.ts';
import { forbidden, identityUrl, notFound } from './refusals.ts';
import { callerToken } from './tokens.ts';
import { endpointsOf, home, projectView, rolesOf, servicesOf, userView } from './views.ts';

type Item = { readonly id: string } & Readonly<Record<string, unknown>>;

interface Collection {
  /** One and many, as they stand in paths and bodies. */
  readonly one: string;
  readonly many: string;
  items(context: CloudContext): readonly Item[];
  /** Whether everybody may look at a single one whose id he knows. */
  readonly open?: boolean;
}

const collections: readonly Collection[] = [
  {
    one: 'project',
    many: 'projects',
    items: (context) =>
      [...context.seed.projects, ...context.state.identity.projects].map((project) =>
        projectView(context, project),
      ),
  },
  {
    one: 'user',
    many: 'users',
    items: (context) => context.seed.users.map((user) => userView(context, user)),
  },
  { one: 'role', many: 'roles', items: rolesOf },
  // Users are in none.
  { one: 'group', many: 'groups', items: () => [] },
  { one: 'service', many: 'services', items: servicesOf },
  { one: 'endpoint', many: 'endpoints', items: endpointsOf },
  {
    one: 'domain',
    many: 'domains',
    items: (context) => [
      {
        ...home,
        description: 'The default domain',
        enabled: true,
        tags: [],
        options: {},
        links: { self: `${identityUrl(context)}/domains/${home.id}` },
      },
    ],
  },
  {
    one: 'region',
    many: 'regions',
    open: true,
    items: ({ seed }) => [{ id: seed.region, description: '', parent_region_id: null }],
  },
];

export function listRoutes(context: CloudContext): readonly Route[] {
  return [
    ...collections.flatMap((collection): Route[] => [
      ['GET', `/v3/${collection.many}`, (ask) => list(context, ask, collection)],
      [
        'GET',
        `/v3/${collection.many}/:id`,
        (ask, { id }) => show(context, ask, { collection, id }),
      ],
    ]),
    ['GET', '/v3/auth/projects', (ask) => ownProjects(context, ask)],
    ['GET', '/v3/users/:id/projects', (ask, { id }) => ownProjects(context, ask, id)],
    ['GET', '/v3/role_assignments', (ask) => assignments(context, ask)],
  ];
}

function list(context: CloudContext, ask: Ask, { many, open, items }: Collection): HttpResponse {
  const token = callerToken(context, ask.headers);
  if (!open && !token.roles.includes('admin')) throw forbidden(`identity:list_${many}`);
  return listed(context, ask, { many, items: items(context) });
}

/** Filters of the query that name a field of the items count; Keystone ignores the others. */
function listed(
  context: CloudContext,
  ask: Ask,
  { many, items }: { readonly many: string; readonly items: readonly Item[] },
): HttpResponse {
  const filters = [...ask.query].filter(([name]) => items.some((item) => name in item));
  const found = items.filter((item) =>
    filters.every(([name, value]) => String(item[name]).toLowerCase() === value.toLowerCase()),
  );
  const self = `${identityUrl(context)}/${many}`;
  return json(200, { [many]: found, links: { self, previous: null, next: null } });
}

function show(
  context: CloudContext,
  ask: Ask,
  { collection, id }: { readonly collection: Collection; readonly id: string | undefined },
): HttpResponse {
  const token = callerToken(context, ask.headers);
  const own = [token.userId, token.projectId].includes(id ?? '');
  if (!collection.open && !own && !token.roles.includes('admin')) {
    throw forbidden(`identity:get_${collection.one}`);
  }
  const found = collection.items(context).find((item) => item.id === id);
  if (found === undefined) throw notFound(collection.one, id);
  return json(200, { [collection.one]: found });
}

function ownProjects(context: CloudContext, ask: Ask, userId?: string): HttpResponse {
  const token = callerToken(context, ask.headers);
  if (userId !== undefined && userId !== token.userId && !token.roles.includes('admin')) {
    throw forbidden('identity:list_user_projects');
  }
  const user = context.seed.users.find(({ id }) => id === (userId ?? token.userId));
  const mine = context.seed.projects.filter(({ name }) => user?.roles[name] !== undefined);
  const items = mine.map((project) => projectView(context, project));
  return listed(context, ask, { many: 'projects', items });
}

function assignments(context: CloudContext, ask: Ask): HttpResponse {
  const token = callerToken(context, ask.headers);
  if (!token.roles.includes('admin')) throw forbidden('identity:list_role_assignments');
  const roles = rolesOf(context);
  const { users, projects } = context.seed;
  const found = users.flatMap((user) =>
    projects.flatMap((project) =>
      (user.roles[project.name] ?? []).map((name) => ({
        role: { id: roles.find((role) => role.name === name)?.id, name },
        user: { id: user.id, name: user.name, domain: home },
        scope: { project: { id: project.id, name: project.name, domain: home } },
        links: {},
      })),
    ),
  );
  const [user, project] = [ask.query.get('user.id'), ask.query.get('scope.project.id')];
  const wanted = found.filter(
    (one) =>
      (user ?? one.user.id) === one.user.id &&
      (project ?? one.scope.project.id) === one.scope.project.id,
  );
  const self = `${identityUrl(context)}/role_assignments`;
  return json(200, { role_assignments: wanted, links: { self, previous: null, next: null } });
}
