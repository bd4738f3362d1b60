/** What one can type, with the services and runbooks there are. */
import type { DoorConfig } from '../door-config.ts';
import { type Language, say } from '../texts.ts';
import { type Message, message, sections } from './elements.ts';

/** `command` is the slash command as this workspace calls it. */
export function helpText(
  config: DoorConfig,
  { command, language }: { readonly command: string; readonly language: Language },
): Message {
  const list = (all: readonly { id: string; words: string }[]) =>
    all.map(({ id, words }) => say(language, 'help.item', { id, words }));
  const lines = [
    say(language, 'help.title'),
    say(language, 'help.drill', { command }),
    say(language, 'help.run', { command }),
    say(language, 'help.wave', { command }),
    say(language, 'help.status', { command }),
    say(language, 'help.runs', { command }),
    say(language, 'help.orders', { command }),
    say(language, 'help.skips', { command }),
    say(language, 'help.declare', { command }),
    say(language, 'help.services'),
    ...list(config.services.map(({ id, name }) => ({ id, words: name[language] }))),
    say(language, 'help.runbooks'),
    ...list(config.runbooks.map(({ id, title }) => ({ id, words: title[language] }))),
  ];
  return message(lines.join('\n'), sections(lines, { blocks: 6, language }));
}
