/** What is seen of the objects a boot step makes, call by call. */
import type { ServerSpec } from '../../config.ts';
import type { Server, Volume } from '../../openstack/schema.ts';
import type { Verdict } from '../../run/verdict.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { StepView } from '../action.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import type { Seen } from '../reads.ts';
import { makesPort, makesServer, resetOf, serverName } from './made.ts';
import { type CloudSeen, withKey, withName } from './seen.ts';
import { closedSide, type SideSeen } from './side.ts';

export interface BootSeen extends CloudSeen {
  /** Of replicas: whether they are writable. */
  readonly sides: readonly SideSeen[];
}

export function judgeBoot(
  seen: BootSeen,
  servers: readonly ServerSpec[],
  view: StepView,
): Record<string, Verdict> {
  return Object.fromEntries(
    view.calls.map((call) => {
      const { effect, before } = effectOf(call, seen, { servers, view });
      const mine = view.mine[call.id];
      const mayGo = effect.seen === 'absent' && !maySent(mine);
      const closed = mayGo ? closedSide(seen.sides) : undefined;
      const found = { call, mine, now: view.now, effect: closed ?? effect };
      return [call.id, judgeCall(before === undefined ? found : { ...found, before })];
    }),
  );
}

interface Booting {
  readonly servers: readonly ServerSpec[];
  readonly view: StepView;
}

function effectOf(
  call: PlanCall,
  seen: CloudSeen,
  booting: Booting,
): { effect: Effect; before?: string } {
  const reset = resetOf(call);
  if (reset !== undefined) {
    const effect = unparked(seen.volumes.get(reset.volume));
    return { effect, before: `Volume ${reset.volume} is not parked: somebody else uses it.` };
  }
  const key = call.creates?.key ?? '';
  if (makesPort(call)) {
    if (!seen.ports.ok) return { effect: { seen: 'unknown', why: seen.ports.why } };
    return { effect: counted(withName(seen.ports.value, key).length, `port ${key}`) };
  }
  if (!makesServer(call)) return { effect: { seen: 'unknown', why: 'An unknown kind of call.' } };
  if (!seen.servers.ok) return { effect: { seen: 'unknown', why: seen.servers.why } };
  return { effect: started(call, seen.servers.value, booting) };
}

function unparked(volume: Seen<Volume> | undefined): Effect {
  if (volume === undefined) return { seen: 'unknown', why: 'The volume was not read.' };
  if (!volume.ok) return { seen: volume.gone ? 'broken' : 'unknown', why: volume.why };
  const { status } = volume.value;
  if (status === 'maintenance') return { seen: 'absent', why: 'The volume is parked.' };
  if (['available', 'reserved', 'attaching', 'in-use'].includes(status)) {
    return { seen: 'there', why: `The volume is ${status}.` };
  }
  return { seen: 'broken', why: `The volume is ${status}.` };
}

function counted(found: number, what: string): Effect {
  if (found === 0) return { seen: 'absent', why: `There is no ${what}.` };
  if (found === 1) return { seen: 'there' };
  return { seen: 'broken', why: `There are ${found} of ${what}.` };
}

function started(call: PlanCall, servers: readonly Server[], booting: Booting): Effect {
  const name = serverName(call);
  const made = standing(name, withKey(servers, call.creates?.key ?? ''));
  if (made !== undefined) return made;
  const waiting = notYetActive(name, servers, booting);
  if (waiting.length === 0) return { seen: 'absent', why: `There is no ${name}.` };
  return { seen: 'blocked', why: `${name} waits for ${waiting.join(', ')}.` };
}

/** How far a server has come of which these carry the key; undefined while there is none. */
export function standing(name: string, found: readonly Server[]): Effect | undefined {
  const [server] = found;
  if (server === undefined) return undefined;
  if (found.length > 1) return { seen: 'broken', why: `${name} was made ${found.length} times.` };
  if (server.status === 'ACTIVE') {
    return { seen: 'there', reading: { server: server.id, status: server.status } };
  }
  if (server.status === 'ERROR') return { seen: 'broken', why: `${name} went to ERROR.` };
  return { seen: 'moving', why: `${name} is ${server.status}.` };
}

/** Servers of a lower order that are not up yet. */
function notYetActive(
  name: string,
  active: readonly Server[],
  { servers, view }: Booting,
): string[] {
  const order = servers.find((server) => server.name === name)?.order ?? 0;
  const lower = servers.filter((server) => server.order < order).map((server) => server.name);
  return lower.filter((other) => {
    const call = view.calls.find((one) => makesServer(one) && serverName(one) === other);
    const [made] = withKey(active, call?.creates?.key ?? '');
    return made?.status !== 'ACTIVE';
  });
}
