/** One message per question to people, with buttons as long as it is open. */
import { askClosed, askMessage } from './blocks/ask.ts';
import { type Desk, keepMessage, readNote, updateMessage } from './desk.ts';
import { ASKS_NOTE, asksNoteSchema, type Place } from './notes.ts';
import type { RunView } from './publish.ts';

export async function publishAsks(desk: Desk, { head, plan }: RunView): Promise<void> {
  const known = (await readNote(desk, ASKS_NOTE, asksNoteSchema)) ?? {};
  const asks = head.state === 'ended' ? [] : head.asks;
  const next: Record<string, Place> = {};
  for (const ask of asks) {
    const place = known[ask.step];
    const message = askMessage({ head, plan, ask }, desk.view);
    next[ask.step] = await keepMessage(desk, { name: nameOf(ask.step), place, message });
    await remember(desk, { ...known, ...next });
  }
  for (const [step, place] of Object.entries(known)) {
    if (next[step] !== undefined) continue;
    const message = askClosed({ head, plan, step }, desk.view);
    await updateMessage(desk, { name: nameOf(step), place, message });
  }
  if (Object.keys(known).some((step) => next[step] === undefined)) await remember(desk, next);
}

const nameOf = (step: string): string => `${ASKS_NOTE}.${step}`;

const remember = (desk: Desk, places: Record<string, Place>): Promise<void> =>
  desk.store.putNote(desk.run, ASKS_NOTE, JSON.stringify(places));
