/**
 * `replication/swap`: the sides change roles while both arrays answer. Nothing is copied anew, nothing
 * is lost, and another swap takes it back. Oriented by the site that shall write, never by who did
 * when the plan was made.
 */
import * as z from 'zod';
import type { Bound } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { isDrained } from '../../vsp/mirror.ts';
import { actions, swapBody } from '../../vsp/paths.ts';
import type { Journal } from '../../vsp/schema.ts';
import { isCatchingUp, type Side } from '../../vsp/sides.ts';
import type { Action, DraftCall, PlanContext, Reader, StepView } from '../action.ts';
import { jobFailed, seeJob } from '../clone/job.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, isPastLimit, judgeOnly, maySent } from '../judging.ts';
import { foreignPaths } from '../paths/seen.ts';
import type { Seen } from '../reads.ts';
import { replicationOf, seeJournal } from '../replicas.ts';
import { openedAt } from './protection.ts';
import {
  atGroup,
  drainedGuards,
  fencedGuards,
  ldevsAt,
  linkGuard,
  otherSite,
  seeSide,
  sideGuard,
  sideText,
  situationOfSides,
  unjudgeable,
  wholeMirror,
} from './sides.ts';

const input = z.strictObject({ group: z.string(), to: z.string() });
type Input = z.infer<typeof input>;

interface Observed {
  /** The side that shall write, and the one that is left. */
  readonly to: Seen<Side>;
  readonly from: Seen<Side>;
  /** Journals that are not empty and at work, in words. */
  readonly undrained: readonly string[];
  /** How hosts still reach the side that is left, in words. */
  readonly hosts: readonly string[];
  readonly job: Awaited<ReturnType<typeof seeJob>>;
}

export const replicationSwap: Action<Input, Observed> = {
  name: 'replication/swap',
  input,
  title: { ko: '복제 방향 전환', en: 'Exchange the sides of the copy' },
  withinMs: 60 * 60_000,
  pollMs: 5_000,
  facts: ['mirror'],
  guarded: ['side-secondary-paired', 'side-primary-paired', 'journal-drained', 'only-pair-path'],
  // Whoever changed the direction: the run goes on from there and says that it was not us.
  preexisting: 'accept',
  plan: (given, context) => [swapCall(given, context)],
  observe: async (view, given, read) => {
    const replication = replicationOf(view.plan.facts);
    const [to, from] = await Promise.all([
      seeSide(read, view.plan, given.to),
      seeSide(read, view.plan, otherSite(replication, given.to)),
    ]);
    const left = otherSite(replication, given.to);
    const [undrained, hosts, job] = await Promise.all([
      seeUndrained(view, given, read),
      foreignPaths(read, view.plan, { site: left, ldevs: ldevsAt(replication, left) }),
      seeJob(read, view),
    ]);
    return { to, from, undrained, hosts, job };
  },
  situation: situationOfSides,
  judge: (observed, given, view) => {
    const verdicts = judgeOnly(view, {
      effect: effectOf(observed, given, view),
      before: `${given.to} was the source of ${given.group} before this step.`,
    });
    return { verdicts, marks: openedIn(observed, given, view) };
  },
};

function swapCall({ group, to }: Input, context: PlanContext): DraftCall {
  const replication = wholeMirror(group, context);
  if (replication.type === 'GAD') {
    const why = 'Both sides of a GAD pair are written; use gad/swap-split and gad/resync.';
    throw new ActionError('ACT-PLAN', `Copy group ${group} is GAD.`, why);
  }
  const here = siteOf(context.config, to);
  const there = siteOf(context.config, otherSite(replication, to));
  const { length: count } = replication.pairs;
  return {
    name: 'swap',
    ...atGroup(here, replication, { facts: context.facts, does: actions.takeover }),
    body: swapBody,
    guards: [
      sideGuard(here, replication, { is: 'side-secondary-paired', hazard: 11 }),
      ...drainedGuards(here, replication, 'SJNN'),
      linkGuard(here, there),
    ],
    peerGuards: [
      sideGuard(there, replication, { is: 'side-primary-paired', hazard: 11 }),
      ...drainedGuards(there, replication, 'PJNN'),
      linkGuard(there, here),
      ...fencedGuards(there, replication),
    ],
    words: {
      ko: `${group} (${count}쌍)의 복제 방향을 전환: ${here.name.ko}에서 쓰고 ${there.name.ko}(으)로 복제`,
      en: `Exchange the sides of ${group} (${count} pairs): ${here.name.en} writes, ${there.name.en} follows`,
    },
  };
}

/** What keeps the journals from being called empty; asked only of groups that have journals. */
async function seeUndrained(view: StepView, { to }: Input, read: Reader): Promise<string[]> {
  const replication = replicationOf(view.plan.facts);
  const ends = [
    { end: endAt(replication, to), site: to, status: 'SJNN' },
    { end: other(endAt(replication, to)), site: otherSite(replication, to), status: 'PJNN' },
  ] as const;
  const rows = await Promise.all(
    ends.map(async ({ end, site, status }) => {
      if (replication[end].journalId === undefined) return [];
      const seen = await seeJournal(read, view.plan, end);
      if (!seen.ok) return [seen.why];
      return isDrained(seen.value, status) ? [] : [`${site} ${journalText(seen.value)}`];
    }),
  );
  return rows.flat();
}

