/** `npm run drill`, `npm start`, `npm run dr` and `npm run twin`. */
import { createInterface } from 'node:readline/promises';
import { DrillbookError } from '../lib/errors.ts';
import type { Screen } from '../lib/local/progress.ts';
import { HELP, readOptions, START_HELP } from '../lib/local/usage.ts';

const screen: Screen = {
  write: (text) => void process.stdout.write(text),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
};

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return lines.question(question).finally(() => lines.close());
}

/** Each command loads what it needs itself: help, and a word to a running house, come at once. */
async function main([command, ...args]: readonly string[]): Promise<number> {
  const stop = new AbortController();
  process.on('SIGINT', () => stop.abort());
  process.on('SIGTERM', () => stop.abort());
  if (command === 'dr') {
    const { runDr } = await import('../lib/local/dr.ts');
    return runDr(args, screen, process.stdin.isTTY ? ask : undefined);
  }
  if (command === 'twin') {
    const { runTwin } = await import('../lib/local/twin.ts');
    return runTwin(args, screen, stop.signal);
  }
  const isStart = command === 'start';
  const state = isStart ? '.drillbook/start' : '.drillbook/drill';
  const options = readOptions(args, { state, realTime: isStart, lang: process.env['LANG'] });
  if (options === undefined) {
    screen.write(`${isStart ? START_HELP : HELP}\n`);
    return 0;
  }
  if (isStart) {
    const { runStart } = await import('../lib/local/start.ts');
    return runStart(options, screen, stop.signal);
  }
  const { runDrill } = await import('../lib/local/drill.ts');
  const code = await runDrill(options, screen, stop.signal);
  if (code === 130 && !options.json) {
    const where = options.state === state ? '' : ` -- --state ${options.state}`;
    screen.write(`\nStopped. Nothing is lost: \`npm run drill${where}\` continues the run.\n`);
  }
  return code;
}

/** A coded error is told in words; anything else is a fault of ours and shows its stack. */
function told(error: unknown): string {
  if (!(error instanceof DrillbookError))
    return String(error instanceof Error ? error.stack : error);
  return `${error.code}: ${error.what} ${error.why} ${error.next}`.replaceAll(/ +/g, ' ');
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${told(error)}\n`);
    process.exit(error instanceof DrillbookError && error.code === 'LOCAL-USAGE' ? 2 : 1);
  },
);
