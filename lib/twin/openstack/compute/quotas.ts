/** Quotas and limits of a project: what servers cost, what is left, who may change it. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { Refusal } from '../refusal.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { everyFlavor } from './flavors.ts';
import { onlyAdmin, readNova, refuse } from './refusals.ts';

const kinds = ['instances', 'cores', 'ram', 'key_pairs', 'server_groups'] as const;
type Kind = (typeof kinds)[number];

/** Fixed in this cloud; the same numbers as in a fresh Nova. */
const FIXED = { metadata_items: 128, server_group_members: 10 } as const;
/** Shown before 2.36, when Nova still kept Neutron's books, and before 2.57. */
const OLD = {
  floating_ips: 10,
  fixed_ips: -1,
  security_groups: 10,
  security_group_rules: 20,
} as const;
const FILES = {
  injected_files: 5,
  injected_file_content_bytes: 10_240,
  injected_file_path_bytes: 255,
} as const;

const limit = z.int().min(-1).optional();
const quotaSchema = z.strictObject({
  quota_set: z.strictObject({
    instances: limit,
    cores: limit,
    ram: limit,
    key_pairs: limit,
    server_groups: limit,
    metadata_items: limit,
    server_group_members: limit,
    force: z.boolean().optional(),
  }),
});

export function quotaRoutes(context: CloudContext): readonly Route[] {
  const root = '/os-quota-sets/:project';
  return [
    ['GET', '/limits', (ask) => limits(context, ask)],
    ['GET', root, (ask, { project }) => show(context, ask, project)],
    ['GET', `${root}/defaults`, (ask, { project }) => defaults(context, ask, project)],
    ['GET', `${root}/detail`, (ask, { project }) => detail(context, ask, project)],
    ['PUT', root, (ask, { project }) => update(context, ask, project)],
    ['DELETE', root, (ask, { project }) => drop(context, ask, project)],
  ];
}

function seeded({ seed }: CloudContext, kind: Kind): number {
  const { instances, cores, ramMiB, keyPairs, serverGroups } = seed.quotas;
  const all = { instances, cores, ram: ramMiB, key_pairs: keyPairs, server_groups: serverGroups };
  return all[kind];
}

const limitOf = (context: CloudContext, kind: Kind, project: string): number =>
  context.state.compute.quotas[project]?.[kind] ?? seeded(context, kind);

function usedOf(context: CloudContext, project: string): Readonly<Record<Kind, number>> {
  const { servers, groups } = context.state.compute;
  const known = everyFlavor(context);
  const own = servers.filter((one) => one.projectId === project && one.vmState !== 'deleted');
  const flavors = own.flatMap(({ flavorId }) => known.find(({ id }) => id === flavorId) ?? []);
  return {
    instances: own.length,
    cores: flavors.reduce((sum, { vcpus }) => sum + vcpus, 0),
    ram: flavors.reduce((sum, { ramMiB }) => sum + ramMiB, 0),
    key_pairs: 0,
    server_groups: groups.filter(({ projectId }) => projectId === project).length,
  };
}

interface Cost {
  readonly instances: number;
  readonly cores: number;
  readonly ram: number;
}

/** The 403 of a project that has no room for these servers; undefined = it has. */
export function shortfall(context: CloudContext, project: string, cost: Cost): Refusal | undefined {
  const used = usedOf(context, project);
  const full = hasFault(context, 'quota-full');
  const over = (['cores', 'instances', 'ram'] as const).flatMap((kind) => {
    const allowed = full ? used[kind] : limitOf(context, kind, project);
    const fits = allowed < 0 || used[kind] + cost[kind] <= allowed;
    return fits ? [] : [{ kind, asked: cost[kind], used: used[kind], allowed }];
  });
  if (over.length === 0) return undefined;
  const list = (pick: (one: (typeof over)[number]) => unknown) => over.map(pick).join(', ');
  const names = list(({ kind }) => kind);
  const usage = `but already used ${list((one) => one.used)} of ${list((one) => one.allowed)} ${names}`;
  return refuse(
    403,
    `Quota exceeded for ${names}: Requested ${list((one) => one.asked)}, ${usage}`,
  );
}

