/** `npm run dr`: a person acts in the simulated Slack of a house that runs on this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Http, networkHttp } from '../http.ts';
import { headSchema } from '../run/head.ts';
import { signApproval } from './approve.ts';
import { LocalError } from './folder.ts';
import type { Screen } from './progress.ts';

const HELP = `npm run dr -- --as <person> <command>

  help | status [service] | drill <service> | run <runbook> <service> | resync <service> | runs
  wave <runbook> <service> <service> …        one drill, one run each, approved together
  approve [run] | deny [run] | details [run]
  approve [run] --key <file> [--confirm <words>] [--passphrase-file <file>]
                                              signed with one's own key (keys/people/<handle>.pem)
  done [run] [text] | witness [run] [text] | confirm [run] [text]

  pause [run] --reason <text>                 nothing begins; what is on its way is settled
  resume [run] --reason <text>                goes on; limits of steps did not run
  retry [run] --reason <text>                 the step that stopped the run, once more
  skip [run] <step> --reason <text>           a wish; it counts when a second person confirms
  confirm-skip [run] <step> | decline-skip [run] <step> --reason <text>
  abort [run] [--undo | --keep] --reason <text>
                     --undo takes changes back first, --keep only cleans up (the default)
  withdraw [run] --reason <text>              takes one's own approval back while others miss
  note [run] --reason <text>                  a line in the journal

  join <file>                                 takes in what \`gateway export\` wrote

  --as <person>      handle of config/people.yml: kim asks, lee and park approve
  --reason <text>    why; orders without a reason are refused
  --state <folder>   the house to act in (.drillbook/start)
  --json             the answer as JSON: {text, refused}

Exit code 0 when it was taken, 1 when it was refused, 2 when the words are not understood.

Each sends the very signed request that Slack would send; a signed approval goes past Slack.`;

const runsSchema = z.object({ runs: z.array(headSchema) });
const answerSchema = z.object({ text: z.string(), refused: z.boolean().default(false) });

export async function runDr(
  args: readonly string[],
  screen: Screen,
  ask: (question: string) => Promise<string> = async () => '',
): Promise<number> {
  const { values, positionals } = parsed(args);
  const [verb, ...words] = positionals;
  if (values.help || verb === undefined) {
    screen.write(`${HELP}\n`);
    return values.help ? 0 : 2;
  }
  if (verb === 'join') {
    const text = readBranchFile(words[0] ?? '');
    return tell(await send(values.state, { path: '/join', text }), values, screen);
  }
  const as = values.as;
  if (as === undefined) throw new LocalError('LOCAL-USAGE', 'Say who acts: --as <person>.');
  if (values.key !== undefined) {
    if (verb !== 'approve') throw new LocalError('LOCAL-USAGE', '--key belongs to approve.');
    return approve({ ...values, as, key: values.key, run: words[0] }, screen, ask);
  }
  const body = {
    as,
    verb,
    words: [...words, ...modeOf(verb, values)],
    ...(values.reason === undefined ? {} : { reason: values.reason }),
  };
  return tell(await send(values.state, { path: '/act', body }), values, screen);
}

function tell(answer: Answer, { json }: { readonly json: boolean }, screen: Screen): number {
  const { text, refused } = textOf(answer);
  screen.write(json ? `${answer.body}\n` : `${text}\n`);
  return answer.status === 200 && !refused ? 0 : 1;
}

interface Signing {
  readonly state: string;
  readonly json: boolean;
  readonly as: string;
  readonly key: string;
  readonly run: string | undefined;
  readonly confirm?: string | undefined;
  readonly 'passphrase-file'?: string | undefined;
}

/** Shows, asks, signs here, and hands the signed statement in. */
async function approve(
  how: Signing,
  screen: Screen,
  ask: (question: string) => Promise<string>,
): Promise<number> {
  const { body } = await send(how.state, { path: '/runs' });
  const signed = await signApproval({
    ...how,
    passphraseFile: how['passphrase-file'],
    heads: runsSchema.parse(JSON.parse(body)).runs,
    say: (line) => (how.json ? undefined : screen.write(`${line}\n`)),
    ask,
  });
  const order = { path: '/signed', body: { as: how.as, signed } };
  return tell(await send(how.state, order), how, screen);
}

/** How an abort ends; the word stands before the reason. */
function modeOf(verb: string, { undo, keep }: { undo: boolean; keep: boolean }): string[] {
  if (!undo && !keep) return [];
  if (verb === 'abort' && undo !== keep) return [undo ? '--undo' : '--keep'];
  const why = verb === 'abort' ? 'Use one of them.' : 'They belong to abort.';
  throw new LocalError('LOCAL-USAGE', '--undo and --keep are not understood here.', { why });
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        as: { type: 'string' },
        reason: { type: 'string' },
        state: { type: 'string', default: '.drillbook/start' },
        json: { type: 'boolean', default: false },
        undo: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        key: { type: 'string' },
        confirm: { type: 'string' },
        'passphrase-file': { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalError('LOCAL-USAGE', 'The options are not understood.', { why, cause });
  }
}

function readBranchFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LocalError('LOCAL-USAGE', `${file || 'No file'} cannot be read.`, { cause });
  }
}

function controlUrl(state: string): string {
  try {
    return readFileSync(join(state, 'control'), 'utf8');
  } catch (cause) {
    throw new LocalError('LOCAL-NOTHING-RUNS', `Nothing runs in ${state}.`, { cause });
  }
}

function textOf({ status, body }: { readonly status: number; readonly body: string }) {
  try {
    return answerSchema.parse(JSON.parse(body));
  } catch (cause) {
    const why = `It answered HTTP ${status}, not a sentence.`;
    throw new LocalError('LOCAL-NOTHING-RUNS', 'No house of Drillbook answers.', { why, cause });
  }
}

type Answer = Awaited<ReturnType<Http>>;

/** To the control door of the house in `state`: a POST with a body, a GET without. */
async function send(
  state: string,
  { path, body, text }: { readonly path: string; readonly body?: unknown; readonly text?: string },
): Promise<Answer> {
  const url = controlUrl(state);
  try {
    const headers = { 'content-type': 'application/json' };
    const post = { method: 'POST', headers, body: text ?? JSON.stringify(body) };
    const request = (body ?? text) === undefined ? { method: 'GET', headers: {} } : post;
    return await networkHttp()({ ...request, url: `${url}${path}` });
  } catch (cause) {
    throw new LocalError('LOCAL-NOTHING-RUNS', `Nothing answers at ${url}.`, { cause });
  }
}
