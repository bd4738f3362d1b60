/** `clone/resync`: the drill copies follow the S-VOLs again; what was written to them is gone. */
import * as z from 'zod';
import { boundOf } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { cloneClass, markerReached } from '../../vsp/pairs.ts';
import { actionMethod, actions, objectsPath, reads, resyncBody } from '../../vsp/paths.ts';
import { type ClonePair, type Journal, type jobSchema, ldevSchema } from '../../vsp/schema.ts';
import type { Action, DraftCall, PlanContext, Reader, StepView } from '../action.ts';
import { siteOf } from '../facts.ts';
import { cloneGuard, pathGuard, volumeFreeGuard } from '../guards.ts';
import { type Effect, isPastLimit, judgeCall, maySent } from '../judging.ts';
import { arrayTarget, onArray, type Seen, see, seeVolume } from '../reads.ts';
import {
  boundSite,
  cloneOf,
  type ReplicationSample,
  replicationOf,
  sampleReplication,
  seeClones,
  seeJournal,
  volumesOf,
} from '../replicas.ts';
import { sideGuard } from '../replication/sides.ts';
import { situation } from '../situation.ts';
import { checkGroup, cloneMark } from './group.ts';
import { jobFailed, seeJob } from './job.ts';

const input = z.strictObject({ group: z.string() });
type Input = z.infer<typeof input>;

interface Observed {
  readonly pairs: Seen<readonly ClonePair[]>;
  readonly replication: ReplicationSample;
  /** Why the copies may still be in use; empty when they are free. */
  readonly users: readonly User[];
  readonly master: Seen<Journal>;
  readonly restore: Seen<Journal>;
  readonly job: Seen<z.infer<typeof jobSchema>> | undefined;
}

interface User {
  readonly why: string;
  /** Seen using a copy; without it whoever would know did not answer. */
  readonly seen: boolean;
}

/** Servers that are being deleted let go of their volumes long before. */
const LET_GO_MS = 10 * 60_000;

export const cloneResync: Action<Input, Observed> = {
  name: 'clone/resync',
  input,
  title: { ko: '복제본 재동기화', en: 'Resynchronise the drill copies' },
  withinMs: 6 * 3_600_000,
  pollMs: 5_000,
  facts: ['replication', 'clone', 'volumes'],
  guarded: ['clone-split-whole', 'side-whole', 'only-pair-path', 'volume-free'],
  preexisting: 'accept',
  marks: ({ group }) => ({ name: cloneMark(group), undone: true }),
  plan: (given, context) => [resyncCall(given, context)],
  observe: async (view, _input, read) => ({
    pairs: await seeClones(read, view.plan),
    replication: await sampleReplication(read, view.plan),
    users: await usersOf(read, view),
    master: await seeJournal(read, view.plan, 'primary'),
    restore: await seeJournal(read, view.plan, 'secondary'),
    job: await seeJob(read, view),
  }),
  situation,
  judge: (observed, _input, view) => {
    const [call] = view.calls;
    if (call === undefined) return { verdicts: {} };
    const verdict = judgeCall({
      call,
      mine: view.mine[call.id],
      now: view.now,
      effect: effectOf(observed, view, call.id),
      before: 'The copies were PAIR already.',
    });
    const { replication } = observed;
    const over = verdict.state === 'done' || verdict.state === 'preexisting';
    if (!over || !replication.suspended) return { verdicts: { [call.id]: verdict } };
    const reason = `Replication is suspended: ${replication.states.join('; ')}.`;
    return { verdicts: { [call.id]: { ...verdict, state: 'refuse', reason } } };
  },
};

function resyncCall({ group }: Input, context: PlanContext): DraftCall {
  const clone = checkGroup(group, context.facts);
  const site = siteOf(context.config, clone.site);
  const count = clone.pairs.length;
  const copies = volumesOf(context.facts).filter((volume) =>
    clone.pairs.some((pair) => pair.svol === volume.copyLdev),
  );
  return {
    name: 'resync',
    site: site.id,
    target: arrayTarget(site.array),
    method: actionMethod(site.array.api),
    path: objectsPath(site.array, actions.cloneResync(clone.id)),
    body: resyncBody,
    guards: [
      cloneGuard(site, clone, 'clone-split-whole'),
      sideGuard(site, replicationOf(context.facts), { is: 'side-whole', hazard: 9 }),
      ...clone.pairs.map((pair) => pathGuard(site, pair.svol)),
      ...copies.map((volume) => volumeFreeGuard(site, volume.copyVolume)),
    ],
    words: {
      ko: `${site.name.ko}의 복제본 ${group} (${count}쌍)을 재동기화, 복제본에 쓴 내용은 사라짐`,
      en: `Resynchronise the ${count} copies of ${group} at ${site.name.en}, losing what they hold`,
    },
  };
}

