/** `clone/split`: all drill copies at one instant, while replication goes on. */
import * as z from 'zod';
import type { Guard } from '../../runbook/plan.ts';
import { cloneClass, isTogether } from '../../vsp/pairs.ts';
import { actionMethod, actions, objectsPath, splitBody } from '../../vsp/paths.ts';
import type { ClonePair, Journal, jobSchema } from '../../vsp/schema.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { cloneGuard, replicationGuards } from '../guards.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { arrayTarget, type Seen } from '../reads.ts';
import {
  cloneOf,
  type ReplicationSample,
  replicationOf,
  sampleReplication,
  seeClones,
  seeJournal,
  volumesOf,
} from '../replicas.ts';
import { situation } from '../situation.ts';
import { checkGroup, cloneMark, splitSince } from './group.ts';
import { jobFailed, seeJob } from './job.ts';

const input = z.strictObject({ group: z.string(), atTime: z.boolean().default(true) });
type Input = z.infer<typeof input>;

/** Percent of the restore journal; above it the array would work off a backlog before it splits. */
const USAGE_AT_MOST = 20;

interface Observed {
  readonly pairs: Seen<readonly ClonePair[]>;
  readonly journal: Seen<Journal>;
  readonly replication: ReplicationSample;
  readonly job: Seen<z.infer<typeof jobSchema>> | undefined;
}

export const cloneSplit: Action<Input, Observed> = {
  name: 'clone/split',
  input,
  title: { ko: '복제본을 한 시점으로 분리', en: 'Split the drill copies at one instant' },
  withinMs: 75 * 60_000,
  pollMs: 2_000,
  facts: ['replication', 'clone', 'volumes'],
  guarded: ['clone-paired', 'secondary-paired', 'journal-steady'],
  preexisting: 'refuse',
  marks: ({ group }) => ({ name: cloneMark(group), undone: false }),
  plan: (given, context) => [splitCall(given, context)],
  observe: async (view, _input, read) => ({
    pairs: await seeClones(read, view.plan),
    journal: await seeJournal(read, view.plan, 'secondary'),
    replication: await sampleReplication(read, view.plan),
    job: await seeJob(read, view),
  }),
  situation,
  judge: (observed, { group }, view) => {
    const [call] = view.calls;
    if (call === undefined) return { verdicts: {} };
    const verdict = judgeCall({
      call,
      mine: view.mine[call.id],
      now: view.now,
      effect: effectOf(observed, view, call.id),
      before: `The copies of ${group} are split already: ${splitSince(group, view)}.`,
    });
    return { verdicts: { [call.id]: verdict } };
  },
};

function splitCall({ group, atTime }: Input, context: PlanContext): DraftCall {
  const { facts } = context;
  const clone = checkGroup(group, facts);
  const replication = replicationOf(facts);
  if (atTime && !clone.atTime) {
    const why =
      'All pairs must carry one consistencyGroupId and copy the S-VOLs of one remote copy group.';
    throw new ActionError('ACT-PLAN', `${group} does not split at one instant.`, why);
  }
  const mapped = volumesOf(facts).map((volume) => volume.copyLdev);
  const stray = clone.pairs.find((pair) => !mapped.includes(pair.svol));
  if (stray !== undefined) {
    const why = `LDEV ${stray.svol} is the copy of no volume that the service names.`;
    throw new ActionError('ACT-PLAN', `Pair ${stray.name} of ${group}.`, why);
  }
  const site = siteOf(context.config, clone.site);
  const count = clone.pairs.length;
  return {
    name: 'split',
    site: site.id,
    target: arrayTarget(site.array),
    method: actionMethod(site.array.api),
    path: objectsPath(site.array, actions.cloneSplit(clone.id)),
    body: splitBody,
    guards: [
      togetherGuard(cloneGuard(site, clone, 'clone-paired'), clone),
      ...replicationGuards(site, replication, USAGE_AT_MOST),
    ],
    words: {
      ko: `${site.name.ko}의 복제본 ${group} (${count}쌍)을 한 시점으로 분리`,
      en: `Split the ${count} copies of ${group} at ${site.name.en} at one instant`,
    },
  };
}

/** A group that was taken out of its consistency group since would be split pair by pair. */
const togetherGuard = (
  guard: Guard,
  { consistencyGroupId }: ReturnType<typeof checkGroup>,
): Guard => ({
  ...guard,
  args: { ...guard.args, ...(consistencyGroupId === undefined ? {} : { consistencyGroupId }) },
});

type Reading = Record<string, string | string[]>;

const markerOf = (journal: Seen<Journal>) => (journal.ok ? journal.value.qMarker : 'unknown');

function effectOf(observed: Observed, view: StepView, call: string): Effect {
  const { pairs, journal, replication, job } = observed;
  const sent = maySent(view.mine[call]);
  const kept = view.readings[call] as { before?: string } | undefined;
  // What was seen the moment before is kept once the call is out.
  const before = sent ? (kept?.before ?? 'unknown') : markerOf(journal);
  const reading = { before, replication: [...replication.states] };
  if (replication.suspended) {
    return {
      seen: 'broken',
      why: `Replication is suspended: ${replication.states.join('; ')}.`,
      reading,
    };
  }
  if (!pairs.ok) return { seen: 'unknown', why: pairs.why };
  const state = cloneClass(pairs.value);
  if (state === 'split' || state === 'split-background') {
    return allSplit(pairs.value)
      ? { seen: 'there', reading: { ...reading, after: markerOf(journal), state: 'PSUS/SSUS' } }
      : notWholly(sent, reading);
  }
  if (state === 'failed') return { seen: 'broken', why: 'A copy pair is in error.' };
  if (state !== 'paired') return { seen: 'moving', why: `The copies are ${state}.` };
  const failed = jobFailed(job, reading);
  if (failed !== undefined) return failed;
  if (sent) return { seen: 'absent', why: 'The array works off its restore journal.', reading };
  const { consistencyGroupId, group } = cloneOf(view.plan.facts);
  if (consistencyGroupId !== undefined && !isTogether(pairs.value, consistencyGroupId)) {
    const apart = `Pairs of ${group} are no longer in consistency group ${consistencyGroupId}.`;
    return { seen: 'broken', why: `${apart} They would not split at one instant.`, reading };
  }
  const why = notReady(journal, replication);
  return why === undefined ? { seen: 'absent', reading } : { seen: 'blocked', why };
}

const allSplit = (pairs: readonly ClonePair[]): boolean =>
  pairs.every((pair) => pair.pvolStatus === 'PSUS' && pair.svolStatus === 'SSUS');

/** Some are split: ours are on their way; without an order of ours somebody else began. */
function notWholly(sent: boolean, reading: Reading): Effect {
  if (sent) return { seen: 'moving', why: 'The copies are being split.', reading };
  return { seen: 'there', reading: { ...reading, state: 'some are split' } };
}

/** The guards of the call, asked beforehand so that it is sent when it will be let through. */
function notReady(journal: Seen<Journal>, replication: ReplicationSample): string | undefined {
  const secondary = replication.states.at(-1) ?? '';
  if (!secondary.endsWith(' PAIR')) return `Replication is not PAIR: ${secondary}.`;
  if (!journal.ok) return journal.why;
  const { journalStatus, usageRate } = journal.value;
  if (journalStatus !== 'SJNN') return `The restore journal is ${journalStatus}.`;
  if (usageRate <= USAGE_AT_MOST) return undefined;
  return `The restore journal is more than ${USAGE_AT_MOST} % full.`;
}
