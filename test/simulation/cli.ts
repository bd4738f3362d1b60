/** `npm run simulate -- --seeds N`: plays seeds and says which broke a rule. */
import { parseArgs } from 'node:util';
import { boundaries } from './boundaries-cli.ts';
import { playSeed } from './seed.ts';

const HELP = `npm run simulate -- [options]      engine, gateways, store, Slack and twin under one seed
npm run simulate -- --boundaries <runbook>      killed everywhere, without any other trouble

  --seeds <n>     how many (20)
  --first <n>     number of the first (1)
  --seed <n>      only this one
  --until-broken  stops at the first seed that broke a rule
  --trace         everything that happened, in order
  --json          one JSON object per seed

Each seed prints its hash; the same seed gives the same hash. Exit code 1 when a rule was broken.`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  if (process.argv.includes('--boundaries')) return boundaries(say);
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      first: { type: 'string', default: '1' },
      seed: { type: 'string' },
      'until-broken': { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    return 0;
  }
  const first = Number(values.seed ?? values.first);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  if (![first, count].every((number) => Number.isInteger(number) && number > 0)) {
    say(`Numbers from 1 on, please.\n\n${HELP}`);
    return 2;
  }
  let bad = 0;
  for (let seed = first; seed < first + count; seed++) {
    if (bad > 0 && values['until-broken']) break;
    const { trace, violations, results, hash, virtualMs } = await playSeed(seed);
    if (violations.length > 0) bad++;
    if (values.json) {
      say(JSON.stringify({ seed, hash, results, virtualMs, violations }));
      continue;
    }
    if (values.trace) say(trace.join('\n'));
    const minutes = (virtualMs / 60_000).toFixed(1);
    say(`seed ${seed}  ${hash.slice(0, 16)}  ${results.join(', ')}  ${minutes} min`);
    for (const text of violations) say(`  ${text}`);
    if (violations.length > 0) say(`  replay: npm run simulate -- --seed ${seed} --trace`);
  }
  if (!values.json) say(`${count - bad} of ${count} seeds kept all rules`);
  return bad === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(String(error instanceof Error ? error.stack : error));
    process.exit(1);
  },
);
