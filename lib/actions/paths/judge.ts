/** How calls that take LU paths away or give them back are judged: path by path. */
import type { Verdict } from '../../run/verdict.ts';
import type { BoundPath } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Reader, StepView } from '../action.ts';
import { seeJobOf, withJob } from '../clone/job.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { type PathsSeen, seePaths } from './seen.ts';

type Jobs = Readonly<Record<string, Awaited<ReturnType<typeof seeJobOf>>>>;

export interface PathsJudged {
  readonly paths: PathsSeen;
  /** By call, of those that were sent and told a job. */
  readonly jobs: Jobs;
}

/** What stands noted while paths are away. */
export const pathsMark = ({
  group,
  site,
}: {
  readonly group: string;
  readonly site: string;
}): string => `paths:${group}@${site}`;

/** The path that a call is about, by its guard or its body. */
function pathIn({ method, path, body, guards }: PlanCall): BoundPath | undefined {
  if (method === 'DELETE') {
    const [port = '', hostGroup, lun] = (path.split('/').at(-1) ?? '').split(',');
    const ldev = guards.find(({ predicate }) => predicate === 'path-of-ldev')?.args['ldev'];
    if (typeof ldev !== 'number') return undefined;
    return { ldev, port, hostGroup: Number(hostGroup), lun: Number(lun) };
  }
  const given = (body ?? {}) as Partial<Record<string, unknown>>;
  const { portId, hostGroupNumber, ldevId, lun } = given;
  if (typeof portId !== 'string' || typeof hostGroupNumber !== 'number') return undefined;
  if (typeof ldevId !== 'number' || typeof lun !== 'number') return undefined;
  return { ldev: ldevId, port: portId, hostGroup: hostGroupNumber, lun };
}

/** Reads the LDEVs that the calls of a step are about, and the jobs of those that were sent. */
export async function seePathsOf(read: Reader, view: StepView, site: string): Promise<PathsJudged> {
  const ldevs = view.calls.flatMap((call) => pathIn(call)?.ldev ?? []);
  const [paths, ...jobs] = await Promise.all([
    seePaths(read, view.plan, { site, ldevs }),
    ...view.calls.map((call) => seeJobOf(read, view, call)),
  ]);
  const byCall = view.calls.map(({ id }, i) => [id, jobs[i]] as const);
  return { paths, jobs: Object.fromEntries(byCall) };
}

/** A step that plans no call found nothing to do: that was so before it began. */
export function judgePaths(
  view: StepView,
  effectOf: (call: PlanCall, path: BoundPath) => Effect,
  jobs: Jobs,
): Record<string, Verdict> {
  if (view.calls.length === 0) {
    const reason = 'There is no host path to change.';
    return { [view.step.id]: { state: 'preexisting', reason, reading: { paths: 0 } } };
  }
  return Object.fromEntries(
    view.calls.map((call) => {
      const path = pathIn(call);
      if (path === undefined) {
        return [call.id, { state: 'refuse', reason: 'It names no LU path.' }] as const;
      }
      const mine = view.mine[call.id];
      const effect = effectOf(call, path);
      const judged = maySent(mine) ? withJob(effect, jobs[call.id]) : effect;
      const before = `So it was before this step: LDEV ${path.ldev}.`;
      return [call.id, judgeCall({ call, mine, now: view.now, effect: judged, before })] as const;
    }),
  );
}
