/** What servers are started from: which volumes and network, and what must hold before they are. */
import * as z from 'zod';
import { type ServerSpec, type Site, serverSchema } from '../../config.ts';
import type { Guard, PlanCall, Text } from '../../runbook/plan.ts';
import type { PlanContext } from '../action.ts';
import { restoreName, restores } from '../backups/volumes.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { cloneGuard, networkGuards } from '../guards.ts';
import { cloneOf, serversOf, twinsOf, volumesOf } from '../replicas.ts';
import { ldevManaged, manageName, manages } from '../volumes/managed.ts';
import { assertWay, ldevGuard } from '../volumes/way.ts';
import { serverGuard, sideUnopenedGuards, sideWritableGuard } from './guards.ts';
import { objectKey } from './made.ts';

export const bootInput = z.strictObject({
  servers: z.array(serverSchema).min(1),
  from: z.enum(['drill-copies', 'replicas', 'backups', 'managed', 'restored']),
  network: z.string(),
});
export type BootInput = z.infer<typeof bootInput>;

/** What stands for the main volumes of a server, in device order. */
export interface Volumes {
  /** Ids of volumes that are parked there, or the holes that `made` fills. */
  readonly names: readonly string[];
  /** The calls of this run that make them; empty for volumes that were there before. */
  readonly made: readonly PlanCall[];
  /** Those that were there are free already. */
  readonly unparked?: true;
  /** What these volumes hold may be used. */
  readonly data?: readonly Guard[];
}

export const volumeHole = (i: number): string => `volume${i + 1}`;

export interface Origin {
  readonly site: Site;
  volumes(server: ServerSpec): Volumes;
  /** What the volumes hold may be used. */
  readonly data: readonly Guard[];
  /** Before anything is plugged into the network. */
  readonly network: readonly Guard[];
  /** What the gateway of the other site confirms before a server starts. */
  peers(server: ServerSpec): readonly Guard[];
  /** What such a volume is called, after a number and after the name of a server. */
  readonly volumeWord: Text;
  readonly portWord: Text;
}

export const portName = ({ name }: Pick<ServerSpec, 'name'>, i: number) => `port-${name}-${i + 1}`;

/** Throws ACT-PLAN when the network or a volume is not what facts and services.yml say. */
export function originOf(given: BootInput, context: PlanContext): Origin {
  switch (given.from) {
    case 'drill-copies':
      return drillCopies(given, context);
    case 'replicas':
      return replicas(given, context);
    case 'backups':
      return backups(given, context);
    case 'managed':
      return managed(given, context);
    case 'restored':
      return restored(given, context);
  }
}

/** Isolated: nothing that these servers do is seen outside. */
function drillCopies(given: BootInput, context: PlanContext): Origin {
  const { service, config, facts, run, step } = context;
  const site = siteOf(config, service.replication.to);
  assertNetwork(given.network, service.drill.network, `The drill network of ${service.id}`);
  const names = given.servers.flatMap((server) =>
    server.nics.map((_, i) => objectKey(run, `${step}.${portName(server, i)}`)),
  );
  return {
    site,
    volumes: parked((main) => {
      const volume = volumesOf(facts).find((one) => one.main === main);
      const why = 'No chain of pairs leads from it to a drill copy.';
      return volume?.copyVolume ?? noVolume(main, why);
    }),
    data: [cloneGuard(site, cloneOf(facts), 'clone-split')],
    network: networkGuards(site, given.network, names),
    peers: () => [],
    volumeWord: { ko: '복제 볼륨', en: 'copy volume' },
    portWord: { ko: '훈련망 포트', en: 'drill port' },
  };
}

/** An earlier step deletes what stands there, and the volumes are parked before they are used. */
const isCleared = (site: string, { steps = [] }: PlanContext): boolean =>
  steps.some(
    ({ uses, input }) =>
      uses === 'servers/retire' &&
      z.looseObject({ site: z.literal(site) }).safeParse(input).success,
  );

/**
 * Production, on the volumes that replication leads to. The array says that they are writable there,
 * and the other site, unless it is given up, that nobody opened its side and that its servers of the
 * same names and addresses are off.
 */
