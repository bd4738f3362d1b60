/**
 * Size and cold import of bundles: wall time in a fresh Node process, the median of several. Only a
 * quiet machine gives figures that mean something: a loaded one disturbs long imports more.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundleOptions, dist, root } from './bundling.mjs';

const ROUNDS = 15;

/** Cut-down Bolt and nothing else: the measure for the Slack function. */
async function boltAlone() {
  const bundle = path.join(dist, 'bolt-alone.mjs');
  const contents = "export { App, AwsLambdaReceiver } from '@slack/bolt';";
  await build(bundleOptions({ stdin: { contents, resolveDir: root } }, bundle));
  return { name: '(cut-down Bolt alone)', bundle };
}

/**
 * Name, bytes, gzipped bytes, ms and times Bolt of each function, cut-down Bolt last. They take
 * turns and each is compared with Bolt of its own round: a busy moment is busy for both.
 */
export async function measureAll(functions) {
  const bolt = await boltAlone();
  const all = [...functions, bolt].map((one) => ({ ...one, times: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of all) one.times.push(importTime(one.bundle));
  }
  const measured = all.map(({ name, bundle, times }) => ({
    name,
    bytes: statSync(bundle).size,
    gzip: gzipSync(readFileSync(bundle)).length,
    ms: median(times),
    timesBolt: median(times.map((ms, round) => ms / all.at(-1).times[round])),
  }));
  rmSync(bolt.bundle);
  return measured;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Importing must need nothing but the file: no secrets, no network. */
function importTime(bundle) {
  const program = `const start = performance.now();
    await import(${JSON.stringify(pathToFileURL(bundle).href)});
    process.stdout.write(String(performance.now() - start)); process.exit(0);`;
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'ap-northeast-2',
    DRILLBOOK_TABLE: 'drillbook',
  };
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  const ms = Number(result.stdout);
  if (result.status === 0 && ms > 0) return ms;
  throw new Error(`${path.relative(root, bundle)} cannot be imported:\n${result.stderr}`);
}

export function table(measured) {
  const kib = (bytes) => `${Math.ceil(bytes / 1024)} KiB`;
  const row = ({ name, bytes, gzip, ms }) =>
    `${name.padEnd(24)}${kib(bytes).padStart(10)}${kib(gzip).padStart(10)}${ms.toFixed(0).padStart(9)} ms\n`;
  const head = `${'function'.padEnd(24)}${'size'.padStart(10)}${'gzip'.padStart(10)}${'import'.padStart(12)}\n`;
  return head + measured.map(row).join('');
}
