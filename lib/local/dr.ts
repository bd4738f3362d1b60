/** `npm run dr`: a person acts in the simulated Slack of a house that runs on this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Http, networkHttp } from '../http.ts';
import { headSchema } from '../run/head.ts';
import { signApproval } from './approve.ts';
import { HELP, helpOf } from './dr-help.ts';
import { LocalError } from './folder.ts';
import type { Screen } from './progress.ts';
import { actRemotely } from './remote.ts';
import type { Signing } from './sign.ts';
import { signSkip } from './skip.ts';

const runsSchema = z.object({ now: z.int(), runs: z.array(headSchema) });
const answerSchema = z.object({ text: z.string(), refused: z.boolean().default(false) });

export async function runDr(
  args: readonly string[],
  screen: Screen,
  ask: (question: string) => Promise<string> = async () => '',
): Promise<number> {
  const { values, positionals } = parsed(args);
  const [verb, ...words] = positionals;
  if (values.help || verb === undefined) {
    screen.write(`${verb === undefined ? HELP : helpOf(verb)}\n`);
    return values.help ? 0 : 2;
  }
  if (verb === 'join') {
    const text = readBranchFile(words[0] ?? '');
    return tell(await send(values.state, { path: '/join', text }), values, screen);
  }
  const as = values.as;
  if (as === undefined) throw new LocalError('LOCAL-USAGE', 'Say who acts: --as <person>.');
  const say = (line: string) => (values.json ? undefined : screen.write(`${line}\n`));
  const how = { ...values, as, words, say, ask, passphraseFile: values['passphrase-file'] };
  if (values.url !== undefined) {
    const { url, key } = { url: values.url, key: needed(values.key) };
    const done = await actRemotely({ ...how, url, key, verb, reason: values.reason });
    return tell({ status: 200, headers: {}, body: JSON.stringify(done) }, values, screen);
  }
  if (values.key !== undefined) {
    return tell(await signHere({ ...how, key: values.key }, verb), values, screen);
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

interface SigningHere extends Omit<Signing, 'heads' | 'config'> {
  readonly state: string;
  readonly words: readonly string[];
  readonly reason?: string | undefined;
}

/** Shows, asks, signs here, and hands the signed statement in. */
async function signHere(how: SigningHere, verb: string): Promise<Answer> {
  if (verb !== 'approve' && verb !== 'skip' && verb !== 'confirm-skip') {
    const why = 'It belongs to approve, skip and confirm-skip.';
    throw new LocalError('LOCAL-USAGE', '--key is not understood here.', { why });
  }
  const { body } = await send(how.state, { path: '/runs' });
  const { now, runs: heads } = runsSchema.parse(JSON.parse(body));
  const at = { ...how, heads, config: join(how.state, 'config') };
  const signed = await (verb === 'approve'
    ? signApproval({ ...at, run: how.words[0] })
    : signSkip({ ...at, verb, now }));
  const reason = how.reason === undefined ? {} : { reason: how.reason };
  return send(how.state, { path: '/signed', body: { as: how.as, verb, signed, ...reason } });
}

function needed(key: string | undefined): string {
  if (key !== undefined) return key;
  const why = 'A deployment knows nobody: sign with --key <file>.';
  throw new LocalError('LOCAL-USAGE', '--url takes --key.', { why });
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
        url: { type: 'string' },
        config: { type: 'string', default: 'config' },
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
