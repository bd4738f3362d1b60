/**
 * `volumes/clone`: whole copies of S-VOLs that were taken over, on new LDEVs whose numbers stand in the
 * plan. All of one instant: the pairs are one consistency group, and no host writes to the S-VOLs. A
 * clone pair deletes itself when it is done; what is left is an ordinary volume that Cinder can manage,
 * and the S-VOLs with their record of differences stay as they are: the way back is kept.
 */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { type Bound, boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import { isFree } from '../../vsp/adopting.ts';
import { actionMethod, actions, objectsPath } from '../../vsp/paths.ts';
import { BLOCKS_PER_GIB, pairWords } from '../../vsp/protection.ts';
import type { Snapshot } from '../../vsp/schema.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { withJob } from '../clone/job.ts';
import { ActionError } from '../errors.ts';
import { pathGuard } from '../guards.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { arrayTarget, type Seen } from '../reads.ts';
import { situationAtSecondary } from '../replication/secondary.ts';
import { objectKey } from '../servers/made.ts';
import { type JobsSeen, type LdevsSeen, seeJobs, seeLdevs, seeSnapshots } from './seen.ts';
import { assertWay, endsCopy, ldevGuard, secondariesOf, siteTaken, takenGuard } from './way.ts';

const input = z.strictObject({});

interface Observed {
  readonly ldevs: LdevsSeen;
  readonly pairs: Seen<readonly Snapshot[]>;
  readonly jobs: JobsSeen;
}

export const volumesClone: Action<z.infer<typeof input>, Observed> = {
  name: 'volumes/clone',
  input,
  title: { ko: '인계한 볼륨의 전체 복제', en: 'Copy the volumes taken over' },
  withinMs: 12 * 3_600_000,
  pollMs: 10_000,
  facts: ['takeover', 'secondaries', 'spares'],
  guarded: ['ldev-undefined', 'ldev-empty', 'side-taken', 'only-pair-path'],
  preexisting: 'refuse',
  plan: (_input, context) => {
    assertWay(context, ['copy']);
    const rows = rowsOf(context.facts);
    const pairs = rows.flatMap((row) => pairCalls(row, context));
    return [...pairs, copyCall(rows, context)];
  },
  observe: async (view, _input, read) => {
    const both = rowsOf(view.plan.facts).flatMap(({ ldev, spare }) => [ldev, spare]);
    const [ldevs, pairs, jobs] = await Promise.all([
      seeLdevs(read, view, both),
      seeSnapshots(read, view, groupIn(view)),
      seeJobs(read, view),
    ]);
    return { ldevs, pairs, jobs };
  },
  situation: situationAtSecondary,
  judge: (observed, _input, view) => ({ verdicts: judged(observed, view) }),
};

type Row = NonNullable<Bound['secondaries']>[number] & { readonly spare: number };

function rowsOf(facts: PlanContext['facts']): Row[] {
  const { spares = [] } = boundOf(facts);
  return secondariesOf(facts).map((row, i) => {
    const spare = spares[i];
    if (spare !== undefined) return { ...row, spare };
    const why = 'An action that needs one must ask for spares.';
    throw new ActionError('ACT-PLAN', `No free LDEV number for ${row.main}.`, why);
  });
}

const makeName = (ldev: number) => `make-${ldev}`;
const pairName = (ldev: number) => `pair-${ldev}`;
const groupOf = ({ run, step }: PlanContext): string => objectKey(run, `${step}.copy`);

function pairCalls({ main, ldev, blocks, pool, spare }: Row, context: PlanContext): DraftCall[] {
  const site = siteTaken(context);
  const at = { site: site.id, target: arrayTarget(site.array), method: 'POST' } as const;
  const gib = blocks / BLOCKS_PER_GIB;
  return [
    {
      ...at,
      name: makeName(spare),
      path: objectsPath(site.array, actions.ldevs),
      body: { ldevId: spare, poolId: pool, blockCapacity: blocks },
      guards: [ldevGuard(site, 'ldev-undefined', { ldev: spare })],
      words: {
        ko: `${site.name.ko}에 새 LDEV ${spare} 생성 (풀 ${pool}, ${gib} GiB)`,
        en: `Make new LDEV ${spare} at ${site.name.en} (pool ${pool}, ${gib} GiB)`,
      },
    },
    {
      ...at,
      name: pairName(spare),
      path: objectsPath(site.array, actions.snapshots),
      body: {
        snapshotGroupName: groupOf(context),
        snapshotPoolId: pool,
        pvolLdevId: ldev,
        svolLdevId: spare,
        isConsistencyGroup: true,
        isClone: true,
      },
      after: [makeName(spare)],
      guards: [
        ldevGuard(site, 'ldev-empty', { ldev: spare, blocks }),
        takenGuard(site, context.facts),
      ],
      words: {
        ko: `볼륨 ${main}: LDEV ${ldev}를 새 LDEV ${spare}로 복제할 페어 생성`,
        en: `Volume ${main}: pair LDEV ${ldev} with new LDEV ${spare} to copy it`,
      },
    },
  ];
}

function copyCall(rows: readonly Row[], context: PlanContext): DraftCall {
  const site = siteTaken(context);
  const count = rows.length;
  return {
    name: 'copy',
    site: site.id,
    target: arrayTarget(site.array),
    method: actionMethod(site.array.api),
    path: objectsPath(site.array, actions.snapshotClone(groupOf(context))),
    body: { parameters: {} },
    after: rows.map(({ spare }) => pairName(spare)),
    guards: [
      takenGuard(site, context.facts),
      // Whoever writes meanwhile would not be in the copy.
      ...rows.map(({ ldev }) => pathGuard(site, ldev)),
    ],
    words: {
      ko: `${site.name.ko}에서 ${count}개 볼륨을 한 시점으로 전체 복제. 복귀 경로는 유지됨`,
      en: `Copy all ${count} volumes at ${site.name.en} as of one instant. The way back is kept`,
    },
  };
}

/** The group's name, from the call that copies it. */
const groupIn = ({ calls }: StepView): string =>
  /\/snapshot-groups\/([^/]+)\//.exec(calls.find(endsCopy)?.path ?? '')?.[1] ?? '';

function judged(observed: Observed, view: StepView): Record<string, Verdict> {
  const rows = rowsOf(view.plan.facts);
  return Object.fromEntries(
    view.calls.map((call) => {
      const mine = view.mine[call.id];
      const effect = withJob(effectOf(call, { observed, rows, view }), observed.jobs.get(call.id));
      const before = 'It was so before this run.';
      return [call.id, judgeCall({ call, mine, now: view.now, effect, before })];
    }),
  );
}

interface Seeing {
  readonly observed: Observed;
  readonly rows: readonly Row[];
  readonly view: StepView;
}

function effectOf(call: PlanCall, seeing: Seeing): Effect {
  if (endsCopy(call)) return copied(call, seeing);
  const row = seeing.rows.find(({ spare }) => call.id.endsWith(`-${spare}`));
  if (row === undefined) return { seen: 'unknown', why: 'An unknown kind of call.' };
  const made = defined(row, seeing);
  return call.id.endsWith(`.${makeName(row.spare)}`) ? made : paired(row, made, seeing);
}

function defined({ spare, blocks }: Row, { observed }: Seeing): Effect {
  const seen = observed.ldevs.get(spare);
  if (seen?.ok !== true) return { seen: 'unknown', why: seen?.why ?? 'The LDEV was not read.' };
  if (isFree(seen.value)) return { seen: 'absent', why: `LDEV ${spare} is not defined.` };
  if (seen.value.blockCapacity === blocks) return { seen: 'there', reading: { ldev: spare } };
  const why = `LDEV ${spare} has ${seen.value.blockCapacity ?? 'unknown'} blocks, not ${blocks}.`;
  return { seen: 'broken', why };
}

function paired({ ldev, spare }: Row, made: Effect, { observed, view }: Seeing): Effect {
  const copy = view.calls.find(endsCopy);
  // A copy that was ordered takes its pairs with it when it is done.
  if (copy !== undefined && maySent(view.mine[copy.id])) return { seen: 'there' };
  if (!observed.pairs.ok) return { seen: 'unknown', why: observed.pairs.why };
  const found = observed.pairs.value.some(
    (pair) => pair.pvolLdevId === ldev && pair.svolLdevId === spare,
  );
  if (found) return { seen: 'there', reading: { pvol: ldev, svol: spare } };
  if (made.seen !== 'there') return { seen: 'blocked', why: `LDEV ${spare} is not there yet.` };
  return { seen: 'absent', why: `LDEV ${spare} is in no pair.` };
}

/** Done when no pair is left and each new LDEV holds something, unless its source is empty, too. */
function copied(call: PlanCall, { observed, rows, view }: Seeing): Effect {
  const { pairs, ldevs } = observed;
  if (!pairs.ok) return { seen: 'unknown', why: pairs.why };
  const progress = pairs.value.map(({ svolLdevId, status, concordanceRate }) => {
    return `${svolLdevId} ${status} ${concordanceRate ?? 'unknown'}%`;
  });
  const reading = { pairs: progress };
  if (!maySent(view.mine[call.id])) {
    const ready = pairs.value.filter(({ status }) => status === 'PAIR').length;
    if (ready === rows.length) return { seen: 'absent', reading };
    return { seen: 'blocked', why: `${ready} of ${rows.length} pairs are ready.`, reading };
  }
  if (pairs.value.some(({ status }) => status === 'PSUE')) {
    return { seen: 'broken', why: `A copy failed: ${progress.join(', ')}.`, reading };
  }
  if (pairs.value.some(({ status }) => status !== 'PAIR')) {
    return { seen: 'moving', why: `Copying: ${progress.join(', ')}.`, reading };
  }
  if (pairs.value.length > 0) return { seen: 'absent', why: 'Nothing is copied yet.', reading };
  const open = rows.filter(({ ldev, spare }) => {
    const [from, to] = [ldevs.get(ldev), ldevs.get(spare)];
    if (from?.ok !== true || to?.ok !== true || pairWords(to.value).length > 0) return true;
    return from.value.numOfUsedBlock !== 0 && !to.value.numOfUsedBlock;
  });
  if (open.length === 0) return { seen: 'there', reading: { copied: rows.length } };
  const which = open.map(({ spare }) => spare).join(', ');
  return {
    seen: 'unknown',
    why: `LDEV ${which} is in no pair, and nothing says it was copied to.`,
  };
}
