/**
 * `paths/restore`: gives hosts their LU paths back, with the numbers they had: as an undo those that its
 * step took away, else those that an earlier run took away. Only to the side that is the source: a path
 * to a copy that hosts could write to would make two truths.
 */
import * as z from 'zod';
import { type BoundPath, boundOf } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { actions, objectsPath } from '../../vsp/paths.ts';
import { type Side, sideIs } from '../../vsp/sides.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { siteOf } from '../facts.ts';
import { type Effect, maySent } from '../judging.ts';
import { arrayTarget, type Seen } from '../reads.ts';
import { fencedOf, replicationOf } from '../replicas.ts';
import {
  otherSite,
  seeSide,
  sideGuard,
  sideText,
  situationOfSides,
  wholeMirror,
} from '../replication/sides.ts';
import { judgePaths, type PathsJudged, pathsMark, seePathsOf } from './judge.ts';
import { lunId } from './seen.ts';
import { pathsTaken } from './taken.ts';

const input = z.strictObject({ group: z.string(), site: z.string() });
type Input = z.infer<typeof input>;

interface Observed extends PathsJudged {
  readonly here: Seen<Side>;
  readonly there: Seen<Side>;
}

export const pathsRestore: Action<Input, Observed> = {
  name: 'paths/restore',
  input,
  title: { ko: '호스트 경로 복원', en: 'Restore the host paths' },
  withinMs: 20 * 60_000,
  pollMs: 3_000,
  facts: ['mirror', 'paths', 'fenced'],
  guarded: ['side-primary', 'side-secondary-closed'],
  preexisting: 'accept',
  marks: (given) => ({ name: pathsMark(given), undone: true }),
  plan: ({ group, site }, context) => {
    const { facts, undoes, service } = context;
    wholeMirror(group, context);
    const home = service.replication.from;
    const paths =
      undoes === undefined ? fencedOf(facts, site) : pathsTaken(boundOf(facts), { site, home });
    return paths.map((path) => restoreCall(path, site, context));
  },
  observe: async (view, { site }, read) => {
    const other = otherSite(replicationOf(view.plan.facts), site);
    const [seen, here, there] = await Promise.all([
      seePathsOf(read, view, site),
      seeSide(read, view.plan, site),
      seeSide(read, view.plan, other),
    ]);
    return { ...seen, here, there };
  },
  situation: situationOfSides,
  judge: (observed, { site }, view) => ({
    verdicts: judgePaths(
      view,
      (call, path) => {
        const paths = observed.paths.get(path.ldev);
        if (paths?.ok !== true) return { seen: 'unknown', why: paths?.why ?? 'LDEV not read' };
        if (paths.value.includes(lunId(path))) return { seen: 'there' };
        if (maySent(view.mine[call.id]))
          return { seen: 'absent', why: 'The path is not there yet.' };
        const other = otherSite(replicationOf(view.plan.facts), site);
        return mayOpen(observed, { site, other });
      },
      observed.jobs,
    ),
  }),
};

function restoreCall(path: BoundPath, siteId: string, { config, facts }: PlanContext): DraftCall {
  const replication = replicationOf(facts);
  const site = siteOf(config, siteId);
  const other = siteOf(config, otherSite(replication, siteId));
  const { ldev, port, hostGroup, lun } = path;
  return {
    name: `restore-${ldev}-${port}-${hostGroup}-${lun}`,
    site: site.id,
    target: arrayTarget(site.array),
    method: 'POST',
    path: objectsPath(site.array, actions.luns),
    body: { portId: port, hostGroupNumber: hostGroup, ldevId: ldev, lun },
    guards: [sideGuard(site, replication, { is: 'side-primary', hazard: 2 })],
    peerGuards: [sideGuard(other, replication, { is: 'side-secondary-closed', hazard: 2 })],
    words: {
      ko: `${site.name.ko}에서 LDEV ${ldev}의 호스트 경로 ${lunId(path)} 복원`,
      en: `Restore host path ${lunId(path)} of LDEV ${ldev} at ${site.name.en}`,
    },
  };
}

/** This side is the source, and the other one is closed to hosts. */
function mayOpen(
  { here, there }: Observed,
  { site, other }: { readonly site: string; readonly other: string },
): Effect {
  const states = `${sideText(site, here)}; ${sideText(other, there)}`;
  if (!here.ok || !there.ok)
    return { seen: 'blocked', why: `Not both sides are known: ${states}.` };
  const open = sideIs(here.value, 'side-primary') && sideIs(there.value, 'side-secondary-closed');
  if (open) return { seen: 'absent', reading: { states } };
  return { seen: 'blocked', why: `${states}. ${hazardText(2)}` };
}
