/**
 * Brings what Slack shows of a run up to one view of it: root message, approval, questions, thread,
 * private refusals. Safe to repeat: what stands already is left, what is gone is posted anew.
 */
import type { Config } from '../config.ts';
import type { Log } from '../logger.ts';
import type { JournalEvent } from '../run/events.ts';
import type { Head } from '../run/head.ts';
import type { Plan } from '../runbook/plan.ts';
import type { Store } from '../store/store.ts';
import { rootMessage } from './blocks/root.ts';
import type { SlackClient } from './client.ts';
import { type Desk, keepMessage, readNote } from './desk.ts';
import { type ChannelView, channelView } from './names.ts';
import { placeSchema, ROOT_NOTE } from './notes.ts';
import { publishApproval } from './publish-approval.ts';
import { publishAsks } from './publish-asks.ts';
import { publishThread } from './publish-thread.ts';

/** A run as the engine sees it. `events` may be all of the journal or only its newest part. */
export interface RunView {
  readonly head: Head;
  readonly plan?: Plan | undefined;
  readonly events: readonly JournalEvent[];
}

export interface PublishOptions {
  readonly client: SlackClient;
  readonly store: Store;
  readonly config: Config;
  readonly log: Log;
  /** What this process has shown of the run, by message: equal frames cost no call. */
  readonly shown: Map<string, string>;
}

/** Rejects with SlackCallFailed; what was posted before that is remembered. */
export async function publish(seen: RunView, options: PublishOptions): Promise<void> {
  const view: ChannelView = channelView(options.config);
  const { channel, workspace } = options.config.policy;
  const people = options.config.people;
  const desk: Desk = { ...options, view, channel, workspace, people, run: seen.head.run };
  const place = await publishRoot(desk, seen);
  await publishApproval(desk, seen);
  await publishAsks(desk, seen);
  await publishThread(desk, seen, place.ts);
}

async function publishRoot(desk: Desk, { head, plan }: RunView) {
  const known = await readNote(desk, ROOT_NOTE, placeSchema);
  const place = await keepMessage(desk, {
    name: ROOT_NOTE,
    place: known,
    message: rootMessage({ head, plan }, desk.view),
  });
  if (place.ts !== known?.ts) await desk.store.putNote(desk.run, ROOT_NOTE, JSON.stringify(place));
  return place;
}
