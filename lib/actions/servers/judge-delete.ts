/** What is left of what a boot step made, call by call. */
import type { Port, Server, Volume } from '../../openstack/schema.ts';
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
function neverMade(effect: Effect): Verdict {
  if (effect.seen === 'unknown') return { state: 'pending', reason: effect.why ?? 'not known' };
  return effect.seen === 'there' ? notNeeded : { ...notNeeded, reason: effect.why ?? 'not ours' };
}

/** Nothing is there though it was asked for: it may still appear when that call was lost. */
function gone(maker: Mine | undefined, now: number, effect: Effect): Verdict {
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
  if (makesServer(made)) return serverGone(withKey(servers.value, key));
  if (!ports.ok) return { seen: 'unknown', why: ports.why };
  return portGone(withName(ports.value, key), made, { servers: servers.value, view });
}

function serverGone(found: readonly Server[]): Effect {
  const [server] = found;
  if (server === undefined) return { seen: 'there' };
  if (found.length > 1) return { seen: 'broken', why: `${found.length} servers carry this key.` };
  return { seen: 'absent', why: `Server ${server.id} is ${server.status}.` };
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

function parked(volume: Seen<Volume> | undefined): Effect {
  if (volume === undefined) return { seen: 'unknown', why: 'The volume was not read.' };
  if (!volume.ok) return { seen: 'unknown', why: volume.why };
  const { status, attachments } = volume.value;
  if (status === 'maintenance') return { seen: 'there', reading: { status } };
  if (status === 'available' && attachments.length === 0) {
    return { seen: 'absent', why: 'The volume is not parked.' };
  }
  return { seen: 'blocked', why: `The volume is ${status}.` };
}
