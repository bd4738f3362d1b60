/** What all rows of Neutron share: who they belong to, their quota, their times. */
import { iso } from '../../../clock.ts';
import { type Caller, callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import { type CloudContext, hasFault } from '../state.ts';
import type { Ask } from '../wire.ts';
import { denied, overQuota } from './refusals.ts';
import type { NetworkState } from './state.ts';

export interface Base {
  readonly id: string;
  name: string;
  description: string;
  readonly projectId: string;
  tags: string[];
  revision: number;
  readonly createdAt: number;
  updatedAt: number;
}

interface Owned {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly project_id?: string | undefined;
  readonly tenant_id?: string | undefined;
}

/** The project a new row is for; only an administrator may name another than the caller's. */
export function ownerOf(context: CloudContext, ask: Ask, wish: Owned): string {
  const caller = callerOf(context, ask);
  const wanted = wish.project_id ?? wish.tenant_id ?? caller.projectId;
  if (wanted !== caller.projectId && !caller.admin) throw denied('context_is_admin');
  return wanted;
}

export function newRow(context: CloudContext, projectId: string, wish: Owned): Base {
  const now = context.clock.now();
  return {
    id: uuid(context.random),
    name: wish.name ?? '',
    description: wish.description ?? '',
    projectId,
    tags: [],
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
}

/** Takes over name and description of an update and counts the revision up. */
export function touch(context: CloudContext, row: Base, wish: Owned = {}): void {
  row.name = wish.name ?? row.name;
  row.description = wish.description ?? row.description;
  row.revision += 1;
  row.updatedAt = context.clock.now();
}

const times = (ms: number): string => iso(ms).replace(/\.\d+Z$/, 'Z');

export const baseView = (row: Base) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  project_id: row.projectId,
  tenant_id: row.projectId,
  tags: row.tags,
  revision_number: row.revision,
  created_at: times(row.createdAt),
  updated_at: times(row.updatedAt),
});

export const ownRow = (_: CloudContext, row: Base, caller: Caller): boolean =>
  row.projectId === caller.projectId;

export function onlyAdmin(context: CloudContext, ask: Ask, rule: string): void {
  if (!callerOf(context, ask).admin) throw denied(rule);
}

/** What is counted: its name on the wire and how many of it a project has. */
const counted = {
  network: ({ networks }: NetworkState, project: string) => own(networks, project),
  subnet: ({ subnets }: NetworkState, project: string) => own(subnets, project),
  port: ({ ports }: NetworkState, project: string) => own(ports, project),
  router: ({ routers }: NetworkState, project: string) => own(routers, project),
  floatingip: ({ floatingIps }: NetworkState, project: string) => own(floatingIps, project),
  security_group: ({ groups }: NetworkState, project: string) => own(groups, project),
  security_group_rule: ({ groups }: NetworkState, project: string) =>
    groups.reduce((sum, one) => sum + (one.projectId === project ? one.rules.length : 0), 0),
} as const;
export type Counted = keyof typeof counted;
export const countedKinds = Object.keys(counted) as readonly Counted[];

const own = (rows: readonly { readonly projectId: string }[], project: string): number =>
  rows.filter(({ projectId }) => projectId === project).length;

export const usedOf = ({ state }: CloudContext, kind: Counted, project: string): number =>
  counted[kind](state.network, project);

/** -1 = no limit. */
export function limitOf({ seed, state }: CloudContext, kind: Counted, project: string): number {
  const { quotas } = seed;
  const seeded: Readonly<Record<Counted, number>> = {
    network: quotas.networks,
    subnet: quotas.subnets,
    port: quotas.ports,
    router: quotas.routers,
    floatingip: quotas.floatingIps,
    security_group: quotas.securityGroups,
    security_group_rule: quotas.securityGroupRules,
  };
  return state.network.quotas[project]?.[kind] ?? seeded[kind];
}

/** Throws the 409 when one more would be too many. */
export function spend(context: CloudContext, kind: Counted, project: string): void {
  const limit = limitOf(context, kind, project);
  const full = kind === 'port' && hasFault(context, 'quota-full');
  if (full || (limit >= 0 && usedOf(context, kind, project) >= limit)) throw overQuota(kind);
}
