/**
 * `replication/delta`: three centres, the first is lost and the second was taken over. The mirror that has
 * waited in HOLD between the second and the third begins to run, and only differences are sent. Where
 * that is no longer possible (HLDE) everything is copied, which takes hours in which the third centre
 * has nothing usable: that is done only when it was meant.
 */
import * as z from 'zod';
import { boundOf } from '../../runbook/bound.ts';
import type { Guard } from '../../runbook/plan.ts';
import { against, hazardText } from '../../vsp/hazards.ts';
import { actions, haltBody, objectsPath, reads } from '../../vsp/paths.ts';
import { remoteGroupSchema } from '../../vsp/schema.ts';
import { type Side, sideOf } from '../../vsp/sides.ts';
import type { Action, DraftCall, PlanContext, Reader, StepView } from '../action.ts';
import { seeJob, withJob } from '../clone/job.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, judgeOnly, maySent } from '../judging.ts';
import { arrayTarget, onArray, type Seen, see } from '../reads.ts';
import { boundSite, farOf, halfAt, takeoverOf } from '../replicas.ts';
import { protectionMark } from './protection.ts';
import { atGroup, ldevsAt, linkGuard, sideGuard, sideText, unjudgeable } from './sides.ts';

const input = z.strictObject({
  /** The group that was taken over; the mirror that waits stands in services.yml. */
  group: z.string(),
  /** What to do when differences alone will not do any more. */
  full: z.enum(['refuse', 'accept']).default('refuse'),
});
type Input = z.infer<typeof input>;

/** The array sends differences only below this usage of its journal, in percent. */
const USAGE_AT_MOST = 70;

interface Observed {
  readonly near: Seen<Side>;
  readonly far: Seen<Side>;
  readonly job: Awaited<ReturnType<typeof seeJob>>;
}

export const replicationDelta: Action<Input, Observed> = {
  name: 'replication/delta',
  input,
  title: { ko: '제3센터로 차분 재동기화', en: 'Replicate on to the third centre' },
  withinMs: 24 * 3_600_000,
  pollMs: 10_000,
  facts: ['far', 'takeover'],
  guarded: ['side-taken', 'side-delta-armed', 'side-delta-waiting', 'journal-below'],
  preexisting: 'accept',
  // The service has a copy again.
  marks: ({ group }) => ({ name: protectionMark(group), undone: true }),
  plan: (given, context) => [deltaCall(given, context)],
  observe: async (view, _input, read) => {
    const { primary, secondary } = farOf(view.plan.facts);
    const [near, far, job] = await Promise.all([
      seeEnd(read, view, primary.site),
      seeEnd(read, view, secondary.site),
      seeJob(read, view),
    ]);
    return { near, far, job };
  },
  situation: async (view, read) => {
    const { group, primary, secondary } = farOf(view.plan.facts);
    const sides = await Promise.all(
      [primary.site, secondary.site].map(async (site) =>
        sideText(site, await seeEnd(read, view, site)),
      ),
    );
    return [
      `${group}: ${sides.join('; ')}.`,
      'The first centre is not asked: this plan gives it up.',
    ];
  },
  judge: (observed, given, view) => {
    const effect = effectOf(observed, given, view);
    const before = 'The third centre followed the second one before this step.';
    return { verdicts: judgeOnly(view, { effect, before }) };
  },
};

async function seeEnd(read: Reader, { plan }: StepView, site: string): Promise<Seen<Side>> {
  const mirror = farOf(plan.facts);
  const { array } = boundSite(boundOf(plan.facts), site);
  const half = reads.half(mirror.group, halfAt(mirror, site).deviceGroup);
  const seen = await see(read, onArray(site, array, half), remoteGroupSchema);
  if (!seen.ok) return seen;
  return { ok: true, value: sideOf(seen.value.copyPairs, ldevsAt(mirror, site)) };
}

