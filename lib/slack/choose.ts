/** What a person typed, matched with what there is; else a refusal naming the nearest choice. */
import { nearest } from '../errors.ts';
import type { Text } from '../runbook/plan.ts';
import { type SlackCode, SlackRefused } from './errors.ts';
import { type Language, say, type TextKey } from './texts.ts';

interface Words {
  readonly code: SlackCode;
  readonly missing: TextKey;
  readonly unknown: TextKey;
  readonly language: Language;
}

export interface Choice {
  readonly id: string;
  readonly name?: Text;
}

/** By id, or by name in either language, however it was spaced or composed. Throws SlackRefused. */
export function choose<T extends Choice>(typed: string, choices: readonly T[], words: Words): T {
  const wanted = normal(typed);
  const found = choices.find((choice) => spellings(choice).map(normal).includes(wanted));
  if (found !== undefined) return found;
  const { language, code } = words;
  const what = say(language, wanted === '' ? words.missing : words.unknown, { typed });
  throw new SlackRefused(code, { what, next: advice(wanted, choices, language) });
}

function advice(wanted: string, choices: readonly Choice[], language: Language): string {
  const bySpelling = new Map(
    choices.flatMap((one) => spellings(one).map((s) => [normal(s), one.id])),
  );
  const near = wanted === '' ? undefined : nearest(wanted, bySpelling.keys());
  const id = near === undefined ? undefined : bySpelling.get(near);
  if (id !== undefined) return say(language, 'command.nearest', { nearest: id });
  return say(language, 'command.choices', { choices: choices.map((one) => one.id).join(', ') });
}

const spellings = ({ id, name }: Choice): string[] =>
  name === undefined ? [id] : [id, name.ko, name.en];

/** Korean typed on a Mac arrives decomposed; full-width Latin comes from Korean keyboards. */
const normal = (text: string): string =>
  text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
