/**
 * `volumes/cut`: dissolves the pairs of a group that was taken over, at DR alone, and takes every LU path
 * from its S-VOLs, so that Cinder can manage the S-VOLs themselves. The record of differences is gone
 * with the pairs: the way back is a full copy. Only for a service of which services.yml says so.
 */
import * as z from 'zod';
import { type Bound, type BoundPath, boundOf } from '../../runbook/bound.ts';
import type { Facts, PlanCall } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { objectsPath, reads } from '../../vsp/paths.ts';
import { pairWords } from '../../vsp/protection.ts';
import type { Action, DraftCall, PlanContext, StepView } from '../action.ts';
import { withJob } from '../clone/job.ts';
import { pathGuard } from '../guards.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { lunId } from '../paths/seen.ts';
import { arrayTarget } from '../reads.ts';
import { takeoverOf } from '../replicas.ts';
import {
  type SecondarySeen,
  seeSecondary,
  situationAtSecondary,
} from '../replication/secondary.ts';
import { type JobsSeen, type LdevsSeen, seeJobs, seeLdevs } from './seen.ts';
import {
  assertWay,
  dissolves,
  ldevGuard,
  pathIsGuard,
  secondariesOf,
  siteTaken,
  takenGuard,
} from './way.ts';

const input = z.strictObject({ group: z.string() });
type Input = z.infer<typeof input>;

interface Observed {
  readonly ldevs: LdevsSeen;
  readonly half: SecondarySeen;
  readonly jobs: JobsSeen;
}

export const volumesCut: Action<Input, Observed> = {
  name: 'volumes/cut',
  input,
  title: { ko: '페어 해제 (복귀 시 전체 복사)', en: 'Cut the pairs (no way back but a full copy)' },
  withinMs: 60 * 60_000,
  pollMs: 5_000,
  facts: ['takeover', 'secondaries', 'local-copies'],
  guarded: ['side-taken', 'ldev-whole', 'path-of-ldev', 'only-pair-path'],
  preexisting: 'refuse',
  plan: (_input, context) => {
    assertWay(context, ['cut']);
    const paths = secondariesOf(context.facts).flatMap((row) => row.paths);
    return [
      cutCall(context),
      ...copiesOf(context.facts).map((copies) => dropCall(copies, context)),
      ...paths.map((path) => unmapCall(path, context)),
    ];
  },
  observe: async (view, _input, read) => {
    const ldevs = secondariesOf(view.plan.facts).map(({ ldev }) => ldev);
    const [seen, half, jobs] = await Promise.all([
      seeLdevs(read, view, ldevs),
      seeSecondary(read, view.plan),
      seeJobs(read, view),
    ]);
    return { ldevs: seen, half, jobs };
  },
  situation: situationAtSecondary,
  judge: (observed, { group }, view) => ({
    verdicts: Object.fromEntries(
      view.calls.map((call) => {
        const mine = view.mine[call.id];
        const seen = effectOf(call, { observed, view });
        const effect = withJob(seen, observed.jobs.get(call.id));
        const before = `Somebody else did it before this run. ${group}: ${hazardText(5)}`;
        return [call.id, judgeCall({ call, mine, now: view.now, effect, before })];
      }),
    ),
  }),
};

type LocalCopies = NonNullable<Bound['localCopies']>[number];
const copiesOf = (facts: Facts): readonly LocalCopies[] => boundOf(facts).localCopies ?? [];
const dropName = (group: string): string => `drop-${group}`;
const unmapName = (path: BoundPath): string =>
  `unmap-${path.ldev}-${lunId(path).replaceAll(',', '-')}`;

function cutCall(context: PlanContext): DraftCall {
  const site = siteTaken(context);
  const { id, group, pairs } = takeoverOf(context.facts);
  return {
    name: 'cut',
    site: site.id,
    target: arrayTarget(site.array),
    method: 'DELETE',
    path: objectsPath(site.array, `remote-mirror-copygroups/${id}`),
    guards: [takenGuard(site, context.facts)],
    words: {
      ko:
        `${site.name.ko}의 ${group} 페어 ${pairs.length}개를 모두 해제. ` +
        `되돌릴 수 없음: 전체 복사 없이는 복귀 불가. ${hazardText(5, 'ko')}`,
      en:
        `DISSOLVE ALL ${pairs.length} pairs of ${group} at ${site.name.en}. ` +
        `THERE IS NO WAY BACK WITHOUT A FULL COPY. ${hazardText(5)}`,
    },
  };
}

