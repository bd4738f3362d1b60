/** The gateway's program: `gateway.ts <command> <folder> …`; `gateway.ts --help` lists the commands. */
import { createInterface } from 'node:readline/promises';
import * as z from 'zod';
import { scaledClock, systemClock } from '../lib/clock.ts';
import type { Terminal } from '../lib/gateway/cli/command.ts';
import { runGateway } from '../lib/gateway/cli/index.ts';
import { systemRandom } from '../lib/random.ts';

const clockSchema = z.strictObject({
  realStartMs: z.number(),
  virtualStartMs: z.number(),
  factor: z.number().positive(),
});

function clockOf(settings: string | undefined) {
  if (settings === undefined) return systemClock();
  return scaledClock(clockSchema.parse(JSON.parse(settings)));
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return lines.question(question).finally(() => lines.close());
}

/** Begun when somebody wants them: a line that comes before is not lost. */
const lines = () => createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function terminal(): Terminal {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  // Started by another process of this machine: when that is gone, nobody is left behind.
  process.once('disconnect', () => stop.abort());
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    clock: clockOf(process.env['DRILLBOOK_CLOCK']),
    random: systemRandom,
    stop: stop.signal,
    ...(process.stdin.isTTY ? { ask } : { pipe: { [Symbol.asyncIterator]: lines } }),
    onHangUp: (listener) => void process.on('SIGHUP', listener),
  };
}

process.exit(await runGateway(process.argv.slice(2), terminal()));
