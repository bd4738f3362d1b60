/** The secondary half of a copy group as it is now; main is not asked. */
import { boundOf } from '../../runbook/bound.ts';
import type { Plan } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { statesOf } from '../../vsp/pairs.ts';
import { reads } from '../../vsp/paths.ts';
import {
  type Journal,
  journalsSchema,
  type RemotePair,
  remoteGroupSchema,
  remotePathsSchema,
} from '../../vsp/schema.ts';
import { compared } from '../../vsp/sides.ts';
import {
  asSecondaries,
  classAsFenced,
  sameSecondaries,
  type TakeoverClass,
} from '../../vsp/takeover.ts';
import type { Reader, StepView } from '../action.ts';
import { onArray, type Place, type Seen, see } from '../reads.ts';
import { boundSite, takeoverOf } from '../replicas.ts';

export interface SecondarySeen {
  readonly pairs: Seen<readonly RemotePair[]>;
  /** `refused` while the pairs cannot be read. */
  readonly class: TakeoverClass;
  readonly states: readonly string[];
  /** Undefined where nothing is journalled. */
  readonly journal: Seen<Journal> | undefined;
  /** States of the remote paths to the primary array. */
  readonly paths: Seen<readonly string[]>;
}

type Takeover = ReturnType<typeof takeoverOf>;

export async function seeSecondary(read: Reader, plan: Plan): Promise<SecondarySeen> {
  const bound = takeoverOf(plan.facts);
  const { array } = boundSite(boundOf(plan.facts), bound.site);
  const at = (path: string): Place => onArray(bound.site, array, path);
  const [half, journal, paths] = await Promise.all([
    see(read, at(`remote-mirror-copygroups/${bound.id}`), remoteGroupSchema),
    seeRestoreJournal(read, bound, at(reads.journals)),
    seeLinks(read, bound, at(reads.remotePaths)),
  ]);
  const rest = { journal, paths };
  if (!half.ok) return { pairs: half, class: 'refused', states: [], ...rest };
  const copyPairs = asSecondaries(half.value.copyPairs);
  if (!sameSecondaries(copyPairs, bound.pairs)) {
    const svols = copyPairs.map(({ svolLdevId }) => svolLdevId ?? -1);
    const planned = bound.pairs.map(({ svol }) => svol);
    const hazard = hazardText(compared(svols, planned).less ? 8 : 16);
    const why = `${bound.group} holds other pairs than the plan. ${hazard}`;
    return { pairs: { ok: false, why, gone: false }, class: 'refused', states: [], ...rest };
  }
  return {
    pairs: { ok: true, value: copyPairs },
    class: classAsFenced(copyPairs, bound.fence ?? 'ASYNC'),
    states: statesOf(copyPairs, 'svol'),
    ...rest,
  };
}

async function seeRestoreJournal(
  read: Reader,
  { journalId, muNumber }: Takeover,
  at: Place,
): Promise<Seen<Journal> | undefined> {
  if (journalId === undefined) return undefined;
  const journals = await see(read, at, journalsSchema);
  if (!journals.ok) return journals;
  const found = journals.value.data.find(
    (one) => one.journalId === journalId && (one.muNumber ?? 0) === muNumber,
  );
  if (found !== undefined) return { ok: true, value: found };
  return { ok: false, why: `journal ${journalId} is not listed`, gone: false };
}

async function seeLinks(
  read: Reader,
  { primary }: Takeover,
  at: Place,
): Promise<Seen<readonly string[]>> {
  const groups = await see(read, at, remotePathsSchema);
  if (!groups.ok) return groups;
  const to = groups.value.data.filter((one) => one.remoteStorageDeviceId === primary);
  return { ok: true, value: [...new Set(to.map(({ cuStatus }) => cuStatus))].sort() };
}

/** `SJNN with 3 left`, or why that is not known. */
export function journalText(journal: SecondarySeen['journal']): string {
  if (journal === undefined) return 'none';
  if (!journal.ok) return `unknown (${journal.why})`;
  return `${journal.value.journalStatus}, ${journal.value.qCount ?? 'unknown'} left`;
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
    `Restore journal: ${journalText(journal)}.`,
    'The primary site is not asked: this plan gives it up.',
  ];
}
