/** What the door holds while it serves one request, and what Slack sends, as far as we read it. */
import * as z from 'zod';
import { sha256 } from '../canonical.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../logger.ts';
import type { Store } from '../store/store.ts';
import type { DoorConfig } from './door-config.ts';
import type { DoorPerson } from './identity.ts';
import type { Tell } from './respond.ts';
import type { Language } from './texts.ts';

/** `note` holds the calls that Details shows. */
export type DoorStore = Pick<Store, 'putInbox' | 'head' | 'heads' | 'note'>;

export interface DoorKeeper {
  readonly config: DoorConfig;
  readonly store: DoorStore;
  /** Wakes the engine for a run. */
  signal(run: string): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: Tell;
}

/** One slash command; Slack's answer is permissive, we read what we need. */
export const commandSchema = z.looseObject({
  command: z.string(),
  text: z.string().default(''),
  team_id: z.string(),
  user_id: z.string(),
  channel_id: z.string(),
  trigger_id: z.string().min(1),
});

/** One pressed button. */
export const clickSchema = z.looseObject({
  trigger_id: z.string().min(1),
  response_url: z.string().optional(),
  team: z.looseObject({ id: z.string() }).nullish(),
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  channel: z.looseObject({ id: z.string() }).optional(),
  container: z.looseObject({ message_ts: z.string().optional() }),
  actions: z.array(z.looseObject({ action_id: z.string(), value: z.string().optional() })).min(1),
  state: z
    .looseObject({
      values: z.record(
        z.string(),
        z.record(z.string(), z.looseObject({ value: z.string().nullish() })),
      ),
    })
    .nullish(),
});

/** A known person's command. */
export interface Visit {
  readonly person: DoorPerson;
  readonly language: Language;
  readonly team: string;
  readonly user: string;
  readonly channel: string;
  readonly triggerId: string;
  /** `/dr`, or what this workspace calls it. */
  readonly command: string;
}

/** A trigger id is new for each interaction and the same for a copy of its bytes. */
export const deliveryOf = (team: string, triggerId: string): string =>
  `slack-${sha256(`${team} ${triggerId}`).slice(0, 20)}`;

/** The run that a command opens: the same delivery always names the same run. */
export const runOf = (team: string, triggerId: string): string =>
  `r-${sha256(`run ${team} ${triggerId}`).slice(0, 10)}`;