/** Throws the 403 of a project with as many server groups as it may have. */
export function affordGroup(context: CloudContext, project: string): void {
  const allowed = limitOf(context, 'server_groups', project);
  if (allowed >= 0 && usedOf(context, project).server_groups >= allowed) {
    throw refuse(403, 'Quota exceeded, too many server groups.');
  }
}

/** A project's own limits; of another only for administrators. */
function projectOf(context: CloudContext, ask: Ask, project = ''): string {
  if (project !== callerOf(context, ask).projectId) {
    onlyAdmin(context, ask, 'os_compute_api:os-quota-sets:show');
  }
  return project;
}

const fixedAt = (minor: number) => ({
  ...FIXED,
  ...(minor < 36 ? OLD : {}),
  ...(minor < 57 ? FILES : {}),
});

function setOf(minor: number, of: (kind: Kind) => number) {
  return { ...Object.fromEntries(kinds.map((kind) => [kind, of(kind)])), ...fixedAt(minor) };
}

function show(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const project = projectOf(context, ask, id);
  const set = setOf(ask.minor, (kind) => limitOf(context, kind, project));
  return json(200, { quota_set: { id: project, ...set } });
}

function defaults(context: CloudContext, ask: Ask, project = ''): HttpResponse {
  const set = setOf(ask.minor, (kind) => seeded(context, kind));
  return json(200, { quota_set: { id: project, ...set } });
}

function detail(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const project = projectOf(context, ask, id);
  const used = usedOf(context, project);
  const line = (kind: Kind) => {
    const one = { limit: limitOf(context, kind, project), in_use: used[kind], reserved: 0 };
    return [kind, one] as const;
  };
  const fixed = Object.entries(fixedAt(ask.minor)).map(
    ([kind, one]) => [kind, { limit: one, in_use: 0, reserved: 0 }] as const,
  );
  return json(200, {
    quota_set: { id: project, ...Object.fromEntries([...kinds.map(line), ...fixed]) },
  });
}

function update(context: CloudContext, ask: Ask, project = ''): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-quota-sets:update');
  const { force, ...wish } = readNova(ask, quotaSchema).quota_set;
  const used = usedOf(context, project);
  const own = { ...context.state.compute.quotas[project] };
  for (const kind of kinds) {
    const wanted = wish[kind];
    if (wanted === undefined) continue;
    if (force !== true && wanted >= 0 && wanted < used[kind]) {
      const why = `must be greater than or equal to already used and reserved ${used[kind]}`;
      throw refuse(400, `Quota limit ${wanted} for ${kind} ${why}.`);
    }
    own[kind] = wanted;
  }
  context.state.compute.quotas[project] = own;
  const set = setOf(ask.minor, (kind) => limitOf(context, kind, project));
  return json(200, { quota_set: set });
}

function drop(context: CloudContext, ask: Ask, project = ''): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-quota-sets:delete');
  delete context.state.compute.quotas[project];
  return empty(202);
}

function limits(context: CloudContext, ask: Ask): HttpResponse {
  const project = ask.query.get('tenant_id') ?? callerOf(context, ask).projectId;
  projectOf(context, ask, project);
  const used = usedOf(context, project);
  const of = (kind: Kind) => limitOf(context, kind, project);
  const absolute = {
    maxTotalInstances: of('instances'),
    maxTotalCores: of('cores'),
    maxTotalRAMSize: of('ram'),
    maxTotalKeypairs: of('key_pairs'),
    maxServerGroups: of('server_groups'),
    maxServerGroupMembers: FIXED.server_group_members,
    maxServerMeta: FIXED.metadata_items,
    totalInstancesUsed: used.instances,
    totalCoresUsed: used.cores,
    totalRAMUsed: used.ram,
    totalServerGroupsUsed: used.server_groups,
    ...(ask.minor < 39 ? { maxImageMeta: FIXED.metadata_items } : {}),
    ...(ask.minor < 57
      ? {
          maxPersonality: FILES.injected_files,
          maxPersonalitySize: FILES.injected_file_content_bytes,
        }
      : {}),
    ...(ask.minor < 36
      ? {
          maxTotalFloatingIps: OLD.floating_ips,
          maxSecurityGroups: OLD.security_groups,
          maxSecurityGroupRules: OLD.security_group_rules,
          totalFloatingIpsUsed: 0,
          totalSecurityGroupsUsed: 0,
        }
      : {}),
  };
  return json(200, { limits: { rate: [], absolute } });
}
