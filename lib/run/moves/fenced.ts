/**
 * LU paths that a run of ours removed and nobody restored: the array has forgotten them, the plan of
 * that run has not. Whoever starts the servers there again needs them as they were.
 */
import { pathsTaken } from '../../actions/paths/taken.ts';
import type { Service } from '../../config.ts';
import { type Bound, boundOf } from '../../runbook/bound.ts';
import type { Engine } from '../engine.ts';
import { openSession } from '../session.ts';
import { markOf } from './marks.ts';

/** Name of the mark that says so; `paths/remove` sets it and `paths/restore` clears it. */
const markName = (group: string, site: string): string => `paths:${group}@${site}`;

/** By site; a site where nothing is removed is left out. */
export async function fencedPaths(
  engine: Engine,
  { replication: { group, from, to } }: Service,
): Promise<NonNullable<Bound['fenced']>> {
  const fenced: NonNullable<Bound['fenced']> = {};
  for (const site of [from, to]) {
    const mark = await markOf(engine, markName(group, site));
    if (mark === undefined) continue;
    const session = await openSession(engine, mark.run);
    const plan = session.plan();
    session.close();
    if (plan === undefined) continue;
    const paths = pathsTaken(boundOf(plan.facts), { site, home: from });
    if (paths.length > 0) fenced[site] = [...paths];
  }
  return fenced;
}
