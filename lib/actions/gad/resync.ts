/**
 * `gad/resync`: mirrors again from the site that went on alone, after maintenance or a repair. Which of
 * two calls that is hangs on the role of the survivor: a plain resync where the P-VOLs survived, with the
 * roles exchanged where the S-VOLs did. What the other side holds is overwritten.
 */
import * as z from 'zod';
import { hazardText } from '../../vsp/hazards.ts';
import { actions, followBody, reverseBody } from '../../vsp/paths.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { jobFailed, seeJob } from '../clone/job.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeOnly, maySent } from '../judging.ts';
import { protectionMark } from '../replication/protection.ts';
import {
  atGroup,
  linkGuard,
  otherSite,
  sideGuard,
  situationOfSides,
  wholeMirror,
} from '../replication/sides.ts';
import { survivorOf } from './assert.ts';
import { type GadSeen, seeGad, standingText } from './seen.ts';

const input = z.strictObject({
  group: z.string(),
  /** The site that went on alone, and which volumes lie there. */
  active: z.string(),
  survived: z.enum(['P-VOL', 'S-VOL']),
});
type Input = z.infer<typeof input>;

interface Observed extends GadSeen {
  readonly job: Awaited<ReturnType<typeof seeJob>>;
}

export const gadResync: Action<Input, Observed> = {
  name: 'gad/resync',
  input,
  title: { ko: 'GAD 다시 동기화', en: 'Mirror the active-active volumes again' },
  withinMs: 24 * 3_600_000,
  pollMs: 10_000,
  facts: ['mirror'],
  guarded: ['side-taken', 'side-primary-suspended', 'side-secondary-suspended'],
  preexisting: 'accept',
  marks: ({ group }) => ({ name: protectionMark(group), undone: true }),
  plan: (given, context) => [resyncCall(given, context)],
  observe: async (view, _input, read) => ({
    ...(await seeGad(read, view.plan)),
    job: await seeJob(read, view),
  }),
  situation: situationOfSides,
  judge: (observed, given, view) => {
    const effect = effectOf(observed, given, view);
    const before = 'Both sides were mirrored before this step.';
    return { verdicts: judgeOnly(view, { effect, before }) };
  },
};

/** What must be so at the survivor and at the other side, by what survived. */
const conditions = {
  'P-VOL': { here: 'side-primary-suspended', there: 'side-secondary-suspended' },
  'S-VOL': { here: 'side-taken', there: 'side-primary-suspended' },
} as const;

function resyncCall({ group, active, survived }: Input, context: PlanContext): DraftCall {
  const replication = wholeMirror(group, context);
  const here = siteOf(context.config, active);
  const there = siteOf(context.config, otherSite(replication, active));
  const is = conditions[survived];
  return {
    name: 'resync',
    ...atGroup(here, replication, { facts: context.facts, does: actions.remoteResync }),
    body: survived === 'P-VOL' ? followBody : reverseBody('GAD'),
    guards: [sideGuard(here, replication, { is: is.here, hazard: 4 }), linkGuard(here, there)],
    peerGuards: [
      sideGuard(there, replication, { is: is.there, hazard: 3 }),
      linkGuard(there, here),
    ],
    words: {
      ko: `${group}: ${here.name.ko}에서 ${there.name.ko}(으)로 다시 동기화, ${there.name.ko}의 내용은 덮어씀`,
      en: `Mirror ${group} again from ${here.name.en}; what ${there.name.en} holds is overwritten`,
    },
  };
}

function effectOf(seen: Observed, { active, survived }: Input, view: StepView): Effect {
  const { standing, text, fault, primary, job } = seen;
  const reading = { standing, sides: text };
  if (fault !== undefined) return { seen: 'broken', why: fault, reading };
  if (standing === 'mirrored') return { seen: 'there', reading };
  if (standing === 'mirroring' && primary === active) {
    return { seen: 'moving', why: text, reading };
  }
  const failed = jobFailed(job, reading);
  if (failed !== undefined) return failed;
  if (maySent(view.mine[view.calls[0]?.id ?? ''])) return { seen: 'absent', why: text, reading };
  const wanted = survived === 'P-VOL' ? 'only-p' : 'only-s';
  if (standing === wanted && survivorOf(seen) === active) return { seen: 'absent', reading };
  if (standing === 'unknown' || standing === 'undecided') {
    return { seen: 'unknown', why: standingText(seen) };
  }
  return { seen: 'broken', why: `${text}. ${hazardText(4)}`, reading };
}