/** A resync under a mounted file system destroys it: no attachment, no path but the pair path. */
async function usersOf(read: Reader, view: StepView): Promise<User[]> {
  const clone = cloneOf(view.plan.facts);
  const site = boundSite(boundOf(view.plan.facts), clone.site);
  const copies = volumesOf(view.plan.facts);
  const users = await Promise.all([
    ...clone.pairs.map(async ({ svol }) => {
      const seen = await see(read, onArray(site.id, site.array, reads.ldev(svol)), ldevSchema);
      if (!seen.ok) return [{ why: seen.why, seen: false }];
      const paths = seen.value.numOfPorts;
      return paths !== undefined && paths <= 1
        ? []
        : [{ why: `LDEV ${svol} has ${paths ?? 'unknown'} paths`, seen: true }];
    }),
    ...copies.map(({ copyVolume }) => volumeUsers(read, site, copyVolume)),
  ]);
  return users.flat();
}

async function volumeUsers(
  read: Reader,
  site: ReturnType<typeof boundSite>,
  id: string,
): Promise<User[]> {
  const seen = await seeVolume(read, site, id);
  if (!seen.ok) return [{ why: seen.why, seen: false }];
  const free = ['maintenance', 'available'].includes(seen.value.status);
  return free && seen.value.attachments.length === 0
    ? []
    : [{ why: `volume ${id} is ${seen.value.status}`, seen: true }];
}

/** Whoever still uses a copy lets go of it soon, or a person is to know. */
function inUse(users: readonly User[], view: StepView): Effect {
  const why = `Still in use: ${users.map((user) => user.why).join('; ')}.`;
  const late = view.now - view.startedAt > LET_GO_MS;
  return { seen: late && users.every(({ seen }) => seen) ? 'broken' : 'blocked', why };
}

function effectOf(observed: Observed, view: StepView, call: string): Effect {
  const { pairs, replication, users, job } = observed;
  if (!pairs.ok) return { seen: 'unknown', why: pairs.why };
  const state = cloneClass(pairs.value);
  const reading = { state, replication: [...replication.states] };
  const sent = maySent(view.mine[call]);
  if (state === 'paired') return sent ? { seen: 'there', reading } : pairedUnasked(observed, view);
  if (state === 'copying') return { seen: 'moving', why: 'The copies are being copied.', reading };
  if (state === 'failed' || state === 'unknown') {
    return {
      seen: 'broken',
      why: 'A copy pair is in a state that is not resynchronised.',
      reading,
    };
  }
  const failed = jobFailed(job, reading);
  if (failed !== undefined) return failed;
  if (sent) return { seen: 'absent', why: 'The copies are still split.', reading };
  if (state === 'split-background') {
    return { seen: 'blocked', why: 'The array still copies behind the quick split.' };
  }
  if (users.length > 0) return inUse(users, view);
  // The copies may be the last that hang together.
  if (replication.states.some((states) => /\bCOPY\b/.test(states))) {
    return { seen: 'blocked', why: `${replication.states.join('; ')}. ${hazardText(9)}`, reading };
  }
  return { seen: 'absent', reading };
}

/**
 * PAIR without an order of ours is the end only if no split of ours is still to come true: the
 * array splits when it has restored all that was written before the order. So the restore marker
 * must pass a marker that main showed after it.
 */
function pairedUnasked({ replication, master, restore }: Observed, view: StepView): Effect {
  const reading = { state: 'paired', replication: [...replication.states] };
  const split = view.plan.calls.find((call) => call.step === view.step.undoes);
  const mine = split === undefined ? undefined : view.mine[split.id];
  if (split === undefined || mine === undefined || !maySent(mine))
    return { seen: 'there', reading };
  const seenSplit = view.readings[split.id] as { after?: string } | undefined;
  if (seenSplit?.after !== undefined) return { seen: 'there', reading };
  const why = 'A split of this run may still come true.';
  const kept = (view.readings[view.calls[0]?.id ?? ''] as { marker?: string } | undefined)?.marker;
  if (!master.ok) return { seen: 'moving', why: `${why} ${master.why}` };
  const marker = kept ?? master.value.qMarker;
  const waiting: Effect = { seen: 'moving', why, reading: { marker } };
  if (kept === undefined || !isPastLimit(mine, view.now) || !restore.ok) return waiting;
  return markerReached(restore.value.qMarker, marker) ? { seen: 'there', reading } : waiting;
}
