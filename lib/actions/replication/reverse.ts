/**
 * `replication/reverse`: protects a service again after a takeover. The side that was taken over becomes
 * the source, the old primary follows it, and what was written there since is overwritten: which side
 * that is must be beyond doubt. `halt` first brings an old primary out of PAIR that has not noticed.
 */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Guard, PlanCall } from '../../runbook/plan.ts';
import { against, hazardText } from '../../vsp/hazards.ts';
import { actions, haltBody, reverseBody } from '../../vsp/paths.ts';
import { type Side, sideIs } from '../../vsp/sides.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { seeJobOf, withJob } from '../clone/job.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeCall, maySent, notNeeded } from '../judging.ts';
import { foreignPaths } from '../paths/seen.ts';
import type { Seen } from '../reads.ts';
import { replicationOf } from '../replicas.ts';
import { serverGuard } from '../servers/guards.ts';
import { openedMark, protectionMark } from './protection.ts';
import {
  atGroup,
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

const input = z.strictObject({ group: z.string(), active: z.string() });
type Input = z.infer<typeof input>;

interface Observed {
  readonly active: Seen<Side>;
  readonly old: Seen<Side>;
  /** How hosts still reach the old primary, in words. */
  readonly paths: readonly string[];
  readonly jobs: Readonly<Record<string, Awaited<ReturnType<typeof seeJobOf>>>>;
}

export const replicationReverse: Action<Input, Observed> = {
  name: 'replication/reverse',
  input,
  title: { ko: '반대 방향으로 재보호', en: 'Protect again in the other direction' },
  withinMs: 24 * 3_600_000,
  pollMs: 10_000,
  facts: ['mirror', 'twins', 'servers'],
  guarded: ['side-taken', 'side-primary-suspended', 'only-pair-path', 'server-active'],
  preexisting: 'accept',
  marks: ({ group }) => [
    { name: protectionMark(group), undone: true },
    { name: openedMark(group), undone: true },
  ],
  plan: (given, context) => {
    assertTaken(given, context);
    return [haltCall(given, context), reverseCall(given, context)];
  },
  observe: async (view, { active }, read) => {
    const replication = replicationOf(view.plan.facts);
    const old = otherSite(replication, active);
    const [here, there, paths, ...jobs] = await Promise.all([
      seeSide(read, view.plan, active),
      seeSide(read, view.plan, old),
      foreignPaths(read, view.plan, { site: old, ldevs: ldevsAt(replication, old) }),
      ...view.calls.map((call) => seeJobOf(read, view, call)),
    ]);
    const byCall = view.calls.map(({ id }, i) => [id, jobs[i]] as const);
    return { active: here, old: there, paths, jobs: Object.fromEntries(byCall) };
  },
  situation: situationOfSides,
  judge: (observed, given, view) => ({
    verdicts: Object.fromEntries(
      view.calls.map((call) => [call.id, verdictOf(call, observed, { given, view })]),
    ),
  }),
};

/** A takeover alone does not say where the service works; `servers/assert` before it says it to people. */
const atWorkGuards = (site: Site, { facts }: PlanContext): Guard[] =>
  (boundOf(facts).servers?.[site.id] ?? []).map(({ id }) => {
    const guard = serverGuard(site, id, 'server-active');
    return { ...guard, id: against(4, guard.id) };
  });

/**
 * Before anything is stopped: a source whose copy has stopped is what a takeover leaves behind, or what
 * an outage does. Nothing was taken over there.
 */
function assertTaken({ group, active }: Input, { facts }: PlanContext): void {
  const { primary } = replicationOf(facts);
  if (primary.site !== active || facts.classed['replication'] !== 'suspended') return;
  const what = `Copy group ${group} was not taken over at ${active}: it is the source there.`;
  throw new ActionError('ACT-PLAN', what, hazardText(4));
}

function haltCall({ group, active }: Input, context: PlanContext): DraftCall {
  const replication = wholeMirror(group, context);
  const here = siteOf(context.config, otherSite(replication, active));
  const there = siteOf(context.config, active);
  return {
    name: 'halt',
    ...atGroup(here, replication, { facts: context.facts, does: actions.remoteSplit }),
    body: haltBody(replication.type),
    guards: [sideGuard(here, replication, { is: 'side-primary-paired', hazard: 4 })],
    peerGuards: [sideGuard(there, replication, { is: 'side-taken', hazard: 4 })],
    words: {
      ko: `${here.name.ko}의 이전 P-VOL ${group}을 PAIR에서 해제 (아직 PAIR일 때만)`,
      en: `Bring the old P-VOLs of ${group} at ${here.name.en} out of PAIR, if they still are`,
    },
  };
}

/** No `after`: `halt` is seldom needed, and its effect is a guard of this one. */
function reverseCall({ group, active }: Input, context: PlanContext): DraftCall {
  const replication = wholeMirror(group, context);
  const here = siteOf(context.config, active);
  const old = siteOf(context.config, otherSite(replication, active));
  const pairs = `${group} (${replication.pairs.length})`;
  return {
    name: 'reverse',
    ...atGroup(here, replication, { facts: context.facts, does: actions.remoteResync }),
    body: reverseBody(replication.type),
    guards: [
      sideGuard(here, replication, { is: 'side-taken', hazard: 4 }),
      linkGuard(here, old),
      ...atWorkGuards(here, context),
    ],
    peerGuards: [
      sideGuard(old, replication, { is: 'side-primary-suspended', hazard: 3 }),
      linkGuard(old, here),
      ...fencedGuards(old, replication),
    ],
    words: {
      ko: `${pairs}을 ${here.name.ko}에서 ${old.name.ko}(으)로 재동기화: 인계 후 그곳에 쓴 내용은 사라짐`,
      en: `Copy ${pairs} from ${here.name.en} to ${old.name.en}: what was written there since is lost`,
    },
  };
}

interface Seat {
  readonly given: Input;
  readonly view: StepView;
}

const isHalt = ({ id }: PlanCall): boolean => id.endsWith('.halt');

function verdictOf(call: PlanCall, observed: Observed, { given, view }: Seat): Verdict {
  const mine = view.mine[call.id];
  const sent = maySent(mine);
  const effect = isHalt(call)
    ? haltEffect(observed, given, view)
    : reverseEffect(observed, given, view);
  // Suspended without our doing, as a takeover leaves it: there was nothing to halt.
  if (isHalt(call) && effect.seen === 'there' && !sent) return notNeeded;
  return judgeCall({
    call,
    mine,
    now: view.now,
    effect: sent ? withJob(effect, observed.jobs[call.id]) : effect,
    before: `${given.active} was the source of ${given.group} already.`,
  });
}

/** Both sides, or what is wrong with them before any state counts. */
function sidesOf({ active, old }: Observed, given: Input, view: StepView) {
  const at = otherSite(replicationOf(view.plan.facts), given.active);
  const states = `${sideText(given.active, active)}; ${sideText(at, old)}`;
  const effect = unjudgeable([active, old], states);
  if (effect !== undefined || !active.ok || !old.ok) {
    return { states, effect: effect ?? { seen: 'unknown' as const } };
  }
  return { states, sides: { active: active.value, old: old.value } };
}

function haltEffect(observed: Observed, given: Input, view: StepView): Effect {
  const { states, sides, effect } = sidesOf(observed, given, view);
  if (sides === undefined) return effect;
  const reading = { states };
  if (isReversed(sides.old)) return { seen: 'there', reading };
  if (sideIs(sides.old, 'side-primary-suspended')) return { seen: 'there', reading };
  if (!sideIs(sides.active, 'side-taken')) return wrongSource(sides, states);
  if (sideIs(sides.old, 'side-primary-paired')) return { seen: 'absent', reading };
  return { seen: 'moving', why: `${states}.`, reading };
}

function reverseEffect(observed: Observed, given: Input, view: StepView): Effect {
  const { states, sides, effect } = sidesOf(observed, given, view);
  if (sides === undefined) return effect;
  const { active, old } = sides;
  const reading = { states };
  if (sideIs(active, 'side-primary-paired') && sideIs(old, 'side-secondary-paired')) {
    return { seen: 'there', reading };
  }
  // PAIR volumes beside COPY volumes: some have been copied to the end.
  if (isReversed(old) && active.states.every((state) => state.startsWith('P '))) {
    const why = `${states}. The differences are copied to the old primary.`;
    return { seen: 'moving', why, reading };
  }
  if (!sideIs(active, 'side-taken')) return wrongSource(sides, states);
  if (!sideIs(old, 'side-primary-suspended')) {
    return { seen: 'blocked', why: `${states}. ${hazardText(3)}`, reading };
  }
  if (observed.paths.length === 0) return { seen: 'absent', reading };
  return { seen: 'blocked', why: `${observed.paths.join('; ')}. ${hazardText(2)}` };
}

/** The old primary follows. */
const isReversed = ({ states }: Side): boolean =>
  states.every((state) => FOLLOWING.includes(state));
const FOLLOWING = ['S COPY', 'S PAIR', 'S PFUL'];

/** What stands at `active` is not what a takeover leaves: nothing may be copied from there. */
function wrongSource({ active, old }: { active: Side; old: Side }, states: string): Effect {
  const isOther = old.states.includes('S SSWS');
  const hazard = isOther ? 3 : active.states.length > 1 ? 6 : 4;
  return { seen: 'broken', why: `${states}. ${hazardText(hazard)}`, reading: { states } };
}
