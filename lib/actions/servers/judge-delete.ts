/** What is left of what a boot step made, call by call. */
import type { Port, Server, Volume } from '../../openstack/schema.ts';
import { powerOf, statusText } from '../../openstack/servers.ts';
import type { Verdict } from '../../run/verdict.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Mine, StepView } from '../action.ts';
import { type Effect, isPastLimit, judgeCall, maySent, notNeeded } from '../judging.ts';
import type { Seen } from '../reads.ts';
import { makesServer, resetOf } from './made.ts';
import { type CloudSeen, withKey, withName } from './seen.ts';

export function judgeDelete(seen: CloudSeen, view: StepView): Record<string, Verdict> {
  return Object.fromEntries(view.calls.map((call) => [call.id, verdictOf(call, seen, view)]));
}

/** The call whose effect this one takes back. */
function madeBy(call: PlanCall, view: StepView): PlanCall | undefined {
  const [hole] = call.holes;
  if (hole !== undefined) return view.plan.calls.find((one) => one.id === hole.call);
  const volume = resetOf(call)?.volume;
  return view.plan.calls.find(
    (one) => one.step === view.step.undoes && resetOf(one)?.volume === volume,
  );
}

function verdictOf(call: PlanCall, seen: CloudSeen, view: StepView): Verdict {
  const made = madeBy(call, view);
  if (made === undefined) return { state: 'refuse', reason: 'It takes back no call of this plan.' };
  const mine = view.mine[call.id];
  if (mine?.state === 'not-needed') return notNeeded;
  const maker = view.mine[made.id];
  const effect = effectOf(call, made, { seen, view });
  if (!maySent(maker)) return neverMade(effect);
  if (effect.seen === 'there' && !maySent(mine)) return gone(maker, view.now, effect);
  return judgeCall({ call, mine, now: view.now, effect, before: 'It was gone already.' });
}

/** The boot never asked for it, so nothing of it is ours to take back. */
export function neverMade(effect: Effect): Verdict {
  if (effect.seen === 'unknown') return { state: 'pending', reason: effect.why ?? 'not known' };
  return effect.seen === 'there' ? notNeeded : { ...notNeeded, reason: effect.why ?? 'not ours' };
}

/** Nothing is there though it was asked for: it may still appear when that call was lost. */
export function gone(maker: Mine | undefined, now: number, effect: Effect): Verdict {
  if (maker?.state === 'answered') {
    const text = 'Something else took it back already.';
    return {
      state: 'preexisting',
      reason: text,
      ...(effect.reading === undefined ? {} : { reading: effect.reading }),
    };
  }
  if (maker !== undefined && isPastLimit(maker, now)) return notNeeded;
  return { state: 'pending', reason: 'What a lost call made may still appear.' };
}

interface Seeing {
  readonly seen: CloudSeen;
  readonly view: StepView;
}

/** `there` = taken back. */
function effectOf(call: PlanCall, made: PlanCall, { seen, view }: Seeing): Effect {
  const { servers, ports } = seen;
  const reset = resetOf(call);
  if (reset !== undefined) return parked(seen.volumes.get(reset.volume));
  const key = made.creates?.key ?? '';
  if (!servers.ok) return { seen: 'unknown', why: servers.why };
  if (makesServer(made)) {
    const found = withKey(servers.value, key);
    const at = { servers: servers.value, view };
    return stops(call) ? shutDown(found, made, at) : serverGone(found, stopFor(made, view));
  }
  if (!ports.ok) return { seen: 'unknown', why: ports.why };
  return portGone(withName(ports.value, key), made, { servers: servers.value, view });
}

const stops = (call: PlanCall): boolean => call.path.endsWith('/action');

/** The call that shuts a server down before it is deleted: production only. */
const stopFor = (made: PlanCall, { calls }: StepView): PlanCall | undefined =>
  calls.find((call) => stops(call) && call.holes.some((hole) => hole.call === made.id));

interface Among {
  readonly servers: readonly Server[];
  readonly view: StepView;
}

/** Those that were started after it go first. What neither runs nor is off is deleted as it is. */
function shutDown(found: readonly Server[], made: PlanCall, { servers, view }: Among): Effect {
  const [server] = found;
  if (server === undefined) return { seen: 'there' };
  const why = `${server.name} is ${statusText(server)}.`;
  const reading = { server: server.id, status: server.status };
  switch (powerOf(server)) {
    case 'on': {
      const later = view.plan.calls.filter((call) => call.after.includes(made.id));
      const runs = later.flatMap((call) => withKey(servers, call.creates?.key ?? ''));
      const first = runs.find((one) => powerOf(one) === 'on' || powerOf(one) === 'changing');
      if (first === undefined) return { seen: 'absent', why };
      return { seen: 'blocked', why: `${server.name} waits for ${first.name}.` };
    }
    case 'changing':
      return { seen: 'moving', why };
    case 'unknown':
      return { seen: 'unknown', why };
    default:
      return { seen: 'there', reading };
  }
}

function serverGone(found: readonly Server[], stop: PlanCall | undefined): Effect {
  const [server] = found;
  if (server === undefined) return { seen: 'there' };
  if (found.length > 1) return { seen: 'broken', why: `${found.length} servers carry this key.` };
  const why = `Server ${server.id} is ${statusText(server)}.`;
  const power = powerOf(server);
  const runs = power === 'on' || power === 'changing' || power === 'unknown';
  // One that is being deleted changes, too, and has been asked for.
  return { seen: stop !== undefined && runs ? 'blocked' : 'absent', why };
}

/** A port goes after its server: pulled out of a running one it would only confuse it. */
function portGone(
  found: readonly Port[],
  made: PlanCall,
  { servers, view }: { servers: readonly Server[]; view: StepView },
): Effect {
  const [port] = found;
  if (port === undefined) return { seen: 'there' };
  if (found.length > 1) return { seen: 'broken', why: `${found.length} ports carry this key.` };
  const user = view.plan.calls.find(
    (one) => one.holes.some((hole) => hole.call === made.id) && makesServer(one),
  );
  const running = withKey(servers, user?.creates?.key ?? '').length > 0;
  if (running) return { seen: 'blocked', why: 'Its server is still there.' };
  return { seen: 'absent', why: `Port ${port.id} is there.` };
}

export function parked(volume: Seen<Volume> | undefined): Effect {
  if (volume === undefined) return { seen: 'unknown', why: 'The volume was not read.' };
  if (!volume.ok) return { seen: 'unknown', why: volume.why };
  const { status, attachments } = volume.value;
  if (status === 'maintenance') return { seen: 'there', reading: { status } };
  if (status === 'available' && attachments.length === 0) {
    return { seen: 'absent', why: 'The volume is not parked.' };
  }
  return { seen: 'blocked', why: `The volume is ${status}.` };
}
