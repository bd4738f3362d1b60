/**
 * `servers/start`: unlocks and starts servers that are there, lower order first, on volumes that are
 * writable at that site. Alone it starts all of them; as the undo of `servers/stop` only what that
 * step stopped. Taken back by `servers/stop`.
 */
import * as z from 'zod';
import { serverSchema } from '../../config.ts';
import { novaPaths, type PowerAction, powerBodies } from '../../openstack/paths.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { serverGuard, sideUnopenedGuards, sideWritableGuard } from './guards.ts';
import { judgePower, type PowerSeen } from './judge-power.ts';
import { type Live, liveServers, powerOfCall, seeServers, undoneServers } from './live.ts';
import { seeSides } from './side.ts';
import { situationOfServers } from './situation.ts';
import { starting } from './writing.ts';

const input = z.strictObject({
  site: z.string(),
  servers: z.array(serverSchema).min(1),
});
type Input = z.infer<typeof input>;

export const serversStart: Action<Input, PowerSeen> = {
  name: 'servers/start',
  input,
  title: { ko: '서버 잠금 해제와 기동', en: 'Unlock and start the servers' },
  withinMs: 30 * 60_000,
  pollMs: 3_000,
  facts: ['servers', 'twins', 'mirror'],
  guarded: [
    ...['server-unlocked', 'server-stopped', 'server-active', 'side-writable', 'side-unopened'],
  ],
  // One that runs already may have run on volumes that changed under it.
  preexisting: 'refuse',
  marks: ({ servers }) => starting(servers, (call) => powerOfCall(call)?.action === 'start'),
  plan: (given, context) => {
    const live = liveServers(context, given.site, given.servers);
    const wanted = undoneServers(live, context, ['stop', 'lock']) ?? all(live, given);
    return wanted.flatMap((server) => callsFor(server, live, { given, context }));
  },
  observe: async (view, _input, read) => ({
    servers: await seeServers(read, view),
    sides: await seeSides(read, view),
  }),
  situation: situationOfServers,
  judge: (seen, { servers }, view) => ({ verdicts: judgePower({ seen, view, servers }) }),
};

function all(live: readonly Live[], { servers, site }: Input): readonly Live[] {
  const absent = servers.filter(({ name }) => live.every((one) => one.name !== name));
  if (absent.length === 0) return live;
  const names = absent.map(({ name }) => name).join(', ');
  throw new ActionError('ACT-PLAN', `${names} at ${site}.`, 'There is no such server to start.');
}

function callsFor(
  { id, name, spec }: Live,
  live: readonly Live[],
  { given, context }: { readonly given: Input; readonly context: PlanContext },
): DraftCall[] {
  const site = siteOf(context.config, given.site);
  // What an undone step had not stopped nobody starts: only a start of all waits for the others.
  const isUndo = context.undoes !== undefined;
  const lower = isUndo ? [] : live.filter((other) => other.spec.order < spec.order);
  const call = (action: PowerAction): Omit<DraftCall, 'words'> => ({
    name: `${action}-${name}`,
    site: site.id,
    target: `nova:${site.cloud}`,
    method: 'POST',
    path: novaPaths.action(id),
    body: powerBodies[action],
  });
  return [
    {
      ...call('unlock'),
      guards: [serverGuard(site, id, 'server-stopped')],
      words: { ko: `${site.name.ko}의 ${name} 잠금 해제`, en: `Unlock ${name} at ${site.name.en}` },
    },
    {
      ...call('start'),
      guards: [
        sideWritableGuard(site, context.facts),
        serverGuard(site, id, 'server-stopped'),
        serverGuard(site, id, 'server-unlocked'),
        ...lower.map((other) => serverGuard(site, other.id, 'server-active')),
      ],
      peerGuards: sideUnopenedGuards(site.id, context),
      words: { ko: `${site.name.ko}의 ${name} 기동`, en: `Start ${name} at ${site.name.en}` },
    },
  ];
}
