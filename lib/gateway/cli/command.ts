/** What a command of the gateway is given and what it gives back. */
import { parseArgs } from 'node:util';
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { GatewayError } from '../errors.ts';

/** The place a command was typed in. `out` and `err` take one line or several, without the last newline. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts on SIGINT, SIGTERM, or when the process that started this one is gone. */
  readonly stop: AbortSignal;
  /** Called for each SIGHUP: files are to be read again. */
  onHangUp(listener: () => void): void;
  /** One line that a person types; a terminal where nobody sits has none. */
  readonly ask?: (question: string) => Promise<string>;
  /** Lines from another program, where no person types. */
  readonly pipe?: AsyncIterable<string>;
}

/** 0 = done, 1 = it says no or failed, 2 = it was called wrongly. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** What is typed behind the name: `<folder> [--json]`. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly about: string;
  /** Paragraphs for its own help: options, what it answers, examples. */
  readonly help: string;
  /** `args` are the words behind the name. Coded errors may be thrown: they are told in words. */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

/** Words and options of a command line, by the rules of node:util. Throws GW-USAGE. */
export function readArgs<const O extends Options>(
  args: readonly string[],
  { words, options }: { readonly words: readonly string[]; readonly options: O },
) {
  const parsed = parse(args, options);
  if (parsed.positionals.length !== words.length) {
    const what = `It takes ${words.length === 0 ? 'no words' : words.join(' ')}.`;
    throw new GatewayError('GW-USAGE', what);
  }
  return { words: parsed.positionals, options: parsed.values };
}

function parse<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('GW-USAGE', what, { cause });
  }
}
