/** A pressed button: who, where, on which message, and what it carried. */
import type { Ask, Origin } from '../run/inbox.ts';
import { UNMAPPED } from '../run/inbox.ts';
import { message, section } from './blocks/elements.ts';
import { type ButtonValue, REMARK, readButtonValue } from './buttons.ts';
import { deliver } from './deliver.ts';
import { identify, languageOf } from './identity.ts';
import { type Language, say, type TextKey } from './texts.ts';
import { clickSchema, type DoorKeeper, deliveryOf } from './visit.ts';

export interface Click {
  /** Id of the person, or `unmapped`. */
  readonly person: string;
  readonly language: Language;
  readonly origin: Origin;
  readonly delivery: string;
  readonly responseUrl: string | undefined;
  /** Undefined for a button that is not ours any more. */
  readonly value: ButtonValue | undefined;
  /** What the person typed beside the button, else the reason the button carries. */
  readonly remark: string | undefined;
}

const REMARK_MAX = 500;

/** Reads a `block_actions` body. Throws ZodError when Slack sent another shape. */
export function readClick(door: DoorKeeper, body: unknown): Click {
  const sent = clickSchema.parse(body);
  const { id: user, team_id: userTeam } = sent.user;
  const team = sent.team?.id ?? userTeam ?? '';
  const person = identify(door.config, { team, user, userTeam });
  const value = readButtonValue(sent.actions[0]?.value);
  const typed = sent.state?.values[REMARK]?.[REMARK]?.value?.trim();
  const { channel, container } = sent;
  return {
    person: person?.id ?? UNMAPPED,
    language: languageOf(door.config, person),
    origin: {
      via: 'slack',
      team: userTeam ?? team,
      user,
      ...(channel === undefined ? {} : { channel: channel.id }),
      ...(container.message_ts === undefined ? {} : { messageTs: container.message_ts }),
    },
    delivery: deliveryOf(team, sent.trigger_id),
    responseUrl: sent.response_url,
    value,
    remark: typed ? typed.slice(0, REMARK_MAX) : value?.reason,
  };
}

/**
 * Puts the wish of a click into the run's inbox. `ask` makes it from the value, or undefined when
 * the value lacks what this button needs. A stranger's click is recorded and told to be worthless.
 */
export async function press(
  door: DoorKeeper,
  body: unknown,
  ask: (value: ButtonValue, reason: string, click: Click) => Ask | undefined,
): Promise<void> {
  const click = readClick(door, body);
  const reason = click.remark ?? say(click.language, 'door.pressed');
  const wish = click.value && ask(click.value, reason, click);
  if (click.value === undefined || wish === undefined) {
    return tellClick(door, click, 'door.unknown.button');
  }
  const { person, origin, delivery } = click;
  await deliver(door, { run: click.value.run, delivery, person, origin, ask: wish });
  if (person === UNMAPPED) {
    door.log.warn('slack.unmapped', { verb: wish.verb, run: click.value.run });
    await tellClick(door, click, 'door.unmapped.click');
  }
}

export function tellClick(door: DoorKeeper, click: Click, key: TextKey): Promise<void> {
  const text = say(click.language, key);
  return door.tell(click.responseUrl, message(text, [section(text)]));
}
