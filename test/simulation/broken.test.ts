/**
 * Patches the program, one broken promise at a time, and lets the simulation find it. One by
 * default; DRILLBOOK_BROKEN=all runs all.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Broken, brokenBuilds } from './broken.ts';

const all = process.env['DRILLBOOK_BROKEN'] === 'all';
const chosen = all ? brokenBuilds : brokenBuilds.slice(0, 1);

let copy = '';
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'drillbook-broken-'));
  for (const name of ['lib', 'runbooks', 'config', 'package.json', 'tsconfig.json']) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  for (const name of ['simulation', 'support']) {
    cpSync(join('test', name), join(copy, 'test', name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('at least ten promises are taken out, and each of the thirteen rules is broken alone', () => {
  expect(brokenBuilds.length).toBeGreaterThanOrEqual(10);
  const alone = brokenBuilds.flatMap(({ rules }) => (rules.length === 1 ? rules : []));
  const thirteen = Array.from({ length: 13 }, (_, i) => i + 1);
  expect([...new Set(alone)].sort((a, b) => a - b)).toEqual(thirteen);
});

// All of them, every time: a patch that fits nothing any more would be missed only by whoever runs all.
test.each(brokenBuilds)('there is still one place where $name', ({ edits }) => {
  for (const { file, find } of edits) {
    expect([file, find, readFileSync(file, 'utf8').split(find).length - 1]).toEqual([
      file,
      find,
      1,
    ]);
  }
});

test.each(chosen)(
  'found: $name',
  async (build) => {
    const mend = patch(build);
    try {
      const found = await simulate(build.seeds);
      const rules = [...new Set(found.map((text) => Number(/^rule (\d+):/.exec(text)?.[1])))];
      expect({
        found: found.slice(0, 3),
        known: rules.some((rule) => build.rules.includes(rule)),
      }).toEqual({
        found: expect.any(Array),
        known: true,
      });
    } finally {
      mend();
    }
  },
  300_000,
);

/** Applies the patch to the copy; the function returned takes it back. */
function patch({ edits }: Broken): () => void {
  const before = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    expect([file, text.split(find).length - 1]).toEqual([file, 1]);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}

/** All violations of the first seed that had any. */
async function simulate(seeds: number): Promise<string[]> {
  const args = ['--import', 'tsx', 'test/simulation/cli.ts', '--json', '--until-broken'];
  const child = spawn(process.execPath, [...args, '--seeds', String(seeds)], { cwd: copy });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  expect([code, errors.slice(0, 500)]).toEqual([1, '']);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line).violations as string[]);
}
