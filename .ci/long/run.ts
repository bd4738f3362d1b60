/** `.ci/night`: section by section, part by part, each kept as soon as it is done. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Done, keep, openDone, type Result, resultOf } from './done.ts';
import { keepLast, readLast } from './last.ts';
import { writePage } from './page.ts';
import type { Part } from './parts.ts';
import { type Section, sectionsOf } from './sections.ts';

const LOGS = '.drillbook/night';
const TOLD_MAX = 12;
const HOUR_MS = 3_600_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    workers: { type: 'string', default: '2' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const HELP = `npm run night -- [options] [section …]

  --short        each with tiny numbers: shows that all of them work, writes nothing
  --fresh        forgets what was done at this state of the sources
  --workers <n>  parts of a section side by side (2)

It may be stopped and goes on where it was; what was seen is in docs/night.md.`;

function start(section: Section, part: Part): Promise<Result> {
  const [program = '', ...args] = part.command;
  const before = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...part.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: section.hours * HOUR_MS,
    killSignal: 'SIGKILL',
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      out += String(error);
    });
    child.once('close', (code) => {
      const log = join(LOGS, `${section.name} ${part.key}.log`.replaceAll(' ', '-'));
      writeFileSync(log, out);
      const lines = out.split('\n').map((line) => line.trimEnd());
      const told = lines.filter((line) => section.tells.test(line)).map((line) => line.trim());
      const seconds = (performance.now() - before) / 1000;
      const ok = code === 0;
      resolve({ ok, seconds, told: ok ? told : [...told, `exit ${code}: see ${log}`] });
    });
  });
}

async function runSection(section: Section, done: Done): Promise<void> {
  const left = section.parts.filter(({ key }) => !done.parts[`${section.name} ${key}`]?.ok);
  const workers = section.alone === true ? 1 : Number(values.workers);
  async function work(): Promise<void> {
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      done.parts[`${section.name} ${part.key}`] = await start(section, part);
      if (!values.short) keep(done);
    }
  }
  await Promise.all(Array.from({ length: workers }, work));
}

async function main(): Promise<number> {
  if (values.help) {
    say(HELP);
    return 0;
  }
  mkdirSync(LOGS, { recursive: true });
  const done = openDone(values.fresh || values.short, new Date());
  const all = sectionsOf({ short: values.short, seed: done.seed });
  const unknown = positionals.filter((name) => all.every((section) => section.name !== name));
  if (unknown.length > 0) {
    say(`no section ${unknown.join(', ')}: there are ${all.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const chosen = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  say(`sources ${done.sources}, seed ${done.seed}${values.short ? ', tiny numbers' : ''}`);
  let [passed, failed] = [0, 0];
  for (const section of chosen) {
    const known = resultOf(section, done)?.ok === true;
    if (!known) await runSection(section, done);
    const result = resultOf(section, done);
    if (result?.ok === true) passed++;
    else failed++;
    const word = result?.ok === true ? 'passed' : 'FAILED';
    const when = known ? 'done before' : `${Math.round(result?.seconds ?? 0)} s`;
    say(`${word}  ${section.name.padEnd(12)} ${when}`);
    for (const line of (result?.told ?? []).slice(-TOLD_MAX)) say(`    ${line}`);
    if (values.short || known || result === undefined) continue;
    keepLast(section, result, { ...done, now: new Date() });
    writePage(all, readLast());
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
