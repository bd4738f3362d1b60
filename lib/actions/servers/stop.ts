/**
 * `servers/stop`: shuts down the servers of the service that run at a site and locks them, so that
 * nobody starts one by accident. Servers of a higher order go first. Taken back by `servers/start`;
 * as the undo of one it stops what that step started.
 */
import * as z from 'zod';
import { serverSchema } from '../../config.ts';
import { novaPaths, powerBodies } from '../../openstack/paths.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { siteOf } from '../facts.ts';
import { disksGuard, serverGuard } from './guards.ts';
import { judgePower, type PowerSeen } from './judge-power.ts';
import { type Live, liveServers, seeServers, undoneServers } from './live.ts';
import { situationOfServers } from './situation.ts';
import { heldBy, judgeStrays, type Strays, seeStrays } from './strays.ts';
import { asking, seenStopping } from './writing.ts';

const input = z.strictObject({
  site: z.string(),
  servers: z.array(serverSchema).min(1),
});
type Input = z.infer<typeof input>;

interface Observed extends PowerSeen {
  /** Servers that would write on; an undo stops what was started, whatever else runs there. */
  readonly strays: Strays | undefined;
}

export const serversStop: Action<Input, Observed> = {
  name: 'servers/stop',
  input,
  title: { ko: '서버 정지와 잠금', en: 'Stop and lock the servers' },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  facts: ['servers', 'twins'],
  guarded: ['server-unlocked', 'server-stopped', 'server-disks-known'],
  // Whoever stopped it: it does not write, and what was stopped before is not started again.
  preexisting: 'accept',
  marks: ({ servers }) => asking(servers),
  plan: (given, context) => {
    const live = liveServers(context, given.site, given.servers);
    const wanted = undoneServers(live, context, ['start', 'unlock']) ?? live;
    return wanted.flatMap((server) => callsFor(server, live, { given, context }));
  },
  observe: async (view, { site, servers }, read) => ({
    servers: await seeServers(read, view),
    strays:
      view.step.undoes === undefined ? await seeStrays(read, view, { site, servers }) : undefined,
  }),
  situation: situationOfServers,
  judge: (seen, given, view) => {
    const { servers } = given;
    const verdicts =
      view.calls.length === 0 && seen.strays !== undefined
        ? { [view.step.id]: judgeStrays(seen.strays) }
        : heldBy(seen.strays, judgePower({ seen, view, servers }));
    return { verdicts, marks: seenStopping(given, { verdicts }, view) };
  },
};

function callsFor(
  { id, name, spec }: Live,
  live: readonly Live[],
  { given, context }: { readonly given: Input; readonly context: PlanContext },
): DraftCall[] {
  const site = siteOf(context.config, given.site);
  // As an undo it stops only what was started, whatever else runs there.
  const isUndo = context.undoes !== undefined;
  const higher = isUndo ? [] : live.filter((other) => other.spec.order > spec.order);
  const { twins: all = [] } = boundOf(context.facts);
  const twins = all.flatMap(({ main, dr }) => (spec.volumes.includes(main) ? [dr] : []));
  const base = {
    site: site.id,
    target: `nova:${site.cloud}`,
    method: 'POST',
    path: novaPaths.action(id),
  } as const;
  return [
    {
      ...base,
      name: `stop-${name}`,
      body: powerBodies.stop,
      guards: [
        serverGuard(site, id, 'server-unlocked'),
        ...higher.map((other) => serverGuard(site, other.id, 'server-stopped')),
        ...(isUndo ? [] : [disksGuard(site, id, [...spec.volumes, ...twins])]),
      ],
      words: {
        ko: `${site.name.ko}의 ${name} 정지`,
        en: `Shut down ${name} at ${site.name.en}`,
      },
    },
    {
      ...base,
      name: `lock-${name}`,
      body: powerBodies.lock,
      guards: [serverGuard(site, id, 'server-stopped')],
      words: {
        ko: `${site.name.ko}의 ${name} 잠금 (실수로 기동되지 않도록)`,
        en: `Lock ${name} at ${site.name.en}, so that nobody starts it by accident`,
      },
    },
  ];
}
