/** The scripts of the rig say what they take, whatever is installed here. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const here = import.meta.dirname;
const docs = readFileSync('docs/rig.md', 'utf8');

test.each([
  [
    'up',
    [
      '--folder',
      '--port',
      '--array-main',
      '--array-dr',
      '--ca',
      '--twin',
      '--without-neutron',
      '--check',
    ],
  ],
  ['down', ['--folder', '--purge']],
  ['test', ['--folder', '--down']],
  ['hbsd', ['--folder', '--port']],
])('%s --help names its options', (script, options) => {
  const { status, stdout } = spawnSync(path.join(here, script), ['--help'], { encoding: 'utf8' });
  expect(status).toBe(0);
  for (const option of options) expect(stdout).toContain(option);
});

test.each(['up', 'down', 'check', 'record', 'test'])(
  '%s is a script that docs/rig.md names',
  (script) => {
    accessSync(path.join(here, script), constants.X_OK);
    expect(docs).toContain(`test/rig/${script}`);
  },
);

test('every option of up is understood by the program behind it', () => {
  const program = readFileSync(path.join(here, 'lib/rig.py'), 'utf8');
  const shown = readFileSync(path.join(here, 'up'), 'utf8').matchAll(/^ {2}(--[a-z-]+)/gm);
  for (const [, option] of shown) {
    if (option !== '--help') expect(program).toContain(`add_argument("${option}"`);
  }
});
