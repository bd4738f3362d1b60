/**
 * The facts a plan is built on. LDEV numbers are never typed by people: they are joined from main
 * volume to P-VOL label, UR pair, S-VOL, ShadowImage pair, copy label, DR volume.
 */
import { hashOf } from '../canonical.ts';
import type { Config, Service, Site } from '../config.ts';
import { neutronPaths } from '../openstack/paths.ts';
import { oneNetworkSchema } from '../openstack/schema.ts';
import type { Bound } from '../runbook/bound.ts';
import { type Facts, factsSchema } from '../runbook/plan.ts';
import { cloneClass, replicationClass } from '../vsp/pairs.ts';
import type { Reader } from './action.ts';
import { ActionError } from './errors.ts';
import { readBackupFacts } from './facts/backups.ts';
import { readConfiguration } from './facts/configuration.ts';
import { readFar } from './facts/far.ts';
import { readFlavors, readImages } from './facts/images.ts';
import { joinVolumes } from './facts/join.ts';
import { readLeftovers } from './facts/leftovers.ts';
import { readLocalCopies } from './facts/local-copies.ts';
import { readMirror } from './facts/mirror.ts';
import { need } from './facts/need.ts';
import { readClone, readReplication } from './facts/pairs.ts';
import { readPathsAt } from './facts/paths.ts';
import { readProtection } from './facts/protection.ts';
import { readSecondaries, readSpares } from './facts/secondaries.ts';
import { assertDisksKnown, readServers } from './facts/servers.ts';
import { readSurvivor } from './facts/survivor.ts';
import { readTakeover } from './facts/takeover.ts';
import { readTwins } from './facts/twins.ts';
import { onCloud } from './reads.ts';

/** What an action can ask for; `volumes` brings the pairs it joins, `twins` one half at least. */
type Family =
  | 'replication'
  | 'mirror'
  | 'takeover'
  | 'survivor'
  | 'far'
  | 'clone'
  | 'volumes'
  | 'twins'
  | 'secondaries'
  | 'spares'
  | 'local-copies'
  | 'servers'
  | 'paths'
  | 'network'
  | 'networks'
  | 'flavors'
  | 'images'
  | 'backups'
  | 'records'
  | 'mapping'
  | 'protection'
  | 'configuration'
  | 'tasks';

export interface FactsInput {
  readonly service: Service;
  readonly config: Config;
  readonly read: Reader;
  /** What each gateway publishes, by site; a site that is given up is not in it. */
  readonly drillable: Readonly<Record<string, Bound['drillable'][string]>>;
  readonly families: readonly string[];
  /** Roles the approval rule can use; without it everybody who has a role is a fact. */
  readonly roles?: readonly string[];
  /** Paths that an earlier run removed, by site. */
  readonly fenced?: Bound['fenced'];
  /** Programs that gateways allow, by site. */
  readonly tasks?: Bound['tasks'];
  /** Where a takeover opened the volumes last, as long as nothing runs the other way since. */
  readonly opened?: string;
}

/**
 * Reads only. Throws `ActionError`: ACT-UNREAD names what could not be read, ACT-UNJOINED what
 * belongs to nothing.
 */
export async function readFacts(input: FactsInput): Promise<Facts> {
  const { service, config } = input;
  const from = siteOf(config, service.replication.from);
  const to = siteOf(config, service.replication.to);
  const sites = { from, to };
  const { far } = service.replication;
  const wanted = far !== undefined && input.families.includes('far');
  const third = wanted ? [siteOf(config, far.site)] : [];
  const pairs = await readPairs(input, sites);
  const objects = await readObjects(input, { ...sites, pairs: pairs.bound });
  const bound: Bound = {
    sites: Object.fromEntries(
      [from, to, ...third].map((site) => [site.id, arrayOf(site)] as const),
    ),
    drillable: { ...input.drillable },
    ...pairs.bound,
    ...objects,
    ...(await readLeftovers(input.read, service, { ...objects, site: to })),
    ...(await readRowless(input, to, pairs.bound)),
    ...(input.fenced === undefined ? {} : { fenced: input.fenced }),
    ...(input.tasks === undefined ? {} : { tasks: input.tasks }),
    hashes: { service: hashOf(service), policy: hashOf(config.policy) },
    people: peopleOf(config, input.roles),
  };
  return factsSchema.parse({ bound, classed: pairs.classed });
}

interface Sites {
  readonly from: Site;
  readonly to: Site;
}

const wantsOf =
  ({ families }: FactsInput) =>
  (...names: Family[]): boolean =>
    names.some((name) => families.includes(name));

type Pairs = Pick<Bound, 'replication' | 'takeover' | 'clone' | 'far'>;

/** What the arrays know of the copies, and what state it is in. */
async function readPairs(
  input: FactsInput,
  { from, to }: Sites,
): Promise<{ bound: Pairs; classed: Facts['classed'] }> {
  const { service, read } = input;
  const wants = wantsOf(input);
  const { drillable, opened } = input;
  const home = drillable[to.id] === undefined && drillable[from.id] !== undefined;
  const ends = home ? { from: to, to: from, opened } : { from, to, opened };
  const takeover = wants('takeover') ? await readTakeover(read, service, ends) : undefined;
  const strict = wants('replication', 'clone', 'volumes');
  // At home the half that is left is all there is to know.
  const looks = strict || (!home && wants('mirror')) || (takeover === undefined && wants('twins'));
  const find = strict ? readReplication : readMirror;
  const mirror = looks ? await find(read, service, { from, to }) : undefined;
  const far = wants('far') ? await readFar(read, service, { to, config: input.config }) : undefined;
  const clone =
    mirror !== undefined && wants('clone', 'volumes')
      ? await readClone(read, service, { to, replication: mirror.bound })
      : undefined;
  return {
    bound: {
      ...(mirror === undefined ? {} : { replication: mirror.bound }),
      ...(takeover === undefined ? {} : { takeover: takeover.bound }),
      ...(far === undefined ? {} : { far: far.bound }),
      ...(clone === undefined ? {} : { clone: clone.bound }),
    },
    classed: {
      ...(mirror === undefined ? {} : { replication: replicationClass(mirror.states) }),
      ...(takeover === undefined ? {} : { takeover: takeover.class }),
      ...(far === undefined ? {} : { far: [...new Set(far.states)].sort().join(',') }),
      ...(clone === undefined ? {} : { clone: cloneClass(clone.pairs) }),
    },
  };
}

