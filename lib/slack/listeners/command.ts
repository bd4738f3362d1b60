/** `/dr …`: finds the person and the subcommand, answers in the person's language. */
import type { App } from '@slack/bolt';
import { DrillbookError } from '../../errors.ts';
import { type Message, message, section } from '../blocks/elements.ts';
import { helpText } from '../blocks/help.ts';
import { choose } from '../choose.ts';
import { SlackRefused } from '../errors.ts';
import { identify, languageOf } from '../identity.ts';
import { type Language, say } from '../texts.ts';
import { commandSchema, type DoorKeeper, type Visit } from '../visit.ts';
import { drill } from './drill.ts';
import { orders } from './orders.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { status } from './status.ts';
import { wave } from './wave.ts';

/** `rest` is what stands after the subcommand. Throws SlackRefused for what cannot be done. */
export type Subcommand = (door: DoorKeeper, visit: Visit, rest: string) => Promise<Message>;

const subcommands: Readonly<Record<string, Subcommand>> = {
  help: async (door, visit) => helpText(door.config, visit),
  status,
  drill,
  run,
  runs,
  wave,
  ...orders,
};

export function registerCommand(app: App, door: DoorKeeper): void {
  // Any name: the workspace decides what the command is called.
  app.command(/.*/, async ({ ack, body }) => {
    const answer = await answerTo(door, commandSchema.parse(body));
    await ack({ response_type: 'ephemeral', ...answer });
  });
}

async function answerTo(
  door: DoorKeeper,
  sent: ReturnType<typeof commandSchema.parse>,
): Promise<Message> {
  const { command, team_id: team, user_id: user } = sent;
  const person = identify(door.config, { team, user });
  const language = languageOf(door.config, person);
  const { name, rest } = split(sent.text);
  if (person === undefined) {
    door.log.warn('slack.unmapped', { command: name, workspace: team === door.config.workspace });
    if (name === 'help' && team === door.config.workspace) {
      return helpText(door.config, { command, language });
    }
    const what = say(language, 'door.unmapped');
    return plain(refusalText(new SlackRefused('SLK-UNMAPPED', { what, next: '' })));
  }
  const visit: Visit = {
    person,
    language,
    team,
    user,
    command,
    channel: sent.channel_id,
    triggerId: sent.trigger_id,
  };
  try {
    return await subcommandOf(name, language)(door, visit, rest);
  } catch (error) {
    if (!(error instanceof DrillbookError)) throw error;
    // Sentences of ours are markup already; only an error's words from elsewhere are foreign.
    return plain(refusalText(error));
  }
}

/** The first word and what follows; nothing at all asks for help. */
function split(text: string): { name: string; rest: string } {
  const [name = 'help', ...rest] = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  return { name: name.toLowerCase(), rest: rest.join(' ') };
}

function subcommandOf(name: string, language: Language): Subcommand {
  const choices = Object.keys(subcommands).map((id) => ({ id }));
  const words = {
    code: 'SLK-COMMAND',
    missing: 'command.unknown',
    unknown: 'command.unknown',
  } as const;
  const { id } = choose(name, choices, { ...words, language });
  const found = subcommands[id];
  if (found === undefined) throw new TypeError(`no subcommand ${id}`);
  return found;
}

const refusalText = ({ what, why, next, code }: DrillbookError): string =>
  [what, why, next, `(${code})`].filter((part) => part !== '').join(' ');

const plain = (text: string): Message => message(text, [section(text)]);
