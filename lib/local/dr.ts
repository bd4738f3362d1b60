/** `npm run dr`: a person acts in the simulated Slack of a house that runs on this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { networkHttp } from '../http.ts';
import { LocalError } from './folder.ts';
import type { Screen } from './progress.ts';

const HELP = `npm run dr -- --as <person> <command>

  help | status [service] | drill <service> | run <runbook> <service> | resync <service> | runs
  approve [run] | deny [run] | details [run]
  done [run] [text] | witness [run] [text] | confirm [run] [text]
  retry [run] --reason <text> | abort [run] --reason <text>

  --as <person>      handle of config/people.yml: kim asks, lee and park approve
  --reason <text>    why, for deny, retry and abort
  --state <folder>   the house to act in (.drillbook/start)
  --json             the answer as JSON

Each sends the very signed request that Slack would send.`;

const answerSchema = z.object({ text: z.string() });

export async function runDr(args: readonly string[], screen: Screen): Promise<number> {
  const { values, positionals } = parsed(args);
  const [verb, ...words] = positionals;
  if (values.help || verb === undefined) {
    screen.write(`${HELP}\n`);
    return values.help ? 0 : 2;
  }
  const as = values.as;
  if (as === undefined) throw new LocalError('LOCAL-USAGE', 'Say who acts: --as <person>.');
  const body = {
    as,
    verb,
    words,
    ...(values.reason === undefined ? {} : { reason: values.reason }),
  };
  const answer = await post(controlUrl(values.state), JSON.stringify(body));
  const text = textOf(answer);
  screen.write(values.json ? `${answer.body}\n` : `${text}\n`);
  return answer.status === 200 ? 0 : 1;
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
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalError('LOCAL-USAGE', 'The options are not understood.', { why, cause });
  }
}

function controlUrl(state: string): string {
  try {
    return readFileSync(join(state, 'control'), 'utf8');
  } catch (cause) {
    throw new LocalError('LOCAL-NOTHING-RUNS', `Nothing runs in ${state}.`, { cause });
  }
}

function textOf({ status, body }: { readonly status: number; readonly body: string }): string {
  try {
    return answerSchema.parse(JSON.parse(body)).text;
  } catch (cause) {
    const why = `It answered HTTP ${status}, not a sentence.`;
    throw new LocalError('LOCAL-NOTHING-RUNS', 'No house of Drillbook answers.', { why, cause });
  }
}

async function post(url: string, body: string) {
  try {
    const headers = { 'content-type': 'application/json' };
    return await networkHttp()({ method: 'POST', url: `${url}/act`, headers, body });
  } catch (cause) {
    throw new LocalError('LOCAL-NOTHING-RUNS', `Nothing answers at ${url}.`, { cause });
  }
}
