/** What `npm run dr -- [<verb>] --help` says: one entry per verb, the page of all made of them. */
import { nearest } from '../errors.ts';

interface Entry {
  /** What follows the verb. */
  readonly words: string;
  readonly does: string;
  /** Only in the help of the verb itself. */
  readonly more?: string;
}

const SIGNED = `with --key <file> [--confirm <words>] [--passphrase-file <file>] it is signed with one's
own key (keys/people/<handle>.pem); from class data on it must be`;

const entries: Readonly<Record<string, Entry>> = {
  help: { words: '', does: 'the words that Slack understands' },
  status: { words: '[service]', does: 'how a service stands, or all of them' },
  drill: { words: '<service>', does: 'asks for a drill on copies' },
  run: { words: '<runbook> <service>', does: 'asks for a run of any runbook' },
  resync: { words: '<service>', does: 'asks for drill copies to be brought back' },
  runs: { words: '', does: 'the runs, newest first' },
  wave: {
    words: '<runbook> <service> <service> …',
    does: 'one drill, one run each, approved together',
  },
  approve: { words: '[run]', does: 'approves the plan that waits', more: SIGNED },
  deny: { words: '[run] [text]', does: 'ends the request' },
  details: { words: '[run]', does: 'the calls of the plan' },
  done: { words: '[run] [text]', does: 'the work a step asked for is done' },
  witness: { words: '[run] [text]', does: 'one has seen that it was done' },
  confirm: { words: '[run] [text]', does: 'the business confirms' },
  pause: { words: '[run] --reason <text>', does: 'nothing begins; what is on its way is settled' },
  resume: { words: '[run] --reason <text>', does: 'goes on; limits of steps did not run' },
  retry: { words: '[run] --reason <text>', does: 'the step that stopped the run, once more' },
  skip: {
    words: '[run] <step> --reason <text>',
    does: 'a wish; it counts when a second person confirms it',
    more: SIGNED,
  },
  'confirm-skip': {
    words: '[run] <step>',
    does: 'the second person; the step ends skipped',
    more: SIGNED,
  },
  'decline-skip': { words: '[run] <step> --reason <text>', does: 'the run stays as it is' },
  abort: {
    words: '[run] [--undo | --keep] --reason <text>',
    does: '--undo takes changes back first, --keep only cleans up (the default)',
  },
  withdraw: {
    words: '[run] --reason <text>',
    does: 'takes one’s own approval back while others miss',
  },
  declare: {
    words: '[run] --reason "<time> <text>"',
    does: 'declares the disaster: when it happened (KST) and how one knows',
  },
  note: { words: '[run] --reason <text>', does: 'a line in the journal' },
  join: { words: '<file>', does: 'takes in what `gateway export` wrote' },
};

const OPTIONS = `  --as <person>      handle of config/people.yml: kim asks, lee and park approve
  --reason <text>    why; orders without a reason are refused
  --key <file>       sign with one's own key: approve, skip, confirm-skip; with --url every order
  --state <folder>   the house to act in (.drillbook/start)
  --url <address>    a deployment in AWS instead; the signature is who it is, so it takes --key
  --config <folder>  people.yml for --url (config)
  --json             the answer as JSON: {text, refused}

Exit code 0 when it was taken, 1 when it was refused, 2 when the words are not understood.

Each sends the very signed request that Slack would send; what one signs oneself goes past Slack.`;

export const HELP = [
  'npm run dr -- --as <person> <command>',
  '',
  ...Object.entries(entries).map(([verb, { words, does }]) => {
    const said = `  ${verb} ${words}`;
    return said.length < 44 ? `${said.padEnd(44)}${does}` : `${said}\n${' '.repeat(44)}${does}`;
  }),
  '',
  '`npm run dr -- <command> --help` says more.',
  '',
  OPTIONS,
].join('\n');

/** Of one verb; the page of all for a word that is none, with the nearest one that is. */
export function helpOf(verb: string): string {
  const entry = entries[verb];
  if (entry === undefined) {
    const near = nearest(verb, Object.keys(entries));
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
    return `There is no command "${verb}".${hint}\n\n${HELP}`;
  }
  const { words, does, more } = entry;
  const page = [`npm run dr -- --as <person> ${verb} ${words}`.trimEnd(), '', `${does}.`];
  return [...page, ...(more === undefined ? [] : ['', `${more}.`]), '', OPTIONS].join('\n');
}
