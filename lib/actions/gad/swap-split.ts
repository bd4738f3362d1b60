/**
 * `gad/swap-split`: hosts go on at one site alone, and the other one is closed to them: for maintenance
 * of the P-VOLs' array. Sent to the array of the S-VOLs; `gad/resync` ends it.
 */
import * as z from 'zod';
import { hazardText } from '../../vsp/hazards.ts';
import { actions, swapSplitBody } from '../../vsp/paths.ts';
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

const input = z.strictObject({ group: z.string(), to: z.string() });
type Input = z.infer<typeof input>;

interface Observed extends GadSeen {
  readonly job: Awaited<ReturnType<typeof seeJob>>;
}

export const gadSwapSplit: Action<Input, Observed> = {
  name: 'gad/swap-split',
  input,
  title: {
    ko: 'GAD를 한쪽 센터만으로 운영',
    en: 'Let one site of the active-active volumes go on alone',
  },
  withinMs: 30 * 60_000,
  pollMs: 5_000,
  facts: ['mirror', 'servers'],
  guarded: ['side-secondary-paired', 'side-primary-paired'],
  preexisting: 'accept',
  // One copy is left, until both sides are mirrored again.
  marks: ({ group }) => ({ name: protectionMark(group), undone: false }),
  plan: (given, context) => [splitCall(given, context)],
  observe: async (view, _input, read) => ({
    ...(await seeGad(read, view.plan)),
    job: await seeJob(read, view),
  }),
  situation: situationOfSides,
  judge: (observed, given, view) => {
    const effect = effectOf(observed, given, view);
    const before = `Hosts went on at ${given.to} alone before this step.`;
    return { verdicts: judgeOnly(view, { effect, before }) };
  },
};

function splitCall({ group, to }: Input, context: PlanContext): DraftCall {
  const replication = wholeMirror(group, context);
  const here = siteOf(context.config, to);
  const there = siteOf(context.config, otherSite(replication, to));
  return {
    name: 'swap-split',
    ...atGroup(here, replication, { facts: context.facts, does: actions.remoteSplit }),
    body: swapSplitBody,
    guards: [
      sideGuard(here, replication, { is: 'side-secondary-paired', hazard: 11 }),
      linkGuard(here, there),
    ],
    peerGuards: [sideGuard(there, replication, { is: 'side-primary-paired', hazard: 11 })],
    words: {
      ko: `${group}: ${here.name.ko}에서만 계속하고 ${there.name.ko}의 볼륨은 서버에 닫힘`,
      en: `${group} goes on at ${here.name.en} alone; its volumes at ${there.name.en} close to hosts`,
    },
  };
}

function effectOf(seen: Observed, { to }: Input, view: StepView): Effect {
  const { standing, text, fault, secondary, job } = seen;
  const reading = { standing, sides: text };
  if (fault !== undefined) return { seen: 'broken', why: fault, reading };
  if (survivorOf(seen) === to) return { seen: 'there', reading };
  const failed = jobFailed(job, reading);
  if (failed !== undefined) return failed;
  if (maySent(view.mine[view.calls[0]?.id ?? ''])) return { seen: 'absent', why: text, reading };
  if (standing === 'mirrored' && secondary === to) return { seen: 'absent', reading };
  const waits = seen.torn ? standingText(seen) : `${text}: ${standing}. ${hazardText(11)}`;
  const why = secondary === to ? waits : `${text}: the S-VOLs do not lie at ${to}.`;
  return { seen: 'blocked', why, reading };
}