/** Volumes, servers, networks and the ways to them. */
async function readObjects(
  input: FactsInput,
  { from, to, pairs }: Sites & { readonly pairs: Pairs },
): Promise<Partial<Bound>> {
  const { service, read } = input;
  const wants = wantsOf(input);
  const { replication, clone, takeover } = pairs;
  const joining = { from, to, replication: replication?.pairs ?? [], clone: clone?.pairs ?? [] };
  const volumes = wants('volumes') ? await joinVolumes(read, service, joining) : undefined;
  if (wants('volumes', 'protection') && input.drillable[from.id] !== undefined) {
    await assertDisksKnown(read, service, from);
  }
  // Both halves of an active-active volume are one volume, and its servers are those of one cloud.
  const isGad = service.replication.type === 'GAD';
  const twins = wants('twins', 'servers')
    ? isGad
      ? []
      : await readTwins(read, service, { from, to, replication, takeover })
    : undefined;
  const asked = [from, to].filter((site) => input.drillable[site.id] !== undefined);
  const servers =
    twins !== undefined && wants('servers')
      ? await readServers(read, service, {
          sites: asked,
          volumesAt: (site, { volumes: own }) =>
            site.id === from.id || isGad
              ? own
              : twins.filter((twin) => own.includes(twin.main)).map((twin) => twin.dr),
        })
      : undefined;
  const survivor = wants('survivor')
    ? await readSurvivor(read, service, { from, to, kept: asked })
    : undefined;
  const paths = wants('paths') ? await readPathsAt(read, asked, pairs) : undefined;
  const network = wants('network') ? await readNetwork(read, to, service.drill.network) : undefined;
  const networks = wants('networks') ? await readNetworks(read, service, asked) : undefined;
  const flavors = wants('flavors') ? await readFlavors(read, service, to) : undefined;
  const images = wants('images') ? await readImages(read, service, to) : undefined;
  const differences = wants('configuration');
  const controllers = { from, to, config: input.config, differences };
  const configuration =
    differences || wants('mapping') ? await readConfiguration(read, controllers) : undefined;
  const protection = wants('protection')
    ? await readProtection(read, service, { from, to, config: input.config })
    : undefined;
  return {
    ...(protection === undefined ? {} : { protection }),
    ...(volumes === undefined ? {} : { volumes }),
    ...(twins === undefined ? {} : { twins }),
    ...(servers === undefined ? {} : { servers }),
    ...(survivor === undefined ? {} : { survivor }),
    ...(paths === undefined ? {} : { paths }),
    ...(network === undefined ? {} : { network }),
    ...(networks === undefined ? {} : { networks }),
    ...(flavors === undefined ? {} : { flavors }),
    ...(images === undefined ? {} : { images }),
    ...(await readBackupFacts(read, service, { from, to, families: input.families })),
    ...(configuration === undefined ? {} : { configuration }),
  };
}

/** S-VOLs without rows in the DR Cinder, and numbers for copies of them. */
async function readRowless(
  { service, read, families }: FactsInput,
  to: Site,
  { takeover }: Pairs,
): Promise<Pick<Bound, 'secondaries' | 'spares' | 'localCopies'>> {
  if (takeover === undefined || !families.includes('secondaries')) return {};
  const secondaries = await readSecondaries(read, service, { to, takeover });
  const ldevs = secondaries.map(({ ldev }) => ldev);
  return {
    secondaries,
    ...(families.includes('spares') ? { spares: await readSpares(read, to, ldevs) } : {}),
    ...(families.includes('local-copies')
      ? { localCopies: await readLocalCopies(read, to, ldevs) }
      : {}),
  };
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

type Network = NonNullable<Bound['network']>;

async function readNetwork(read: Reader, site: Site, id: string): Promise<Network> {
  const path = neutronPaths.network(id);
  const { network } = await need(read, onCloud(site, 'neutron', path), oneNetworkSchema);
  return {
    id: network.id,
    physicalNetwork: network['provider:physical_network'] ?? null,
    networkType: network['provider:network_type'] ?? null,
    segment: network['provider:segmentation_id'] ?? null,
  };
}

/** Where the service runs in production, at every site that takes part. */
async function readNetworks(
  read: Reader,
  service: Service,
  sites: readonly Site[],
): Promise<NonNullable<Bound['networks']>> {
  const rows = await Promise.all(
    sites.map(async (site) => {
      const id = service.networks?.[site.id];
      if (id !== undefined) return [site.id, await readNetwork(read, site, id)] as const;
      const why = 'services.yml names no network of it under `networks`.';
      throw new ActionError('ACT-PLAN', `Network of ${service.id} at ${site.id}.`, why);
    }),
  );
  return Object.fromEntries(rows);
}
