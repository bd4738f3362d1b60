/**
 * `servers/boot`: per server unpark its volumes, make its ports, start it. From drill copies in a
 * network that nothing leaves, or from the replicas themselves when the service moves. Servers of a
 * higher order wait until all of a lower one are ACTIVE.
 */
import type { ServerSpec } from '../../config.ts';
import {
  cinderPaths,
  neutronPaths,
  novaPaths,
  portBody,
  resetStatusBody,
  serverBody,
} from '../../openstack/paths.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { volumeGuard } from '../guards.ts';
import { manages } from '../volumes/managed.ts';
import { type BootSeen, judgeBoot } from './judge-boot.ts';
import { makesServer, objectKey } from './made.ts';
import {
  type BootInput,
  bootInput,
  type Origin,
  originOf,
  portName,
  type Volumes,
  volumeHole,
} from './origin.ts';
import { seeCloud, volumesIn } from './seen.ts';
import { seeSides } from './side.ts';
import { situationOfServers } from './situation.ts';
import { starting } from './writing.ts';

const familiesBy = {
  'drill-copies': ['replication', 'clone', 'volumes', 'network'],
  replicas: ['twins', 'servers', 'networks'],
  backups: [],
  managed: [],
  restored: ['takeover'],
} as const satisfies Readonly<Record<BootInput['from'], readonly string[]>>;

export const serversBoot: Action<BootInput, BootSeen> = {
  name: 'servers/boot',
  input: bootInput,
  title: { ko: '서버를 순서대로 기동', en: 'Start the servers in order' },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  facts: ['flavors'],
  factsFor: ({ from }) => familiesBy[from as keyof typeof familiesBy] ?? [],
  guarded: [
    ...['volume-status', 'clone-split', 'network-closed', 'segment-alone', 'only-own-ports'],
    ...['side-writable', 'side-unopened', 'server-stopped', 'ldev-whole'],
  ],
  preexisting: 'refuse',
  // On copies nothing is written that anybody could lose.
  marks: ({ from, servers }) => (from === 'drill-copies' ? [] : starting(servers, makesServer)),
  plan: (given, context) => {
    const booting = { given, context, origin: originOf(given, context) };
    return given.servers.flatMap((server) => callsFor(server, booting));
  },
  observe: async (view, { network }, read) => ({
    ...(await seeCloud(read, view, {
      site: view.calls[0]?.site ?? '',
      network,
      volumes: volumesIn(view.calls),
    })),
    sides: await seeSides(read, view),
  }),
  situation: situationOfServers,
  judge: (seen, given, view) => ({ verdicts: judgeBoot(seen, given.servers, view) }),
};

interface Booting {
  readonly given: BootInput;
  readonly context: PlanContext;
  readonly origin: Origin;
}

const unparkName = (server: ServerSpec, i: number) => `unpark-${server.name}-${i + 1}`;
const startName = (server: Pick<ServerSpec, 'name'>) => `start-${server.name}`;

function callsFor(server: ServerSpec, booting: Booting): DraftCall[] {
  const volumes = booting.origin.volumes(server);
  const { names, made, unparked } = volumes;
  const unparks =
    made.length > 0 || unparked
      ? []
      : names.map((volume, i) => unparkCall({ server, volume, i }, booting));
  const ports = server.nics.map((_, i) => portCall(server, i, booting));
  return [...unparks, ...ports, startCall(server, volumes, booting)];
}

function unparkCall(
  { server, volume, i }: { server: ServerSpec; volume: string; i: number },
  { origin: { site, data, volumeWord } }: Booting,
): DraftCall {
  return {
    name: unparkName(server, i),
    site: site.id,
    target: `cinder:${site.cloud}`,
    method: 'POST',
    path: cinderPaths.action(volume),
    body: resetStatusBody('available'),
    guards: [volumeGuard(site, volume, 'maintenance'), ...data],
    words: {
      ko: `${server.name} ${i + 1}번째 ${volumeWord.ko}을 사용 가능으로 변경`,
      en: `Unpark ${volumeWord.en} ${i + 1} of ${server.name}`,
    },
  };
}

function portCall(server: ServerSpec, i: number, booting: Booting): DraftCall {
  const { context, given, origin } = booting;
  const { site, portWord } = origin;
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
    guards: origin.network,
    creates: {
      key,
      listPath: neutronPaths.ports(given.network),
      list: '/ports',
      keyField: '/name',
      id: '/id',
    },
    words: {
      ko: `${server.name}의 ${portWord.ko} 생성 (${nic.ip})`,
      en: `Make the ${portWord.en} of ${server.name} (${nic.ip})`,
    },
  };
}

const hole = (name: string, call: string, pointer: string) => ({ name, call, pointer });

function startCall(server: ServerSpec, volumes: Volumes, booting: Booting): DraftCall {
  const { names, made, unparked } = volumes;
  const { context, given, origin } = booting;
  const { site, data, network } = origin;
  const key = objectKey(context.run, `${context.step}.${startName(server)}`);
  const flavor = boundOf(context.facts).flavors?.[server.flavor];
  if (flavor === undefined) {
    throw new ActionError('ACT-PLAN', `Flavor ${server.flavor}.`, `${site.id} does not know it.`);
  }
  const ports = server.nics.map((_, i) => portName(server, i));
  const lower = given.servers.filter((other) => other.order < server.order).map(startName);
  const peerGuards = origin.peers(server);
  const isThere = made.length === 0;
  return {
    name: startName(server),
    site: site.id,
    target: `nova:${site.cloud}`,
    method: 'POST',
    path: novaPaths.create,
    body: serverBody({
      name: server.name,
      flavor,
      volumes: names,
      ports: ports.map((_, i) => `{{port${i + 1}}}`),
      key,
    }),
    after: [
      ...(isThere && !unparked ? names.map((_, i) => unparkName(server, i)) : []),
      ...made.map(({ id }) => id),
      ...ports,
      ...lower,
    ],
    guards: [
      ...network,
      ...data,
      ...(volumes.data ?? []),
      ...(isThere ? names.map((volume) => volumeGuard(site, volume, 'available')) : []),
    ],
    ...(peerGuards.length === 0 ? {} : { peerGuards }),
    holes: [
      ...ports.map((port, i) => hole(`port${i + 1}`, `${context.step}.${port}`, '/port/id')),
      ...made.map((call, i) => {
        return hole(volumeHole(i), call.id, manages(call) ? '/volume/id' : '/restore/volume_id');
      }),
    ],
    creates: {
      key,
      listPath: novaPaths.servers,
      list: '/servers',
      keyField: '/metadata/drillbook-key',
      id: '/id',
    },
    words: {
      ko: `${site.name.ko}에서 ${server.name} 기동 (볼륨 ${names.length}개)`,
      en: `Start ${server.name} at ${site.name.en} (${names.length} volumes)`,
    },
  };
}
