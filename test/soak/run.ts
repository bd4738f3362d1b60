/**
 * Many simulated runs in one process: the memory in use after collection does not grow.
 *
 *   node --expose-gc --import tsx test/soak/run.ts 400
 *
 * The first half warms up. In the second a line is laid through the measurements (least squares):
 * what it rises over the whole half must stay below the limit. Exit code 1 when it does not.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { playSeed } from '../simulation/seed.ts';

const MIB = 1024 * 1024;
/** Beyond noise: caches of fixed size, code compiled late. */
const LIMIT_SHARE = 0.05;
const LIMIT_MIB = 4;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Heap and buffers in use (bytes) when nothing is left to collect. */
async function inUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What the best line through the values rises from the first to the last. */
function rise(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const middle = (n - 1) / 2;
  const [up, across] = values.reduce(
    ([u, a], value, i) => [u + (i - middle) * (value - mean), a + (i - middle) ** 2],
    [0, 0],
  );
  return across === 0 ? 0 : (up / across) * (n - 1);
}

async function main(): Promise<number> {
  const count = Number(process.argv[2] ?? 40);
  if (globalThis.gc === undefined || !Number.isInteger(count) || count < 4) {
    say('node --expose-gc --import tsx test/soak/run.ts <how many runs, 4 or more>');
    return 2;
  }
  const measured: number[] = [];
  const broken: number[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const { violations } = await playSeed(seed);
    if (violations.length > 0) broken.push(seed);
    measured.push(await inUse());
  }
  const half = measured.slice(Math.floor(count / 2));
  const least = Math.min(...half);
  const limit = Math.max(LIMIT_MIB * MIB, least * LIMIT_SHARE);
  const rose = rise(half);
  const mib = (bytes: number) => (bytes / MIB).toFixed(1);
  say(
    `${count} runs: ${mib(measured[0] ?? 0)} MiB after the first, ${mib(half.at(-1) ?? 0)} MiB after ` +
      `the last, between ${mib(least)} and ${mib(Math.max(...half))} in the second half, which ` +
      `rises by ${mib(rose)} MiB (limit ${mib(limit)})`,
  );
  if (broken.length > 0) say(`seeds that broke a rule: ${broken.join(', ')}`);
  return rose <= limit && broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
