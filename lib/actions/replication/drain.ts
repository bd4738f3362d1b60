/**
 * `replication/drain`: proves that nothing is left behind before the sides change. It sends nothing. A
 * marker of the source that stands still for ten seconds says that nobody writes; the same marker at
 * the other side, with both journals empty, says that everything written has arrived.
 */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { isDrained } from '../../vsp/mirror.ts';
import { sameMarker } from '../../vsp/pairs.ts';
import type { Journal } from '../../vsp/schema.ts';
import { isCatchingUp, type Side, sideIs } from '../../vsp/sides.ts';
import type { Action, StepView } from '../action.ts';
import type { Seen } from '../reads.ts';
import { replicationOf, seeJournal } from '../replicas.ts';
import { seeSide, sideText, unjudgeable, wholeMirror } from './sides.ts';

const input = z.strictObject({ group: z.string() });
type Input = z.infer<typeof input>;

/** Marker: how long it must stand still; how long it may move before somebody is looked for (ms). */
const STILL_MS = 10_000;
const MOVING_MS = 60_000;

interface Observed {
  readonly primary: Seen<Side>;
  readonly secondary: Seen<Side>;
  /** Absent where nothing is journalled. */
  readonly journals?: { readonly master: Seen<Journal>; readonly restore: Seen<Journal> };
}

export const replicationDrain: Action<Input, Observed> = {
  name: 'replication/drain',
  input,
  title: { ko: '저널 비우기와 무손실 확인', en: 'Drain the journal, prove that nothing is left' },
  withinMs: 30 * 60_000,
  pollMs: 5_000,
  facts: ['mirror'],
  guarded: ['journal-drained'],
  preexisting: 'accept',
  repeatable: true,
  plan: ({ group }, context) => {
    wholeMirror(group, context);
    return [];
  },
  observe: async ({ plan }, _input, read) => {
    const { primary, secondary } = replicationOf(plan.facts);
    const [p, s] = await Promise.all([
      seeSide(read, plan, primary.site),
      seeSide(read, plan, secondary.site),
    ]);
    if (primary.journalId === undefined) return { primary: p, secondary: s };
    // The source first: what it shows is older than what the other side shows.
    const master = await seeJournal(read, plan, 'primary');
    const restore = await seeJournal(read, plan, 'secondary');
    return { primary: p, secondary: s, journals: { master, restore } };
  },
  judge: (observed, _input, view) => ({ verdicts: { [view.step.id]: verdictOf(observed, view) } }),
};

function verdictOf({ primary, secondary, journals }: Observed, view: StepView): Verdict {
  const ends = replicationOf(view.plan.facts);
  const states = `${sideText(ends.primary.site, primary)}; ${sideText(ends.secondary.site, secondary)}`;
  const kept = keptIn(view);
  const { seen, why = '' } = unjudgeable([primary, secondary], states) ?? {};
  if (seen === 'broken') return { state: 'refuse', reason: why };
  if (!primary.ok || !secondary.ok) return pending(why, kept);
  const paired =
    sideIs(primary.value, 'side-primary-paired') &&
    sideIs(secondary.value, 'side-secondary-paired');
  const all = [...primary.value.states, ...secondary.value.states];
  if (!paired) {
    const sides = [primary.value, secondary.value];
    if (sides.every(isCatchingUp)) return pending(`${states}. ${hazardText(11)}`, kept);
    const torn = sides.some((side) => side.states.length > 1);
    return { state: 'refuse', reason: `${states}. ${hazardText(torn ? 6 : 11)}` };
  }
  if (journals === undefined) {
    const reading = { proof: 'rpo-0', at: view.now, states: all };
    return { state: 'done', reading };
  }
  const { master, restore } = journals;
  if (!master.ok) return pending(master.why, kept);
  if (!restore.ok) return pending(restore.why, kept);
  return markerVerdict({ master: master.value, restore: restore.value }, kept, view);
}

/** The source's marker, when it was first seen so, and since when it has not stood still (ms). */
const keptSchema = z.object({ marker: z.string(), at: z.int(), movingSince: z.int() });
type Kept = z.infer<typeof keptSchema>;

/** Of this attempt of the step: what was seen before proves nothing about now. */
function keptIn({ readings, step, startedAt }: StepView): Kept | undefined {
  const found = keptSchema.safeParse(readings[step.id]);
  return found.success && found.data.at >= startedAt ? found.data : undefined;
}

function markerVerdict(
  { master, restore }: { readonly master: Journal; readonly restore: Journal },
  kept: Kept | undefined,
  { now }: StepView,
): Verdict {
  const { qMarker: marker } = master;
  const isStill = kept !== undefined && sameMarker(kept.marker, marker);
  const seen: Kept = isStill ? kept : { marker, at: now, movingSince: movingSince(kept, now) };
  const stillMs = now - seen.at;
  if (!isStill && now - seen.movingSince >= MOVING_MS) {
    const why = `The source's marker has moved for ${now - seen.movingSince} ms, now to ${marker}`;
    const reason = `${why}: somebody still writes. ${hazardText(11)}`;
    return { state: 'refuse', reason, reading: { marker, restored: restore.qMarker } };
  }
  if (stillMs < STILL_MS)
    return pending(`Whether marker ${marker} of the source stands still is being watched.`, seen);
  const left = leftOf(master, restore);
  if (left !== undefined) return pending(left, seen);
  const proof = { proof: 'rpo-0', restored: restore.qMarker, stillMs };
  return { state: 'done', reading: { marker, at: now, ...proof } };
}

/** A marker that stood still for long enough and moves again begins anew. */
const movingSince = (kept: Kept | undefined, now: number): number =>
  kept === undefined || now - kept.at >= STILL_MS ? now : kept.movingSince;

function leftOf(master: Journal, restore: Journal): string | undefined {
  const shown = ({ journalStatus, qCount, qMarker }: Journal) =>
    `${journalStatus}, ${qCount ?? 'unknown'} left, marker ${qMarker}`;
  const empty = isDrained(master, 'PJNN') && isDrained(restore, 'SJNN');
  if (empty && sameMarker(master.qMarker, restore.qMarker)) return undefined;
  return `Not drained yet: source ${shown(master)}; other side ${shown(restore)}.`;
}

const pending = (reason: string, kept: Kept | undefined): Verdict => ({
  state: 'pending',
  reason,
  ...(kept === undefined ? {} : { reading: { ...kept } }),
});
