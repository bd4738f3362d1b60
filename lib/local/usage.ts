/** The command line: words in, options out, and a page of help that says the same. */
import { parseArgs } from 'node:util';
import type { DrillOptions } from './drill.ts';
import { LocalError } from './folder.ts';
import { DEFAULT_BASE } from './ports.ts';

export const START_HELP = `npm start -- [options]          a house that stays up under serverless-offline

  --fast             20 times as fast as the wall clock
  --seed <text>      seed of the simulated load
  --json             one JSON object per line instead of words
  --new              begin in a fresh folder; without it what was under way is continued
  --state <folder>   where everything is kept (.drillbook/start)
  --ports <number>   first of the ports used (${DEFAULT_BASE})
  --lang ko|en       language of the terminal

\`npm run dr -- --help\` says how people act in it.`;

export const HELP = `npm run drill -- [options]      one whole drill on this machine

  --service <id>     service of config/services.yml (the first that the runbook is for)
  --runbook <id>     runbook of runbooks/ (drill-copy)
  --seed <text>      seed of the simulated load, printed with each drill
  --real-time        the drill takes as long as it would take; without it 20 times as fast
  --json             one JSON object per line instead of words
  --out <folder>     put a copy of the evidence pack there
  --wait             a pause waits for a person (npm run dr -- --state <folder> …);
                     without it a pause is answered with abort
  --new              begin in a fresh folder, made so that the runbook can be played; without it
                     an unfinished run is continued
  --state <folder>   where everything is kept (.drillbook/drill)
  --ports <number>   first of the ports used (${DEFAULT_BASE})
  --lang ko|en       language of the terminal

Exit code 0 only if the drill passed and its evidence pack verifies.`;

const options = {
  service: { type: 'string' },
  runbook: { type: 'string' },
  seed: { type: 'string' },
  'real-time': { type: 'boolean', default: false },
  fast: { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  out: { type: 'string' },
  new: { type: 'boolean', default: false },
  state: { type: 'string' },
  ports: { type: 'string', default: String(DEFAULT_BASE) },
  lang: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Options of `drill` and `start`; undefined when help was asked for. Throws LOCAL-USAGE. */
export function readOptions(
  args: readonly string[],
  where: {
    readonly state: string;
    readonly realTime: boolean;
    readonly lang: string | undefined;
  },
): DrillOptions | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const portBase = Number(values.ports);
  if (!Number.isInteger(portBase) || portBase < 1024 || portBase > 65_000) {
    throw new LocalError('LOCAL-USAGE', `--ports ${values.ports} is no port.`, {
      why: 'From 1024 to 65000.',
    });
  }
  return {
    service: values.service,
    runbook: values.runbook ?? 'drill-copy',
    named: values.service !== undefined || values.runbook !== undefined,
    seed: values.seed,
    realTime: values['real-time'] || (where.realTime && !values.fast),
    json: values.json,
    waits: values.wait,
    out: values.out,
    fresh: values.new,
    state: values.state ?? where.state,
    portBase,
    language: (values.lang ?? where.lang ?? '').startsWith('ko') ? 'ko' : 'en',
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalError('LOCAL-USAGE', 'The options are not understood.', { why, cause });
  }
}
