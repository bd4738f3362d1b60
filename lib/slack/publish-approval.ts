/** The approval message: posted once per plan, counted up, and without buttons once decided. */
import { forecastOf } from '../run/forecast.ts';
import { type Head, headSchema } from '../run/head.ts';
import { approvalClosed, approvalMessage, type Outcome, planLines } from './blocks/approval.ts';
import { type Desk, keepMessage, readNote, updateMessage } from './desk.ts';
import { APPROVAL_NOTE, approvalNoteSchema, MESSAGE_NOTE, PLAN_NOTE, type Place } from './notes.ts';
import type { RunView } from './publish.ts';

/** Runs among which those like this one are looked for. */
const SEARCHED = 50;

export async function publishApproval(desk: Desk, { head, plan }: RunView): Promise<void> {
  const { planHash, approval } = head;
  const asking = head.state === 'awaiting-approval';
  const known = await readNote(desk, APPROVAL_NOTE, approvalNoteSchema);
  if (known?.open && !(asking && known.planHash === planHash)) {
    const outcome: Outcome = asking ? 'voided' : outcomeOf(head);
    const closed = { head, plan, planHash: known.planHash, outcome };
    const message = approvalClosed(closed, desk.view);
    await updateMessage(desk, { name: APPROVAL_NOTE, place: known.place, message });
    await remember(desk, { ...known, open: false });
  }
  if (!asking || plan === undefined || planHash === undefined || approval === undefined) return;
  const lines = { ko: planLines(plan, 'ko'), en: planLines(plan, 'en') };
  const standing = known?.planHash === planHash ? known.place : undefined;
  if (standing === undefined) {
    await desk.store.putNote(desk.run, PLAN_NOTE, JSON.stringify({ planHash, lines }));
  }
  const past = await desk.store.heads(SEARCHED);
  const forecast = forecastOf(
    head,
    past.map(({ json }) => headSchema.parse(JSON.parse(json))),
  );
  const pending = { head, plan, planHash, approval, forecast };
  const message = approvalMessage(pending, desk.view);
  const place = await keepMessage(desk, { name: APPROVAL_NOTE, place: standing, message });
  if (place.ts !== standing?.ts) await remember(desk, { planHash, place, open: true });
}

async function remember(
  desk: Desk,
  note: { readonly planHash: string; readonly place: Place; readonly open: boolean },
): Promise<void> {
  await desk.store.putNote(desk.run, MESSAGE_NOTE, JSON.stringify(note.place));
  await desk.store.putNote(desk.run, APPROVAL_NOTE, JSON.stringify(note));
}

/** What became of the approval, which is known before the run has ended. */
const outcomes = {
  requested: 'aborted',
  complete: 'approved',
  rejected: 'denied',
  expired: 'expired',
  voided: 'voided',
} as const satisfies Record<string, Outcome>;

const outcomeOf = ({ approval }: Head): Outcome => outcomes[approval?.state ?? 'requested'];