function deltaCall({ group, full }: Input, { facts, config }: PlanContext): DraftCall {
  const mirror = farOf(facts);
  const taken = takeoverOf(facts);
  if (taken.group !== group || taken.site !== mirror.primary.site) {
    const why = `The service has ${taken.group} at ${taken.site}.`;
    throw new ActionError('ACT-PLAN', `Copy group ${group}.`, why);
  }
  const near = siteOf(config, mirror.primary.site);
  const far = siteOf(config, mirror.secondary.site);
  const target = arrayTarget(near.array);
  const is = full === 'accept' && facts.classed['far'] === 'HLDE' ? FULL : DELTA;
  const ldevs = taken.pairs.map(({ svol }) => svol);
  const path = objectsPath(near.array, `remote-mirror-copygroups/${taken.id}`);
  const room: Guard[] =
    mirror.primary.journalId === undefined || is === FULL
      ? []
      : [
          {
            id: 'journal-below',
            target,
            path: objectsPath(near.array, reads.journals),
            predicate: 'journal-below',
            args: {
              journalId: mirror.primary.journalId,
              muNumber: mirror.muNumber,
              usageAtMost: USAGE_AT_MOST,
            },
          },
        ];
  return {
    name: 'delta',
    ...atGroup(near, mirror, { facts, does: actions.remoteResync }),
    body: haltBody(mirror.type),
    guards: [
      { id: against(4, 'side-taken'), target, path, predicate: 'side-taken', args: { ldevs } },
      sideGuard(near, mirror, { is: is.near, hazard: 3 }),
      ...room,
      linkGuard(near, far),
    ],
    peerGuards: [sideGuard(far, mirror, { is: is.far, hazard: 3 })],
    words: {
      ko: `${mirror.group} (${mirror.pairs.length}쌍): ${near.name.ko}에서 ${far.name.ko}(으)로 ${is.ko}`,
      en: `${is.en} ${mirror.group} (${mirror.pairs.length} pairs) from ${near.name.en} to ${far.name.en}`,
    },
  };
}

const DELTA = {
  near: 'side-delta-armed',
  far: 'side-delta-waiting',
  ko: '차이만 복사',
  en: 'Copy the differences of',
} as const;
const FULL = {
  near: 'side-delta-spent',
  far: 'side-delta-failed',
  ko: '전체 복사. 끝날 때까지 그곳의 데이터는 사용할 수 없음',
  en: 'COPY ALL OF',
} as const;

/** Both ends as `<second centre> | <third centre>`; what has no row is not ours to touch. */
const rows: Readonly<Record<string, Effect['seen']>> = {
  'P PAIR | S PAIR': 'there',
  'P PFUL | S PFUL': 'there',
  'P COPY | S COPY': 'moving',
  'P HOLD | S HOLD': 'absent',
  'P HOLDING | S HOLDING': 'blocked',
};

function effectOf({ near, far, job }: Observed, { full }: Input, view: StepView): Effect {
  const { primary, secondary } = farOf(view.plan.facts);
  const states = `${sideText(primary.site, near)}; ${sideText(secondary.site, far)}`;
  const wrong = unjudgeable([near, far], states);
  if (wrong !== undefined || !near.ok || !far.ok) return wrong ?? { seen: 'unknown' };
  const reading = { states };
  const sent = maySent(view.mine[view.calls[0]?.id ?? '']);
  if (near.value.states.length > 1 || far.value.states.length > 1) {
    if (sent) return { seen: 'moving', why: `${states}.`, reading };
    return { seen: 'broken', why: `${states}. ${hazardText(6)}`, reading };
  }
  const found = `${near.value.states[0]} | ${far.value.states[0]}`;
  const spent = found === 'P HLDE | S HLDE';
  if (spent && full === 'refuse') return { seen: 'broken', why: `${states}. ${SPENT}`, reading };
  const seen = spent ? 'absent' : rows[found];
  if (seen === undefined) return { seen: 'broken', why: `${states}. ${hazardText(3)}`, reading };
  const effect: Effect = { seen, why: `${states}.`, reading };
  return sent ? withJob(effect, job) : effect;
}

const SPENT =
  'Differences alone will not do any more. A full copy takes hours, and until it ends the third centre ' +
  'holds nothing usable; `full: accept` says that this is meant.';
