/**
 * `servers/retire`: removes servers of the service that this run did not make: each by the id that
 * stands in the plan, shut down before, with its ports; then their volumes are parked. For the side
 * that the service has left. Nothing brings a deleted server back, its volumes stay.
 */
import * as z from 'zod';
import { type ServerSpec, type Site, serverSchema } from '../../config.ts';
import { cinderPaths, neutronPaths, novaPaths, resetStatusBody } from '../../openstack/paths.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Guard } from '../../runbook/plan.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { volumeGuard } from '../guards.ts';
import { twinsOf } from '../replicas.ts';
import { portFreeGuard, serverAbsentGuard, serverGuard } from './guards.ts';
import { judgeRetire, type RetireSeen, seeRetired } from './judge-retire.ts';
import { type Live, liveServers } from './live.ts';
import { situationOfServers } from './situation.ts';

const input = z.strictObject({
  site: z.string(),
  servers: z.array(serverSchema).min(1),
});
type Input = z.infer<typeof input>;

export const serversRetire: Action<Input, RetireSeen> = {
  name: 'servers/retire',
  input,
  title: {
    ko: '떠난 쪽의 서버 삭제와 볼륨 보관',
    en: 'Delete the servers left, park their volumes',
  },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  facts: ['servers', 'twins'],
  guarded: [
    ...['server-stopped', 'server-keeps-volumes', 'server-absent', 'port-free', 'volume-status'],
  ],
  // Deleted or parked by somebody else it is as it should be.
  preexisting: 'accept',
  plan: (given, context) => {
    const { replication } = context.service;
    if (given.site === replication.from) {
      const why = 'They are started again when the service comes home: servers/stop leaves them.';
      throw new ActionError('ACT-PLAN', `Servers at ${given.site} are not deleted.`, why);
    }
    const live = liveServers(context, given.site, given.servers);
    const site = siteOf(context.config, given.site);
    return given.servers.flatMap((spec) => {
      const server = live.find(({ name }) => name === spec.name);
      const left = boundOf(context.facts).leftovers?.find(({ name }) => name === spec.name);
      const calls = server === undefined ? portsOf(left, site) : deletesOf(server, site);
      return [...calls, ...parksOf(spec, { site, context, server })];
    });
  },
  observe: (view, _input, read) => seeRetired(read, view),
  situation: situationOfServers,
  judge: (seen, _input, view) => ({ verdicts: judgeRetire(seen, view) }),
};

function deletesOf({ id, name, ports }: Live, site: Site): DraftCall[] {
  return [
    {
      name: `delete-${name}`,
      site: site.id,
      target: `nova:${site.cloud}`,
      method: 'DELETE',
      path: novaPaths.server(id),
      guards: [
        serverGuard(site, id, 'server-stopped'),
        serverGuard(site, id, 'server-keeps-volumes'),
      ],
      words: {
        ko: `${site.name.ko}의 정지된 ${name} 삭제 (볼륨은 유지)`,
        en: `Delete ${name} at ${site.name.en}, which is shut down; its volumes stay`,
      },
    },
    ...portsOf({ name, ports }, site, [serverAbsentGuard(site, id)]),
  ];
}

/** `gone`: what says that its server is. */
const portsOf = (
  left: { readonly name: string; readonly ports: readonly string[] } | undefined,
  site: Site,
  gone: readonly Guard[] = [],
): DraftCall[] =>
  (left?.ports ?? []).map((port, i) => ({
    name: `delete-port-${left?.name}-${i + 1}`,
    site: site.id,
    target: `neutron:${site.cloud}`,
    method: 'DELETE',
    path: neutronPaths.port(port),
    guards: [...gone, portFreeGuard(site, port)],
    words: {
      ko: `${site.name.ko}에 남은 ${left?.name}의 포트 삭제`,
      en: `Delete the port that ${left?.name} leaves at ${site.name.en}`,
    },
  }));

interface Parking {
  readonly site: Site;
  readonly context: PlanContext;
  readonly server: Live | undefined;
}

function parksOf(spec: ServerSpec, { site, context, server }: Parking): DraftCall[] {
  const twins = twinsOf(context.facts);
  return spec.volumes.map((main, i) => {
    const volume = twins.find((twin) => twin.main === main)?.dr;
    if (volume === undefined) {
      throw new ActionError('ACT-PLAN', `Volume ${main}.`, `It has no twin at ${site.id}.`);
    }
    return {
      name: `park-${spec.name}-${i + 1}`,
      site: site.id,
      target: `cinder:${site.cloud}`,
      method: 'POST',
      path: cinderPaths.action(volume),
      body: resetStatusBody('maintenance'),
      guards: [
        volumeGuard(site, volume, 'available'),
        ...(server === undefined ? [] : [serverAbsentGuard(site, server.id)]),
      ],
      words: {
        ko: `${spec.name} ${i + 1}번째 볼륨을 ${site.name.ko}에 다시 보관`,
        en: `Park volume ${i + 1} of ${spec.name} at ${site.name.en} again`,
      },
    };
  });
}
