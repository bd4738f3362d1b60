/** What publishing a run works with: where it writes, and how a message is kept standing. */
import type * as z from 'zod';
import type { Config } from '../config.ts';
import type { Log } from '../logger.ts';
import type { Store } from '../store/store.ts';
import type { Message } from './blocks/elements.ts';
import type { SlackClient } from './client.ts';
import { SlackCallFailed } from './errors.ts';
import type { ChannelView } from './names.ts';
import type { Place } from './notes.ts';

export interface Desk {
  readonly run: string;
  readonly client: SlackClient;
  readonly store: Store;
  readonly log: Log;
  readonly view: ChannelView;
  readonly channel: string;
  readonly workspace: string;
  readonly people: Config['people'];
  readonly shown: Map<string, string>;
}

/** Slack's words for a message that cannot be updated any more. */
const LOST = [
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'is_inactive',
  'thread_not_found',
  'cannot_reply_to_message',
];

export const isLost = (error: unknown): boolean =>
  error instanceof SlackCallFailed && error.kind === 'platform' && LOST.includes(error.error);

interface Standing {
  /** Of the message, among those of a run. */
  readonly name: string;
  readonly place: Place | undefined;
  readonly message: Message;
}

/** Updates the message where it stands, or posts it (anew); returns where it stands now. */
export async function keepMessage(desk: Desk, standing: Standing): Promise<Place> {
  const { name, place, message } = standing;
  if (place !== undefined && (await updateMessage(desk, { name, place, message }))) return place;
  const ts = await desk.client.post({ channel: desk.channel, ...message });
  desk.shown.set(name, JSON.stringify(message));
  return { channel: desk.channel, ts };
}

/** false when the message is gone. An update that would change nothing is not sent. */
export async function updateMessage(
  desk: Desk,
  standing: Standing & { readonly place: Place },
): Promise<boolean> {
  const { name, place, message } = standing;
  const frame = JSON.stringify(message);
  if (desk.shown.get(name) === frame) return true;
  try {
    await desk.client.update({ ...place, ...message });
  } catch (error) {
    if (isLost(error)) return false;
    throw error;
  }
  desk.shown.set(name, frame);
  return true;
}

/** A note of this run, or undefined when there is none. */
export async function readNote<T>(
  desk: Desk,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const json = await desk.store.note(desk.run, name);
  return json === undefined ? undefined : schema.parse(JSON.parse(json));
}
