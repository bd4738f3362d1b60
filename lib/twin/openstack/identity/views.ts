/** Keystone's objects as it shows them. */
import { wallTime } from '../clock.ts';
import { hexId } from '../ids.ts';
import { type CloudSeed, roleNames } from '../seed.ts';
import type { CloudContext } from '../state.ts';
import { identityUrl } from './refusals.ts';
import type { Credential, Token } from './state.ts';

export const home = { id: 'default', name: 'Default' } as const;

const roleId = (name: string): string => hexId('role', name);

export function tokenView(context: CloudContext, token: Token, withCatalog: boolean) {
  const { seed } = context;
  const user = seed.users.find(({ id }) => id === token.userId);
  const project = seed.projects.find(({ id }) => id === token.projectId);
  const credential = context.state.identity.credentials.find(({ id }) => id === token.credentialId);
  const restricted = credential?.unrestricted !== true;
  const scope = {
    is_domain: false,
    project: { ...project, domain: home },
    roles: token.roles.map((name) => ({ id: roleId(name), name })),
    ...(withCatalog ? { catalog: catalogOf(context, token.projectId ?? '') } : {}),
  };
  return {
    token: {
      methods: token.methods,
      user: { domain: home, id: token.userId, name: user?.name, password_expires_at: null },
      audit_ids: [token.auditId],
      issued_at: microseconds(context, token.issuedAt),
      expires_at: microseconds(context, token.expiresAt),
      ...(project === undefined ? {} : scope),
      ...(token.credentialId === null
        ? {}
        : { application_credential: { id: token.credentialId, restricted } }),
    },
  };
}

/** Keystone writes six digits after the second. */
const microseconds = (context: CloudContext, ms: number): string =>
  wallTime(context, ms).replace('Z', '000Z');

interface Project {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled?: boolean;
}

export function projectView(
  context: CloudContext,
  { id, name, description = '', enabled = true }: Project,
) {
  return {
    id,
    name,
    domain_id: home.id,
    description,
    enabled,
    parent_id: home.id,
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${identityUrl(context)}/projects/${id}` },
  };
}

export function userView(context: CloudContext, { id, name }: CloudSeed['users'][number]) {
  return {
    id,
    name,
    domain_id: home.id,
    enabled: true,
    options: {},
    password_expires_at: null,
    links: { self: `${identityUrl(context)}/users/${id}` },
  };
}

export const rolesOf = (context: CloudContext) =>
  roleNames.map((name) => ({
    id: roleId(name),
    name,
    domain_id: null,
    description: null,
    options: {},
    links: { self: `${identityUrl(context)}/roles/${roleId(name)}` },
  }));

/** `application_credential`, without the secret: that is shown once, at creation. */
export function credentialView(context: CloudContext, credential: Credential) {
  const { id, name, description, userId, projectId, unrestricted, expiresAt } = credential;
  // UTC with microseconds and no zone.
  const ends = expiresAt === null ? null : microseconds(context, expiresAt).replace('Z', '');
  const self = `${identityUrl(context)}/users/${userId}/application_credentials/${id}`;
  return {
    id,
    name,
    description,
    user_id: userId,
    project_id: projectId,
    system: null,
    unrestricted,
    expires_at: ends,
    roles: credential.roles.map((role) => ({ id: roleId(role), name: role, domain_id: null })),
    links: { self },
  };
}

/** Type, name and address below the cloud's origin. Block storage goes by two types. */
const services = [
  ['identity', 'keystone', '/identity'],
  ['volumev3', 'cinderv3', '/volume/v3/$project'],
  ['block-storage', 'cinder', '/volume/v3/$project'],
  ['compute', 'nova', '/compute/v2.1'],
  ['network', 'neutron', '/network'],
  ['image', 'glance', '/image'],
] as const;

export const servicesOf = (context: CloudContext) =>
  services.map(([type, name]) => ({
    id: serviceId(type),
    type,
    name,
    enabled: true,
    description: '',
    links: { self: `${identityUrl(context)}/services/${serviceId(type)}` },
  }));

const serviceId = (type: string): string => hexId('service', type);

export const endpointsOf = (context: CloudContext) =>
  services.flatMap(([type, , path]) =>
    (['public', 'internal', 'admin'] as const).map((kind) => {
      const id = hexId('endpoint', `${type}:${kind}`);
      const { region } = context.seed;
      return {
        id,
        interface: kind,
        region,
        region_id: region,
        service_id: serviceId(type),
        url: `${context.baseUrl()}${path.replace('$project', '%(project_id)s')}`,
        enabled: true,
        links: { self: `${identityUrl(context)}/endpoints/${id}` },
      };
    }),
  );

export function catalogOf(context: CloudContext, projectId: string) {
  const { region } = context.seed;
  const endpoints = endpointsOf(context);
  return services.map(([type, name]) => ({
    id: serviceId(type),
    type,
    name,
    endpoints: endpoints
      .filter(({ service_id }) => service_id === serviceId(type))
      .map(({ id, interface: kind, url }) => ({
        id,
        interface: kind,
        region,
        region_id: region,
        url: url.replace('%(project_id)s', projectId),
      })),
  }));
}
