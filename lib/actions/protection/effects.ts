/** Whether what a call of these actions wants is so: one small rule for each kind of thing. */
import { imageOf, isBootable, type Likeness } from '../../openstack/protection.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import { cloneClassOf } from '../../vsp/pairs.ts';
import type { Pairable } from '../../vsp/protection.ts';
import type { ClonePair } from '../../vsp/schema.ts';
import type { Effect } from '../judging.ts';
import type { Seen } from '../reads.ts';
import { type About, aboutOf, type VolumeWish } from './about.ts';
import { type Halves, placeName, type World } from './seen.ts';

export function effectOf(call: PlanCall, world: World): Effect {
  const about = aboutOf(call);
  switch (about?.of) {
    case 'new-volume':
      return madeEffect(world.made, about.key);
    case 'volume':
      return volumeEffect(world.volumes.get(placeName(call.site, about.volume)), about.wants);
    case 'path':
      return pathEffect(world.ldevs.get(placeName(call.site, about.ldev)), about);
    case 'pair':
      return pairEffect(world.halves, about);
    case 'clone':
      return cloneEffect(world.clones, about);
    default:
      return { seen: 'broken', why: `${call.id} is no call of these actions.` };
  }
}

const unread: Effect = { seen: 'unknown', why: 'It was not read.' };
const there: Effect = { seen: 'there' };

function madeEffect(made: World['made'], key: string): Effect {
  if (made === undefined) return unread;
  if (!made.ok) return { seen: 'unknown', why: made.why };
  const found = made.value.filter(({ metadata }) => metadata['drillbook-key'] === key);
  const [volume] = found;
  if (volume === undefined) return { seen: 'absent', why: 'Cinder lists no such volume.' };
  if (found.length > 1) return { seen: 'broken', why: `${found.length} volumes carry its key.` };
  const why = `Volume ${volume.id} is ${volume.status}.`;
  const reading = { volume: volume.id, status: volume.status };
  if (volume.status === 'error') return { seen: 'broken', why, reading };
  return volume.status === 'creating' ? { seen: 'moving', why } : { seen: 'there', reading };
}

/** Statuses that a volume passes through by itself. */
const PASSING = ['creating', 'deleting', 'extending'];

function volumeEffect(seen: Seen<Likeness> | undefined, wants: VolumeWish): Effect {
  if (seen === undefined) return unread;
  if ('gone' in wants && !seen.ok && seen.gone) return there;
  if (!seen.ok) return { seen: 'unknown', why: seen.why };
  const volume = seen.value;
  const why = `Volume ${volume.id} is ${volume.status}.`;
  if (volume.status.startsWith('error')) return { seen: 'broken', why };
  if (isSo(volume, wants)) return { seen: 'there', reading: { status: volume.status } };
  return { seen: PASSING.includes(volume.status) ? 'moving' : 'absent', why };
}

function isSo(volume: Likeness, wants: VolumeWish): boolean {
  if ('status' in wants) return volume.status === wants.status && volume.attachments.length === 0;
  if ('bootable' in wants) return isBootable(volume) === wants.bootable;
  if ('image' in wants) return holds(imageOf(volume), wants.image);
  if ('sizeGiB' in wants) return volume.size >= wants.sizeGiB && volume.status !== 'extending';
  return 'metadata' in wants && holds(volume.metadata, wants.metadata);
}

const holds = (
  has: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string | undefined>>,
): boolean => Object.entries(wanted).every(([name, value]) => has[name] === value);

function pathEffect(seen: Seen<Pairable> | undefined, about: About & { of: 'path' }): Effect {
  if (seen === undefined) return unread;
  if (!seen.ok) return { seen: 'unknown', why: seen.why };
  const ids = (seen.value.ports ?? []).map(
    ({ portId, hostGroupNumber, lun }) => `${portId},${hostGroupNumber},${lun}`,
  );
  const found = ids.some((id) =>
    about.there ? id.startsWith(about.through) : id === about.through,
  );
  if (found === about.there) return { seen: 'there', reading: { paths: ids } };
  return { seen: 'absent', why: `LDEV ${about.ldev} has ${ids.join(' ') || 'no LU path'}.` };
}

type PairAsked = Extract<About, { of: 'pair' | 'clone' }>;

/** Both halves; a new pair is there when it is PAIR, not when it is copying. */
function pairEffect(halves: Halves | undefined, { name, ldevs }: PairAsked): Effect {
  if (halves === undefined) return unread;
  if (!halves.from.ok) return { seen: 'unknown', why: halves.from.why };
  if (!halves.to.ok) return { seen: 'unknown', why: halves.to.why };
  const p = halves.from.value.find(({ copyPairName }) => copyPairName === name);
  const s = halves.to.value.find(({ copyPairName }) => copyPairName === name);
  const states = `${p?.pvolStatus ?? 'no pair'}/${s?.svolStatus ?? 'no pair'}`;
  const why = `Pair ${name} is ${states}.`;
  const reading = { states };
  const gone = p === undefined && s === undefined;
  if (ldevs === undefined) return { seen: gone ? 'there' : 'absent', why, reading };
  if (gone) return { seen: 'absent', why };
  if (p === undefined || s === undefined) return { seen: 'moving', why };
  if (p.pvolLdevId !== ldevs.pvol || s.svolLdevId !== ldevs.svol) {
    return { seen: 'broken', why: `Pair ${name} joins other volumes.` };
  }
  const both = [p.pvolStatus ?? '', s.svolStatus ?? ''];
  if (both.every((state) => RUNNING.includes(state))) return { seen: 'there', reading };
  if (both.some((state) => state === 'COPY')) {
    return { seen: 'moving', why: `${why} The first copy runs.`, reading };
  }
  return { seen: 'broken', why };
}

const RUNNING = ['PAIR', 'PFUL'];

function cloneEffect(seen: World['clones'], { name, ldevs }: PairAsked): Effect {
  if (seen === undefined) return unread;
  if (!seen.ok) return { seen: 'unknown', why: seen.why };
  const pair: ClonePair | undefined = seen.value.find(({ copyPairName }) => copyPairName === name);
  const why = `Pair ${name} is ${pair === undefined ? 'not there' : cloneClassOf(pair)}.`;
  if (ldevs === undefined) return { seen: pair === undefined ? 'there' : 'absent', why };
  if (pair === undefined) return { seen: 'absent', why };
  if (pair.pvolLdevId !== ldevs.pvol || pair.svolLdevId !== ldevs.svol) {
    return { seen: 'broken', why: `Pair ${name} joins other volumes.` };
  }
  const state = cloneClassOf(pair);
  if (state === 'paired') return { seen: 'there', reading: { state } };
  return { seen: state === 'copying' ? 'moving' : 'broken', why };
}
