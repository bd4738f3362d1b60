/**
 * `replication/resync`: the copy goes on in the direction it had, after the link, a full journal or an
 * array stopped it. Whoever is the source stays the source, and the other side is overwritten with
 * what it lacks: only while nobody can have opened it. Until the end it is no copy that could be used.
 */
import * as z from 'zod';
import type { Text } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { actions, haltBody } from '../../vsp/paths.ts';
import { isCatchingUp, type Side, sideIs } from '../../vsp/sides.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { seeJob, withJob } from '../clone/job.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeOnly, maySent } from '../judging.ts';
import type { Seen } from '../reads.ts';
import { replicationOf } from '../replicas.ts';
import { openedMark, protectionMark } from './protection.ts';
import {
  atGroup,
  linkGuard,
  seeSide,
  sideGuard,
  sideText,
  situationOfSides,
  unjudgeable,
  wholeMirror,
} from './sides.ts';

const input = z.strictObject({ group: z.string() });
type Input = z.infer<typeof input>;

interface Observed {
  readonly source: Seen<Side>;
  readonly copy: Seen<Side>;
  readonly job: Awaited<ReturnType<typeof seeJob>>;
}

export const replicationResync: Action<Input, Observed> = {
  name: 'replication/resync',
  input,
  title: { ko: '중단된 복제 재개', en: 'Let a copy that stopped go on' },
  withinMs: 24 * 3_600_000,
  pollMs: 10_000,
  facts: ['mirror'],
  guarded: ['side-primary', 'side-secondary-closed', 'remote-paths-up'],
  preexisting: 'accept',
  // While it runs the copy cannot be used; at its end the service has one again.
  marks: ({ group }) => [
    { name: protectionMark(group), undone: false },
    { name: protectionMark(group), undone: true },
    { name: openedMark(group), undone: true },
  ],
  plan: (given, context) => [resyncCall(given, context)],
  observe: async (view, _input, read) => {
    const { primary, secondary } = replicationOf(view.plan.facts);
    const [source, copy, job] = await Promise.all([
      seeSide(read, view.plan, primary.site),
      seeSide(read, view.plan, secondary.site),
      seeJob(read, view),
    ]);
    return { source, copy, job };
  },
  situation: situationOfSides,
  judge: (observed, given, view) => {
    const verdicts = judgeOnly(view, {
      effect: effectOf(observed, given, view),
      before: `${given.group} was PAIR before this step.`,
    });
    return { verdicts };
  },
};

function resyncCall({ group }: Input, context: PlanContext): DraftCall {
  const replication = wholeMirror(group, context);
  if (replication.type === 'GAD') {
    const why = 'Which side of a GAD pair survived is for people to say; use gad/resync.';
    throw new ActionError('ACT-PLAN', `Copy group ${group} is GAD.`, why);
  }
  const here = siteOf(context.config, replication.primary.site);
  const there = siteOf(context.config, replication.secondary.site);
  return {
    name: 'resync',
    ...atGroup(here, replication, { facts: context.facts, does: actions.remoteResync }),
    body: haltBody(replication.type),
    guards: [
      sideGuard(here, replication, { is: 'side-primary', hazard: 3 }),
      linkGuard(here, there),
    ],
    peerGuards: [
      sideGuard(there, replication, { is: 'side-secondary-closed', hazard: 3 }),
      linkGuard(there, here),
    ],
    words: wordsOf(`${group} (${replication.pairs.length})`, here.name, there.name),
  };
}

/** What whoever signs has to know of the hours until it ends. */
const wordsOf = (pairs: string, from: Text, to: Text): Text => ({
  ko: `${from.ko}에서 ${to.ko}(으)로 ${pairs} 복제 재개. 끝날 때까지 ${to.ko}에 사용할 수 있는 데이터 없음`,
  en: `Copy ${pairs} on from ${from.en} to ${to.en}. UNTIL IT ENDS ${to.en} HOLDS NOTHING USABLE`,
});

/** Stopped by the array: nobody could write to the copy. One that was split by an order may be written. */
function effectOf({ source, copy, job }: Observed, { group }: Input, view: StepView): Effect {
  const { primary, secondary } = replicationOf(view.plan.facts);
  const states = `${sideText(primary.site, source)}; ${sideText(secondary.site, copy)}`;
  const reading = { states };
  const wrong = unjudgeable([source, copy], states);
  if (wrong !== undefined || !source.ok || !copy.ok) return wrong ?? { seen: 'unknown' };
  const sides = [source.value, copy.value];
  const paired =
    sideIs(source.value, 'side-primary-paired') && sideIs(copy.value, 'side-secondary-paired');
  if (paired) return { seen: 'there', reading };
  if (!sideIs(source.value, 'side-primary') || !sideIs(copy.value, 'side-secondary-closed')) {
    return { seen: 'broken', why: `${states}. ${hazardText(3)}`, reading };
  }
  const opened = view.marks[openedMark(group)];
  if (opened?.site !== undefined && opened.site !== primary.site) {
    const why = `Run ${opened.run} saw the volumes opened at ${opened.site}.`;
    return { seen: 'broken', why: `${states}. ${why} ${hazardText(3)}`, reading };
  }
  if (sides.every(isCatchingUp)) return { seen: 'moving', why: `${states}. ${COPYING}`, reading };
  const sent = maySent(view.mine[view.calls[0]?.id ?? '']);
  const effect: Effect = { seen: 'absent', why: `${states}.`, reading };
  return sent ? withJob(effect, job) : effect;
}

const COPYING = 'The differences are copied.';
