/** The secondary half of a copy group as it is now; main is not asked. */
import { boundOf } from '../../runbook/bound.ts';
import type { Plan } from '../../runbook/plan.ts';
import { statesOf } from '../../vsp/pairs.ts';
import { reads } from '../../vsp/paths.ts';
import {
  type Journal,
  journalsSchema,
  type RemotePair,
  remoteGroupSchema,
} from '../../vsp/schema.ts';
import { sameSecondaries, type TakeoverClass, takeoverClass } from '../../vsp/takeover.ts';
import type { Reader, StepView } from '../action.ts';
import { onArray, type Seen, see } from '../reads.ts';
import { boundSite, takeoverOf } from '../replicas.ts';

export interface SecondarySeen {
  readonly pairs: Seen<readonly RemotePair[]>;
  /** `refused` while the pairs cannot be read. */
  readonly class: TakeoverClass;
  readonly states: readonly string[];
  readonly journal: Seen<Journal>;
}

export async function seeSecondary(read: Reader, plan: Plan): Promise<SecondarySeen> {
  const bound = takeoverOf(plan.facts);
  const { array } = boundSite(boundOf(plan.facts), bound.site);
  const group = onArray(bound.site, array, `remote-mirror-copygroups/${bound.id}`);
  const [half, journals] = await Promise.all([
    see(read, group, remoteGroupSchema),
    see(read, onArray(bound.site, array, reads.journals), journalsSchema),
  ]);
  const journal = journals.ok
    ? journalIn(journals.value.data, bound)
    : { ok: false as const, why: journals.why, gone: journals.gone };
  if (!half.ok) return { pairs: half, class: 'refused', states: [], journal };
  const { copyPairs } = half.value;
  if (!sameSecondaries(copyPairs, bound.pairs)) {
    const why = `${bound.group} holds other pairs than the plan`;
    return { pairs: { ok: false, why, gone: false }, class: 'refused', states: [], journal };
  }
  return {
    pairs: { ok: true, value: copyPairs },
    class: takeoverClass(copyPairs.map((pair) => pair.svolStatus)),
    states: statesOf(copyPairs, 'svol'),
    journal,
  };
}

function journalIn(
  journals: readonly Journal[],
  { journalId, muNumber }: { readonly journalId: number; readonly muNumber: number },
): Seen<Journal> {
  const found = journals.find(
    (one) => one.journalId === journalId && (one.muNumber ?? 0) === muNumber,
  );
  if (found !== undefined) return { ok: true, value: found };
  return { ok: false, why: `journal ${journalId} is not listed`, gone: false };
}

/** For a person who must say what became of a takeover whose answer was lost. */
export async function situationAtSecondary(
  view: StepView,
  read: Reader,
): Promise<readonly string[]> {
  const { pairs, states, journal } = await seeSecondary(read, view.plan);
  const { site, group } = takeoverOf(view.plan.facts);
  return [
    `${group} at ${site}: ${pairs.ok ? states.join(', ') : `unknown (${pairs.why})`}.`,
    journal.ok
      ? `Restore journal: ${journal.value.journalStatus}, ${journal.value.qCount ?? 'unknown'} left.`
      : `Restore journal: unknown (${journal.why}).`,
    'The primary site is not asked: this plan gives it up.',
  ];
}
