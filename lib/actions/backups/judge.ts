/** What is seen of restored volumes, call by call: made, made bootable, deleted again. */
import type { Volume } from '../../openstack/schema.ts';
import type { Verdict } from '../../run/verdict.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { StepView } from '../action.ts';
import { type Effect, judgeCall, maySent, notNeeded } from '../judging.ts';
import { gone, neverMade } from '../servers/judge-delete.ts';
import { madeFor, restores, type VolumesSeen, withKey } from './volumes.ts';

export function judgeRestore(seen: VolumesSeen, view: StepView): Record<string, Verdict> {
  const judged = view.calls.map((call) => {
    const effect = effectOf(call, seen, view);
    const mine = view.mine[call.id];
    // A restored volume may have brought its flag along.
    const isSet = !restores(call) && effect.seen === 'there' && !maySent(mine);
    const verdict = isSet ? notNeeded : judgeCall({ call, mine, now: view.now, effect });
    return [call.id, verdict] as const;
  });
  return Object.fromEntries(judged);
}

export function judgeDiscard(seen: VolumesSeen, view: StepView): Record<string, Verdict> {
  const judged = view.calls.map((call) => [call.id, discarded(call, seen, view)] as const);
  return Object.fromEntries(judged);
}

function discarded(call: PlanCall, seen: VolumesSeen, view: StepView): Verdict {
  const made = madeFor(call, view);
  if (made === undefined) return { state: 'refuse', reason: 'It takes back no call of this plan.' };
  const mine = view.mine[call.id];
  if (mine?.state === 'not-needed') return notNeeded;
  const effect = whenGone(made, seen);
  const maker = view.mine[made.id];
  if (!maySent(maker)) return neverMade(effect);
  if (effect.seen === 'there' && !maySent(mine)) return gone(maker, view.now, effect);
  return judgeCall({ call, mine, now: view.now, effect, before: 'It was gone already.' });
}

function effectOf(call: PlanCall, seen: VolumesSeen, view: StepView): Effect {
  const found = onlyOne(madeFor(call, view), seen);
  if ('seen' in found) return found;
  const { volume } = found;
  if (restores(call)) return restored(volume);
  if (volume?.status !== 'available')
    return { seen: 'blocked', why: 'The volume is not there yet.' };
  const isBootable = volume.bootable === true || volume.bootable === 'true';
  return isBootable
    ? { seen: 'there' }
    : { seen: 'absent', why: `Volume ${volume.id} is not bootable.` };
}

function onlyOne(
  made: PlanCall | undefined,
  seen: VolumesSeen,
): Effect | { readonly volume: Volume | undefined } {
  if (!seen.ok) return { seen: 'unknown', why: seen.why };
  const found = withKey(seen.value, made);
  if (found.length < 2) return { volume: found[0] };
  return { seen: 'broken', why: `${found.length} volumes carry the key of ${made?.id}.` };
}

function restored(volume: Volume | undefined): Effect {
  if (volume === undefined) return { seen: 'absent', why: 'There is no such volume.' };
  const { id, status } = volume;
  const reading = { volume: id, status };
  if (status === 'available' || status === 'in-use') return { seen: 'there', reading };
  const moving = ['creating', 'restoring-backup', 'reserved', 'attaching'].includes(status);
  return { seen: moving ? 'moving' : 'broken', why: `Volume ${id} is ${status}.`, reading };
}

/** `there` = deleted. */
function whenGone(made: PlanCall, seen: VolumesSeen): Effect {
  const found = onlyOne(made, seen);
  if ('seen' in found) return found;
  const { volume } = found;
  if (volume === undefined) return { seen: 'there' };
  const why = `Volume ${volume.id} is ${volume.status}.`;
  if (volume.status === 'deleting') return { seen: 'moving', why };
  const isFree = volume.attachments.length === 0 && ['available', 'error'].includes(volume.status);
  return { seen: isFree ? 'absent' : 'blocked', why };
}
