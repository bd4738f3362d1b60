/** Documents cannot rot: every command they show is run by a test, and this says by which. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { shownCommands } from './support/docs.ts';

/** Which test runs a command that looks like this. */
const runBy: readonly (readonly [RegExp, string])[] = [
  [/^npm run drill( -- --runbook [a-z-]+)?$/, '.ci/run'],
  [/^npm start$/, 'test/offline/offline.test.ts'],
  [/^npm run dr -- --as /, 'test/offline/offline.test.ts'],
  [/^npm run dr -- (confirm-)?skip r-\S+ \S+ --as \w+ --key /, 'test/local/signed.test.ts'],
  [/^npm run dr -- (runs|approve r-\S+) --url /, 'test/run/wishes.test.ts'],
  [/^sha256sum -c MANIFEST\.sha256$/, 'test/evidence/pack.test.ts'],
  [/^openssl dgst -sha256 -verify key\.pem /, 'test/evidence/pack.test.ts'],
  [/^sh verify\.sh DR-2026-001 key\.pem$/, 'test/evidence/pack.test.ts'],
  [/^sh verify\.sh DR-2026-001 key\.pem trusted\.txt$/, 'test/evidence/signers.test.ts'],
  [/^npm test$/, '.ci/run'],
  [/^npm run (lint|types|build|package)$/, '.ci/run'],
  [/^npm run (schema|docs:errors)$/, 'test/errors.test.ts'],
  [/^npm run docs:faults$/, 'test/twin/faults-page.test.ts'],
  [/^npm run twin( -- --help)?$/, 'test/local/twin.test.ts'],
  [/^\.ci\/run/, '.ci/run'],
  [/^test\/rig\/(up|down|check|record|test|hbsd)( --|$)/, 'test/rig/help.test.ts'],
  [/^npm run test:rig$/, '.ci/run'],
  [/^npm run test:cli$/, '.ci/run'],
  [/^npm run bench$/, '.ci/run'],
  [/^\.ci\/night/, '.ci/long/sections.ts'],
  [/^npm run simulate -- --(seeds?|boundaries) /, '.ci/long/sections.ts'],
  [/^npm run scenarios( -- --(runbook|fault|disasters) |$)/, '.ci/long/sections.ts'],
  [/^DRILLBOOK_(KILLS|FUZZ)=\d+ npm test -- test\/(kills|fuzz)( --|$)/, '.ci/long/sections.ts'],
  [/^node --import tsx \.ci\/mutation\/run\.ts/, '.ci/long/sections.ts'],
  [/^node --expose-gc --import tsx test\/soak\/run\.ts \d+$/, '.ci/long/sections.ts'],
];

const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts;

test.each(shownCommands())('$file: $command', ({ command }) => {
  const [, where] = runBy.find(([form]) => form.test(command)) ?? [];
  expect({ command, where }).toEqual({ command, where: expect.any(String) });
  expect(existsSync(where ?? '')).toBe(true);
  const script = /^npm (?:run )?(?<name>[a-z:0-9]+)/.exec(command)?.groups?.['name'];
  if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
});

test.each([
  ['drill', '--runbook'],
  ['start', '--fast'],
  ['dr', 'approve [run]'],
  ['twin', '--scenario'],
])('npm run %s -- --help says what it takes', (name, word) => {
  const args = ['--import', 'tsx', 'handlers/cli.ts', name, '--help'];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(run.status).toBe(0);
  expect(run.stdout).toContain(word);
});
