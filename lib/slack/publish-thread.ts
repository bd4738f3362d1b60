/** New events: lines in the thread, and what was refused privately to whom it was refused. */
import * as z from 'zod';
import type { EventData, JournalEvent } from '../run/events.ts';
import { type Message, message, section, sections } from './blocks/elements.ts';
import { endedMessage } from './blocks/ended.ts';
import { threadLine } from './blocks/thread.ts';
import { type Desk, isLost, readNote } from './desk.ts';
import { SlackCallFailed } from './errors.ts';
import { accountsOf } from './names.ts';
import { CURSOR_NOTE, ROOT_NOTE, WHISPER_NOTE } from './notes.ts';
import type { RunView } from './publish.ts';
import { refusalIn } from './texts/codes.ts';
import { say, verbIn } from './texts.ts';

/** Events told in one message; Slack takes about one message per second and channel. */
const PAGE = 40;
const PAGE_BLOCKS = 20;

/** `rootTs` is where the thread hangs. */
export async function publishThread(desk: Desk, seen: RunView, rootTs: string): Promise<void> {
  const cursor = (await readNote(desk, CURSOR_NOTE, z.int())) ?? 0;
  const fresh = seen.events.filter((event) => event.seq > cursor);
  for (let start = 0; start < fresh.length; start += PAGE) {
    const page = fresh.slice(start, start + PAGE);
    await tellPage(desk, seen, { page, rootTs });
    const last = page.at(-1)?.seq ?? cursor;
    await desk.store.putNote(desk.run, CURSOR_NOTE, JSON.stringify(last));
  }
  await publishWhispers(desk, seen.events);
}

/** A cursor of their own: a whisper that must wait does not bring lines of the thread again. */
async function publishWhispers(desk: Desk, events: readonly JournalEvent[]): Promise<void> {
  const cursor = (await readNote(desk, WHISPER_NOTE, z.int())) ?? 0;
  for (const event of events) {
    if (event.type !== 'refused' || event.seq <= cursor) continue;
    await whisper(desk, event.data);
    await desk.store.putNote(desk.run, WHISPER_NOTE, JSON.stringify(event.seq));
  }
}

async function tellPage(
  desk: Desk,
  { head, plan }: RunView,
  { page, rootTs }: { readonly page: readonly JournalEvent[]; readonly rootTs: string },
): Promise<void> {
  const { language } = desk.view;
  const lines = page
    .map((event) => threadLine(event, plan, desk.view))
    .filter((line) => line !== undefined);
  if (lines.length > 0) {
    const broadcast = page.some((event) => event.type === 'run.paused');
    const said = message(lines.join('\n'), sections(lines, { blocks: PAGE_BLOCKS, language }));
    await reply(desk, { rootTs, said, broadcast });
  }
  const ended = page.find((event) => event.type === 'run.ended');
  if (ended?.type === 'run.ended' && head.result !== undefined) {
    const said = endedMessage({ head, plan, residue: ended.data.residue }, desk.view);
    await reply(desk, { rootTs, said, broadcast: true });
  }
}

async function reply(
  desk: Desk,
  { rootTs, said, broadcast }: { rootTs: string; said: Message; broadcast: boolean },
): Promise<void> {
  try {
    await desk.client.post({ channel: desk.channel, ...said, threadTs: rootTs, broadcast });
  } catch (error) {
    // The root is gone: the next view updates it, finds that out, and posts it anew.
    if (isLost(error)) desk.shown.delete(ROOT_NOTE);
    throw error;
  }
}

/** To every account of the person: we do not keep which one was used. */
async function whisper(desk: Desk, refused: EventData<'refused'>): Promise<void> {
  const person = desk.people.find((one) => one.id === refused.person);
  if (person === undefined) return;
  const { language } = person;
  const refusal = refusalIn(language, refused.refusal);
  const text = say(language, 'told.refused', { ...refusal, verb: verbIn(language, refused.verb) });
  for (const user of accountsOf(person, desk.workspace)) {
    try {
      await desk.client.ephemeral({
        channel: desk.channel,
        user,
        ...message(text, [section(text)]),
      });
    } catch (error) {
      if (!(error instanceof SlackCallFailed) || error.kind !== 'platform') throw error;
      desk.log.warn('slack.untold', { run: desk.run, why: error.error });
    }
  }
}
