/**
 * The people of a rehearsal: they look at the messages a person would see and press the buttons
 * they find there. Nothing reaches Drillbook but the signed requests Slack would send.
 */
import { iso } from '../clock.ts';
import type { Config, Person } from '../config.ts';
import type { Head } from '../run/head.ts';
import { actionIds, readButtonValue } from '../slack/buttons.ts';

/** A button as it hangs in a channel. */
export interface Button {
  readonly channel: string;
  readonly messageTs: string;
  readonly actionId: string;
  readonly value: string;
}

/** What the cast needs of a Slack: messages to look at, commands to type, buttons to press. */
export interface Stage {
  readonly buttons: (channel: string) => Promise<readonly Button[]>;
  readonly press: (person: Person, button: Button, reason?: string) => Promise<string>;
  readonly type: (person: Person, text: string) => Promise<string>;
  /** What was shown to this person alone, oldest first. */
  readonly whispers: (person: Person) => readonly string[];
}

/** The newest button of this kind for this run, of this step; undefined when nobody can see one. */
export async function findButton(
  stage: Stage,
  channel: string,
  wanted: { readonly run: string; readonly actionId: string; readonly step?: string },
): Promise<Button | undefined> {
  const all = await stage.buttons(channel);
  return all.findLast(({ actionId, value }) => {
    const { run, step } = readButtonValue(value) ?? {};
    const ofStep = wanted.step === undefined || step === wanted.step;
    return actionId === wanted.actionId && run === wanted.run && ofStep;
  });
}

/** Who should press what now, as far as the run waits for people. */
export function nextCue(head: Head, config: Config): Cue | undefined {
  if (head.state === 'awaiting-approval' && head.approval !== undefined) {
    const { role, granted } = head.approval;
    const done = new Set([head.requester, ...granted.map(({ person }) => person)]);
    const person = actorWith(config, role, done);
    return person === undefined ? undefined : { person, actionId: actionIds.approve };
  }
  for (const ask of head.asks) {
    const [part] = ask.parts;
    if (part === undefined) continue;
    const role = part === 'witnessed' ? 'witness' : ask.role;
    const person = actorWith(config, role, new Set());
    if (person === undefined) continue;
    return { person, actionId: actionIds[part], step: ask.step, ...wordsOf(ask, head) };
  }
  return undefined;
}

/** What has to be said beside the button, by somebody who rehearses. */
function wordsOf({ parts: [part], proof }: Head['asks'][number], head: Head): Pick<Cue, 'words'> {
  if (part === 'declared') return { words: rehearsed(head) };
  return proof === undefined
    ? {}
    : { words: `rehearsal, nothing was cut: ${proof.en}`.slice(0, 500) };
}

export interface Cue {
  readonly person: Person;
  readonly actionId: string;
  /** The step that waits; absent where the whole run does. */
  readonly step?: string;
  /** What they write beside the button. */
  readonly words?: string;
}

/** In a rehearsal the disaster happens when the run is asked for. */
const rehearsed = ({ openedAt }: Head): string =>
  `${iso(openedAt)} rehearsal: the site is taken as lost`;

function actorWith(config: Config, role: string, without: ReadonlySet<string>): Person | undefined {
  return config.people.find(
    (person) => person.roles.includes(role) && person.flags.length === 0 && !without.has(person.id),
  );
}
