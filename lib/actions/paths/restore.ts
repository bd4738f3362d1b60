/**
 * `paths/restore`: gives hosts their LU paths back, with the numbers they had: as an undo those that its
 * step took away, else those that an earlier run took away. Only to the side that is the source: a path
 * to a copy that hosts could write to would make two truths. Where the plan gives the other site up, to
 * the side that a takeover opened.
 */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import { type BoundPath, boundOf } from '../../runbook/bound.ts';
import type { Facts } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { actions, objectsPath } from '../../vsp/paths.ts';
import { type Side, sideIs } from '../../vsp/sides.ts';
import type { Action, DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { type Effect, maySent } from '../judging.ts';
import { arrayTarget, type Seen } from '../reads.ts';
import { fencedOf, takeoverOf } from '../replicas.ts';
import { situationAtSecondary } from '../replication/secondary.ts';
import {
  otherSite,
  seeSide,
  seeSideLeft,
  sideGuard,
  sideText,
  situationOfSides,
  wholeMirror,
} from '../replication/sides.ts';
import { sideWritableGuard } from '../servers/guards.ts';
import { judgePaths, type PathsJudged, pathsMark, seePathsOf } from './judge.ts';
import { lunId } from './seen.ts';
import { pathsTaken } from './taken.ts';

const input = z.strictObject({ group: z.string(), site: z.string() });
type Input = z.infer<typeof input>;

interface Observed extends PathsJudged {
  readonly here: Seen<Side>;
  /** Undefined where that site is given up. */
  readonly there: Seen<Side> | undefined;
}

export const pathsRestore: Action<Input, Observed> = {
  name: 'paths/restore',
  input,
  title: { ko: '호스트 경로 복원', en: 'Restore the host paths' },
  withinMs: 20 * 60_000,
  pollMs: 3_000,
  facts: ['mirror', 'paths', 'fenced'],
  guarded: ['side-primary', 'side-secondary-closed', 'side-writable'],
  preexisting: 'accept',
  marks: (given) => ({ name: pathsMark(given), undone: true }),
  plan: ({ group, site }, context) => {
    const { facts, undoes, service } = context;
    if (boundOf(facts).replication !== undefined) wholeMirror(group, context);
    else assertLeft({ group, site }, context);
    const home = service.replication.from;
    const paths =
      undoes === undefined ? fencedOf(facts, site) : pathsTaken(boundOf(facts), { site, home });
    return paths.map((path) => restoreCall(path, site, context));
  },
  observe: async (view, { site }, read) => {
    const { plan } = view;
    const other = otherOf(plan.facts, site);
    const [seen, here, there] = await Promise.all([
      seePathsOf(read, view, site),
      other === undefined ? seeSideLeft(read, plan) : seeSide(read, plan, site),
      other === undefined ? undefined : seeSide(read, plan, other),
    ]);
    return { ...seen, here, there };
  },
  situation: (view, read) =>
    boundOf(view.plan.facts).replication === undefined
      ? situationAtSecondary(view, read)
      : situationOfSides(view, read),
  judge: (observed, { site }, view) => ({
    verdicts: judgePaths(
      view,
      (call, path) => {
        const paths = observed.paths.get(path.ldev);
        if (paths?.ok !== true) return { seen: 'unknown', why: paths?.why ?? 'LDEV not read' };
        if (paths.value.includes(lunId(path))) return { seen: 'there' };
        if (maySent(view.mine[call.id]))
          return { seen: 'absent', why: 'The path is not there yet.' };
        return mayOpen(observed, { site, other: otherOf(view.plan.facts, site) });
      },
      observed.jobs,
    ),
  }),
};

/** The site at the other end; undefined where it is given up, and one half is all that is known. */
function otherOf(facts: Facts, site: string): string | undefined {
  const { replication } = boundOf(facts);
  return replication === undefined ? undefined : otherSite(replication, site);
}

/** Throws ACT-PLAN unless the takeover of this plan opens these volumes here, and nobody else's. */
function assertLeft({ group, site }: Input, { facts, config, service }: PlanContext): void {
  const left = takeoverOf(facts);
  const refuse = (what: string, why: string) => new ActionError('ACT-PLAN', what, why);
  if (left.group !== group || left.site !== site) {
    throw refuse(
      `Copy group ${group} at ${site}.`,
      `The plan opens ${left.group} at ${left.site}.`,
    );
  }
  const others = config.services.filter(
    ({ id, replication }) => id !== service.id && replication.group === group,
  );
  if (others.length === 0) return;
  const names = others.map(({ id }) => id).join(', ');
  throw refuse(`Copy group ${group} is shared with ${names}.`, hazardText(16));
}

function restoreCall(path: BoundPath, siteId: string, context: PlanContext): DraftCall {
  const site = siteOf(context.config, siteId);
  const { ldev, port, hostGroup, lun } = path;
  return {
    name: `restore-${ldev}-${port}-${hostGroup}-${lun}`,
    site: site.id,
    target: arrayTarget(site.array),
    method: 'POST',
    path: objectsPath(site.array, actions.luns),
    body: { portId: port, hostGroupNumber: hostGroup, ldevId: ldev, lun },
    ...guardsOf(site, context),
    words: {
      ko: `${site.name.ko}에서 LDEV ${ldev}의 호스트 경로 ${lunId(path)} 복원`,
      en: `Restore host path ${lunId(path)} of LDEV ${ldev} at ${site.name.en}`,
    },
  };
}

function guardsOf(
  site: Site,
  { config, facts }: PlanContext,
): Pick<DraftCall, 'guards' | 'peerGuards'> {
  const { replication } = boundOf(facts);
  if (replication === undefined) return { guards: [sideWritableGuard(site, facts)] };
  const other = siteOf(config, otherSite(replication, site.id));
  return {
    guards: [sideGuard(site, replication, { is: 'side-primary', hazard: 2 })],
    peerGuards: [sideGuard(other, replication, { is: 'side-secondary-closed', hazard: 2 })],
  };
}

/** This side is the source or was opened, and the other one is closed to hosts or given up. */
function mayOpen(
  { here, there }: Observed,
  { site, other }: { readonly site: string; readonly other: string | undefined },
): Effect {
  const sides = [sideText(site, here)];
  if (there !== undefined && other !== undefined) sides.push(sideText(other, there));
  const states = sides.join('; ');
  if (!here.ok || there?.ok === false) {
    return { seen: 'blocked', why: `Not every side is known: ${states}.` };
  }
  const open =
    there === undefined
      ? sideIs(here.value, 'side-writable')
      : sideIs(here.value, 'side-primary') && sideIs(there.value, 'side-secondary-closed');
  if (open) return { seen: 'absent', reading: { states } };
  return { seen: 'blocked', why: `${states}. ${hazardText(2)}` };
}
