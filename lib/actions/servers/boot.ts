/**
 * `servers/boot`: per server unpark the copies, make the ports, start it from the copies. Servers
 * of a higher order wait until all of a lower one are ACTIVE.
 */
import * as z from 'zod';
import { type ServerSpec, type Site, serverSchema } from '../../config.ts';
import {
  cinderPaths,
  neutronPaths,
  novaPaths,
  portBody,
  resetStatusBody,
  serverBody,
} from '../../openstack/paths.ts';
import { type Bound, boundOf } from '../../runbook/bound.ts';
import type { Guard } from '../../runbook/plan.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { cloneGuard, networkGuards, volumeGuard } from '../guards.ts';
import { cloneOf, volumesOf } from '../replicas.ts';
import { situation } from '../situation.ts';
import { judgeBoot } from './judge-boot.ts';
import { objectKey } from './made.ts';
import { type CloudSeen, seeCloud, volumesIn } from './seen.ts';

const input = z.strictObject({
  servers: z.array(serverSchema).min(1),
  from: z.literal('drill-copies'),
  network: z.string(),
});
type Input = z.infer<typeof input>;

export const serversBoot: Action<Input, CloudSeen> = {
  name: 'servers/boot',
  input,
  title: { ko: '복제본으로 서버 기동', en: 'Start the servers from the copies' },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  facts: ['replication', 'clone', 'volumes', 'network', 'flavors'],
  guarded: ['volume-status', 'clone-split', 'network-closed', 'segment-alone', 'only-own-ports'],
  preexisting: 'refuse',
  plan: (given, context) => {
    const booting = bootingOf(given, context);
    return given.servers.flatMap((server) => callsFor(server, booting));
  },
  observe: (view, { network }, read) =>
    seeCloud(read, view, {
      site: view.calls[0]?.site ?? '',
      network,
      volumes: volumesIn(view.calls),
    }),
  situation,
  judge: (seen, given, view) => ({ verdicts: judgeBoot(seen, given.servers, view) }),
};

interface Booting {
  readonly given: Input;
  readonly context: PlanContext;
  readonly site: Site;
  readonly bound: Bound;
  /** Isolation of the network, with the names of all ports of this step. */
  readonly isolation: readonly Guard[];
  readonly split: Guard;
}

function bootingOf(given: Input, context: PlanContext): Booting {
  const site = siteOf(context.config, context.service.replication.to);
  if (given.network !== context.service.drill.network) {
    const why = `The drill network of ${context.service.id} is ${context.service.drill.network}.`;
    throw new ActionError('ACT-PLAN', `Network ${given.network}.`, why);
  }
  const names = given.servers.flatMap((server) =>
    server.nics.map((_, i) => objectKey(context.run, `${context.step}.${portName(server, i)}`)),
  );
  return {
    given,
    context,
    site,
    bound: boundOf(context.facts),
    isolation: networkGuards(site, given.network, names),
    split: cloneGuard(site, cloneOf(context.facts), 'clone-split'),
  };
}

const unparkName = (server: ServerSpec, i: number) => `unpark-${server.name}-${i + 1}`;
const portName = (server: ServerSpec, i: number) => `port-${server.name}-${i + 1}`;
export const startName = (server: Pick<ServerSpec, 'name'>) => `start-${server.name}`;

function callsFor(server: ServerSpec, booting: Booting): DraftCall[] {
  const volumes = server.volumes.map((main) => copyOf(main, booting));
  return [
    ...volumes.map((volume, i) => unparkCall({ server, volume, i }, booting)),
    ...server.nics.map((_, i) => portCall(server, i, booting)),
    startCall(server, volumes, booting),
  ];
}

/** The drill volume of a main volume. */
function copyOf(main: string, { context }: Booting): string {
  const volume = volumesOf(context.facts).find((one) => one.main === main);
  if (volume !== undefined) return volume.copyVolume;
  const why = 'No chain of pairs leads from it to a drill copy.';
  throw new ActionError('ACT-PLAN', `Volume ${main}.`, why);
}

function unparkCall(
  { server, volume, i }: { server: ServerSpec; volume: string; i: number },
  { site, split }: Booting,
): DraftCall {
  return {
    name: unparkName(server, i),
    site: site.id,
    target: `cinder:${site.cloud}`,
    method: 'POST',
    path: cinderPaths.action(volume),
    body: resetStatusBody('available'),
    guards: [volumeGuard(site, volume, 'maintenance'), split],
    words: {
      ko: `${server.name} ${i + 1}번째 복제 볼륨을 사용 가능으로 변경`,
      en: `Unpark copy volume ${i + 1} of ${server.name}`,
    },
  };
}

function portCall(server: ServerSpec, i: number, booting: Booting): DraftCall {
  const { context, given, site, isolation } = booting;
  const name = portName(server, i);
  const key = objectKey(context.run, `${context.step}.${name}`);
  const nic = server.nics[i] ?? { mac: '', ip: '' };
  return {
    name,
    site: site.id,
    target: `neutron:${site.cloud}`,
    method: 'POST',
    path: neutronPaths.create,
    body: portBody({ name: key, network: given.network, ...nic }),
    guards: isolation,
    creates: {
      key,
      listPath: neutronPaths.ports(given.network),
      list: '/ports',
      keyField: '/name',
      id: '/id',
    },
    words: {
      ko: `${server.name}의 훈련망 포트 생성 (${nic.ip})`,
      en: `Make the drill port of ${server.name} (${nic.ip})`,
    },
  };
}

function startCall(server: ServerSpec, volumes: readonly string[], booting: Booting): DraftCall {
  const { context, given, site, bound, isolation, split } = booting;
  const key = objectKey(context.run, `${context.step}.${startName(server)}`);
  const flavor = bound.flavors?.[server.flavor];
  if (flavor === undefined) {
    throw new ActionError('ACT-PLAN', `Flavor ${server.flavor}.`, `${site.id} does not know it.`);
  }
  const ports = server.nics.map((_, i) => portName(server, i));
  const lower = given.servers.filter((other) => other.order < server.order).map(startName);
  return {
    name: startName(server),
    site: site.id,
    target: `nova:${site.cloud}`,
    method: 'POST',
    path: novaPaths.create,
    body: serverBody({
      name: server.name,
      flavor,
      volumes,
      ports: ports.map((_, i) => `{{port${i + 1}}}`),
      key,
    }),
    after: [...server.volumes.map((_, i) => unparkName(server, i)), ...ports, ...lower],
    guards: [
      ...isolation,
      split,
      ...volumes.map((volume) => volumeGuard(site, volume, 'available')),
    ],
    holes: ports.map((port, i) => ({
      name: `port${i + 1}`,
      call: `${context.step}.${port}`,
      pointer: '/port/id',
    })),
    creates: {
      key,
      listPath: novaPaths.servers,
      list: '/servers',
      keyField: '/metadata/drillbook-key',
      id: '/id',
    },
    words: {
      ko: `${site.name.ko}에서 ${server.name} 기동 (볼륨 ${volumes.length}개)`,
      en: `Start ${server.name} at ${site.name.en} (${volumes.length} volumes)`,
    },
  };
}
