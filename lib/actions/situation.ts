/** Both sites as they are now, for a person who must decide what became of a call. */
import { cloneClass } from '../vsp/pairs.ts';
import type { Reader, StepView } from './action.ts';
import { sampleReplication, seeClones } from './replicas.ts';

/** One line per thing; what cannot be read is said to be unknown, with the reason. */
export async function situation(view: StepView, read: Reader): Promise<readonly string[]> {
  const [replication, copies] = await Promise.all([
    sampleReplication(read, view.plan),
    seeClones(read, view.plan),
  ]);
  return [
    `Replication: ${replication.states.join(', ')}.`,
    `Drill copies: ${copies.ok ? cloneClass(copies.value) : `unknown (${copies.why})`}.`,
    ...replication.why.map((why) => `${why}.`),
  ];
}