function unmapCall(path: BoundPath, context: PlanContext): DraftCall {
  const site = siteTaken(context);
  const lun = lunId(path);
  return {
    name: unmapName(path),
    site: site.id,
    target: arrayTarget(site.array),
    method: 'DELETE',
    path: objectsPath(site.array, reads.lun(lun)),
    after: ['cut'],
    guards: [pathIsGuard(site, path, lun), ldevGuard(site, 'ldev-whole', { ldev: path.ldev })],
    words: {
      ko: `${site.name.ko}에서 LDEV ${path.ldev}의 LU 경로 ${lun} 제거`,
      en: `Remove LU path ${lun} of LDEV ${path.ldev} at ${site.name.en}`,
    },
  };
}

/** A drill copy binds its source as much as a remote pair does. */
function dropCall({ id, name, copies }: LocalCopies, context: PlanContext): DraftCall {
  const site = siteTaken(context);
  return {
    name: dropName(name),
    site: site.id,
    target: arrayTarget(site.array),
    method: 'DELETE',
    path: objectsPath(site.array, reads.cloneGroup(id)),
    after: ['cut'],
    // A drill that uses a copy would lose the ground under it.
    guards: copies.map((ldev) => pathGuard(site, ldev)),
    words: {
      ko: `${site.name.ko}의 로컬 복제 그룹 ${name} (${copies.length}쌍) 해제`,
      en: `Dissolve the ${copies.length} local copies ${name} at ${site.name.en}`,
    },
  };
}

interface Seeing {
  readonly observed: Observed;
  readonly view: StepView;
}

function effectOf(call: PlanCall, { observed, view }: Seeing): Effect {
  const sent = maySent(view.mine[call.id]);
  if (dissolves(call)) return cut(observed, sent);
  const dropped = copiesOf(view.plan.facts).some(({ name }) => call.id.endsWith(dropName(name)));
  return dropped ? freed(observed) : unmapped(pathOf(call.id, view), observed);
}

const pathOf = (call: string, view: StepView): BoundPath | undefined =>
  secondariesOf(view.plan.facts)
    .flatMap(({ paths }) => paths)
    .find((path) => call.endsWith(`.${unmapName(path)}`));

/** So only when no S-VOL is in a pair of this kind any more. */
function without(word: 'HORC' | 'MRCF', { ldevs }: Observed): Effect {
  const bound: number[] = [];
  for (const [ldev, seen] of ldevs) {
    if (!seen.ok) return { seen: 'unknown', why: seen.why };
    if (pairWords(seen.value).includes(word)) bound.push(ldev);
  }
  if (bound.length === 0) return { seen: 'there', reading: { pairs: 0 } };
  return { seen: 'absent', why: `LDEV ${bound.join(', ')} is in a pair (${word}).` };
}

const freed = (observed: Observed): Effect => without('MRCF', observed);

function cut(observed: Observed, sent: boolean): Effect {
  const { half } = observed;
  const effect = without('HORC', observed);
  if (effect.seen !== 'absent' || sent) return effect;
  const { why = '' } = effect;
  if (half.class === 'taken') return { seen: 'absent', why };
  const states = half.pairs.ok ? half.states.join(', ') : half.pairs.why;
  return { seen: 'broken', why: `Not every S-VOL is open: ${states}. ${hazardText(9)}` };
}

function unmapped(path: BoundPath | undefined, { ldevs }: Observed): Effect {
  const seen = path === undefined ? undefined : ldevs.get(path.ldev);
  if (path === undefined || seen?.ok !== true) {
    return { seen: 'unknown', why: seen?.ok === false ? seen.why : 'The LDEV was not read.' };
  }
  const { ports = [] } = seen.value;
  const there = ports.some(
    ({ portId, hostGroupNumber, lun }) =>
      portId === path.port && hostGroupNumber === path.hostGroup && lun === path.lun,
  );
  if (!there) return { seen: 'there' };
  const why = `LU path ${lunId(path)} leads to LDEV ${path.ldev}.`;
  return { seen: pairWords(seen.value).length > 0 ? 'blocked' : 'absent', why };
}