/** An exchange that stopped half-way: one side was opened, and has no copy elsewhere. */
function openedIn({ to, from }: Observed, given: Input, view: StepView) {
  const left = otherSite(replicationOf(view.plan.facts), given.to);
  const sides = [
    { site: given.to, side: to },
    { site: left, side: from },
  ];
  const open = sides.filter(({ side }) => side.ok && side.value.states.includes('S SSWS'));
  return open.flatMap(({ site }) => openedAt(given.group, site));
}

type End = 'primary' | 'secondary';
const endAt = ({ primary }: NonNullable<Bound['replication']>, site: string): End =>
  primary.site === site ? 'primary' : 'secondary';
const other = (end: End): End => (end === 'primary' ? 'secondary' : 'primary');

const journalText = ({ journalStatus, qCount }: Journal): string =>
  `${journalStatus} with ${qCount ?? 'unknown'} left`;

/**
 * Both sides as `<side that shall write> | <side that is left>`, when all pairs of each are alike. What
 * has no row is neither before nor after a swap.
 */
const rows: Readonly<Record<string, Effect['seen']>> = {
  'P PAIR | S PAIR': 'there',
  'S PAIR | P PAIR': 'absent',
  'P COPY | S COPY': 'moving',
  'P PFUL | S PFUL': 'moving',
  'S PFUL | P PFUL': 'blocked',
  'S PAIR | P PFUL': 'blocked',
  'S PFUL | P PAIR': 'blocked',
  'S COPY | P COPY': 'blocked',
  // Read in two answers, one before and one after the instant of the change.
  'P PAIR | P PAIR': 'moving',
  'S PAIR | S PAIR': 'moving',
};

function effectOf(observed: Observed, { to }: Input, view: StepView): Effect {
  const from = otherSite(replicationOf(view.plan.facts), to);
  const states = `${sideText(to, observed.to)}; ${sideText(from, observed.from)}`;
  const reading = { states };
  const sent = maySent(view.mine[view.calls[0]?.id ?? '']);
  const unknown = unjudgeable([observed.to, observed.from], states);
  if (unknown !== undefined) return unknown;
  const sides = [observed.to, observed.from].flatMap((side) => (side.ok ? [side.value] : []));
  // A job may say that it failed and have done its work: the sides are believed first.
  const failed = sent ? jobFailed(observed.job, reading) : undefined;
  if (sides.some((side) => side.states.length > 1)) return mixed({ sides, sent, states });
  const seen = rows[sides.map((side) => side.states[0] ?? 'unknown').join(' | ')];
  switch (seen) {
    case undefined:
      return {
        seen: 'broken',
        why: `${states}. ${hazardText(hazardOf(sides))}`,
        reading,
      };
    case 'there':
      return mayStillCome(view) ? { seen: 'moving', why: COMING, reading } : { seen, reading };
    case 'blocked':
      if (failed !== undefined) return failed;
      return { seen, why: `${states}. ${hazardText(11)}`, reading };
    case 'absent':
      if (failed !== undefined) return failed;
      if (!sent) return ready(observed, states);
      return { seen, why: `The arrays exchange the roles: ${states}.`, reading };
    default:
      return { seen, why: `${states}.`, reading };
  }
}

const COMING = 'What this takes back may still come true.';

/** A swap that was opened half-way has left both sides standing alone. */
const hazardOf = (sides: readonly Side[]): number =>
  sides.some(({ states }) => states.includes('S SSWS')) ? 2 : 11;

interface Mixture {
  readonly sides: readonly Side[];
  readonly sent: boolean;
  readonly states: string;
}

/** Pairs of one side in several states: under way, catching up, or torn apart. */
function mixed({ sides, sent, states }: Mixture): Effect {
  const reading = { states };
  if (sent) return { seen: 'moving', why: `${states}. The roles are being exchanged.`, reading };
  const waits = sides.every(isCatchingUp);
  const why = `${states}. ${hazardText(waits ? 11 : 6)}`;
  return { seen: waits ? 'blocked' : 'broken', why, reading };
}

function ready({ undrained, hosts }: Observed, states: string): Effect {
  // Hosts come first: they may be why it is not drained.
  const left = hosts.length > 0 ? hosts : undrained;
  if (left.length === 0) return { seen: 'absent', reading: { states } };
  const hazard = hosts.length > 0 ? 2 : 11;
  return { seen: 'blocked', why: `${left.join('; ')}. ${hazardText(hazard)}` };
}

/** An undo finds the old direction while the call that it takes back is perhaps still under way. */
function mayStillCome({ plan, mine, step, now }: StepView): boolean {
  return plan.calls.some((call) => {
    const undone = call.step === step.undoes ? mine[call.id] : undefined;
    return undone !== undefined && maySent(undone) && !isPastLimit(undone, now);
  });
}