function replicas(given: BootInput, context: PlanContext): Origin {
  const { service, config, facts } = context;
  const site = siteOf(config, service.replication.to);
  const home = siteOf(config, service.replication.from);
  const network = service.networks?.[site.id];
  assertNetwork(given.network, network, `The network of ${service.id} at ${site.id}`);
  const there = serversOf(facts, site.id).find(({ name }) =>
    given.servers.some((server) => server.name === name),
  );
  if (there !== undefined && !isCleared(site.id, context)) {
    const why = `It is ${there.id}: a second one would start on the same volumes.`;
    throw new ActionError('ACT-PLAN', `${there.name} exists at ${site.id}.`, why);
  }
  return {
    site,
    volumes: parked(
      (main) =>
        twinsOf(facts).find((twin) => twin.main === main)?.dr ??
        noVolume(main, `It has no twin at ${site.id}.`),
    ),
    data: [sideWritableGuard(site, facts)],
    network: [],
    peers: ({ name }) => [
      ...sideUnopenedGuards(site.id, context),
      ...serversOf(facts, home.id)
        .filter((server) => server.name === name)
        .map(({ id }) => serverGuard(home, id, 'server-stopped')),
    ],
    volumeWord: { ko: '볼륨', en: 'volume' },
    portWord: { ko: '포트', en: 'port' },
  };
}

/** Volumes that an earlier step of this run restores, in the network of the service. */
function backups(given: BootInput, context: PlanContext): Origin {
  const restored = context.calls.filter(restores);
  return {
    ...production(given, context),
    volumes: (server) => {
      const made = server.volumes.map((main, i) => {
        const call = restored.find(({ id }) => id.endsWith(`.${restoreName(server, i)}`));
        return call ?? noVolume(main, 'No backups/restore step before this one restores it.');
      });
      return { names: made.map((_, i) => `{{${volumeHole(i)}}}`), made };
    },
    volumeWord: { ko: '복원된 볼륨', en: 'restored volume' },
  };
}

/** Volumes that an earlier step of this run has Cinder manage, in the network of the service. */
function managed(given: BootInput, context: PlanContext): Origin {
  const taken = context.calls.filter(manages);
  const origin = production(given, context);
  return {
    ...origin,
    volumes: (server) => {
      const made = server.volumes.map((main) => {
        const call = taken.find(({ id }) => id.endsWith(`.${manageName(main)}`));
        return call ?? noVolume(main, 'No volumes/manage step before this one manages it.');
      });
      const data = made.map((call) =>
        ldevGuard(origin.site, 'ldev-whole', { ldev: ldevManaged(call) }),
      );
      return { names: made.map((_, i) => `{{${volumeHole(i)}}}`), made, data };
    },
    volumeWord: { ko: '등록된 볼륨', en: 'managed volume' },
  };
}

/** Main's own volumes, by their ids: an earlier step restores the rows of main's Cinder at DR. */
function restored(given: BootInput, context: PlanContext): Origin {
  assertWay(context, ['restored']);
  const origin = production(given, context);
  return {
    ...origin,
    volumes: ({ volumes }) => ({ names: volumes, made: [], unparked: true }),
    data: [sideWritableGuard(origin.site, context.facts)],
    volumeWord: { ko: '복원된 볼륨', en: 'restored volume' },
  };
}

/** In the network of the service, without any conditions. */
function production(
  given: BootInput,
  { service, config }: PlanContext,
): Omit<Origin, 'volumes' | 'volumeWord'> {
  const site = siteOf(config, service.replication.to);
  assertNetwork(
    given.network,
    service.networks?.[site.id],
    `The network of ${service.id} at ${site.id}`,
  );
  const portWord = { ko: '포트', en: 'port' };
  return { site, data: [], network: [], peers: () => [], portWord };
}

const parked =
  (volumeOf: (main: string) => string) =>
  (server: ServerSpec): Volumes => ({ names: server.volumes.map(volumeOf), made: [] });

function assertNetwork(given: string, wanted: string | undefined, whose: string): void {
  if (given === wanted) return;
  const why = `${whose} is ${wanted ?? 'not in services.yml'}.`;
  throw new ActionError('ACT-PLAN', `Network ${given}.`, why);
}

function noVolume(main: string, why: string): never {
  throw new ActionError('ACT-PLAN', `Volume ${main}.`, why);
}
