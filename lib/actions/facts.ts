/**
 * The facts a plan is built on. LDEV numbers are never typed by people: they are joined from main
 * volume to P-VOL label, UR pair, S-VOL, ShadowImage pair, copy label, DR volume.
 */
import { hashOf } from '../canonical.ts';
import type { Config, Service, Site } from '../config.ts';
import { neutronPaths, novaPaths } from '../openstack/paths.ts';
import { flavorsSchema, oneNetworkSchema } from '../openstack/schema.ts';
import type { Bound } from '../runbook/bound.ts';
import { type Facts, factsSchema } from '../runbook/plan.ts';
import { cloneClass, replicationClass } from '../vsp/pairs.ts';
import type { Reader } from './action.ts';
import { ActionError } from './errors.ts';
import { joinVolumes } from './facts/join.ts';
import { need } from './facts/need.ts';
import { readClone, readReplication } from './facts/pairs.ts';
import { readTakeover } from './facts/takeover.ts';
import { onCloud } from './reads.ts';

/** What an action can ask for; `volumes` brings the pairs it joins. */
type Family = 'replication' | 'takeover' | 'clone' | 'volumes' | 'network' | 'flavors';

export interface FactsInput {
  readonly service: Service;
  readonly config: Config;
  readonly read: Reader;
  /** What each gateway publishes, by site. */
  readonly drillable: Readonly<Record<string, Bound['drillable'][string]>>;
  readonly families: readonly string[];
  /** Roles the approval rule can use; without it everybody who has a role is a fact. */
  readonly roles?: readonly string[];
}

/**
 * Reads only. Throws `ActionError`: ACT-UNREAD names what could not be read, ACT-UNJOINED what
 * belongs to nothing.
 */
export async function readFacts(input: FactsInput): Promise<Facts> {
  const { service, config, read } = input;
  const from = siteOf(config, service.replication.from);
  const to = siteOf(config, service.replication.to);
  const wants = (...names: Family[]) => names.some((name) => input.families.includes(name));
  const halves = wants('replication', 'clone', 'volumes')
    ? await readReplication(read, service, { from, to })
    : undefined;
  const clone =
    halves !== undefined && wants('clone', 'volumes')
      ? await readClone(read, service, { to, replication: halves.bound })
      : undefined;
  const volumes =
    halves !== undefined && clone !== undefined && wants('volumes')
      ? await joinVolumes(read, service, {
          from,
          to,
          replication: halves.bound.pairs,
          clone: clone.bound.pairs,
        })
      : undefined;
  const takeover = wants('takeover') ? await readTakeover(read, service, { from, to }) : undefined;
  const network = wants('network') ? await readNetwork(read, service, to) : undefined;
  const flavors = wants('flavors') ? await readFlavors(read, service, to) : undefined;
  const bound: Bound = {
    sites: Object.fromEntries([from, to].map((site) => [site.id, arrayOf(site)])),
    drillable: { ...input.drillable },
    ...(halves === undefined ? {} : { replication: halves.bound }),
    ...(takeover === undefined ? {} : { takeover: takeover.bound }),
    ...(clone === undefined ? {} : { clone: clone.bound }),
    ...(volumes === undefined ? {} : { volumes }),
    ...(network === undefined ? {} : { network }),
    ...(flavors === undefined ? {} : { flavors }),
    hashes: { service: hashOf(service), policy: hashOf(config.policy) },
    people: peopleOf(config, input.roles),
  };
  const classed = {
    ...(halves === undefined ? {} : { replication: replicationClass(halves.states) }),
    ...(takeover === undefined ? {} : { takeover: takeover.class }),
    ...(clone === undefined ? {} : { clone: cloneClass(clone.pairs) }),
  };
  return factsSchema.parse({ bound, classed });
}

export function siteOf(config: Pick<Config, 'sites'>, id: string): Site {
  const site = config.sites.find((one) => one.id === id);
  if (site !== undefined) return site;
  throw new ActionError('ACT-PLAN', `There is no site ${id}.`, 'Sites stand in sites.yml.');
}

const arrayOf = (site: Site) => ({
  storageDeviceId: site.array.storageDeviceId,
  api: site.array.api,
  cloud: site.cloud,
});

/** Ids, roles and key ids only: names are personal data. */
function peopleOf(config: Config, roles: readonly string[] | undefined): Bound['people'] {
  return config.people
    .filter((person) => person.roles.some((role) => roles?.includes(role) ?? true))
    .map(({ id, roles, keys }) => ({
      id,
      roles: [...roles].sort(),
      ...(keys === undefined ? {} : { keys: keys.map((key) => key.id).sort() }),
    }))
    .sort((a, b) => a.id.localeCompare(b.id));
}

async function readNetwork(read: Reader, service: Service, to: Site): Promise<Bound['network']> {
  const path = neutronPaths.network(service.drill.network);
  const { network } = await need(read, onCloud(to, 'neutron', path), oneNetworkSchema);
  return {
    id: network.id,
    physicalNetwork: network['provider:physical_network'] ?? null,
    networkType: network['provider:network_type'] ?? null,
    segment: network['provider:segmentation_id'] ?? null,
  };
}

/** Ids of the flavors the servers name; a name that stands twice is nobody's. */
async function readFlavors(
  read: Reader,
  service: Service,
  to: Site,
): Promise<Record<string, string>> {
  const { flavors } = await need(read, onCloud(to, 'nova', novaPaths.flavors), flavorsSchema);
  const names = [...new Set(service.servers.map((server) => server.flavor))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const [flavor, second] = flavors.filter((one) => one.name === name);
      if (flavor !== undefined && second === undefined) return [name, flavor.id];
      const why = flavor === undefined ? 'No flavor has this name.' : 'Two flavors have this name.';
      throw new ActionError('ACT-UNJOINED', `Flavor ${name} at ${to.id}.`, why);
    }),
  );
}
