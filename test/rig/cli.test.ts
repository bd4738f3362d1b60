/**
 * The `openstack` and `cinder` commands print against the simulated cloud what they printed against
 * the real one: the same exit code, the same fields with the same kinds of values, the same
 * complaint. Another cloud is compared by DRILLBOOK_CLOUD_AUTH_URL, _USERNAME, _PASSWORD, _PROJECT,
 * _BACKEND and _TARGET.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { commands } from './commands.ts';
import { type CloudUnderTest, clientsInstalled, runAll, type Seen } from './shell.ts';
import { serveTwinSite } from './twin-site.ts';

const folder = path.join(import.meta.dirname, 'recorded');
const recorded = new Map(
  readdirSync(folder).map((file): [string, Seen] => [
    path.basename(file, '.json'),
    JSON.parse(readFileSync(path.join(folder, file), 'utf8')),
  ]),
);
const LIMIT_MS = 300_000;

test('every command has its recording, and every recording its command', () => {
  const named = commands.flatMap(({ name, words }) => (name === undefined ? [] : [[name, words]]));
  const kept = [...recorded].map(([name, { command }]) => [name, command]);
  expect(kept.sort()).toEqual(named.sort());
});

// A minute and more of starting clients: a part of its own, `npm run test:cli`.
if (process.env['DRILLBOOK_CLI'] === undefined) {
  test('not run: npm run test:cli compares all commands', () => {
    expect(recorded.size).toBeGreaterThan(50);
  });
} else {
  test('the openstack and cinder clients are installed (test/rig/up does it)', () => {
    expect(clientsInstalled()).toBe(true);
  });
  if (clientsInstalled()) compare();
}

function compare() {
  const seen = new Map<string, Seen>();
  let ended: unknown;
  let close = async () => undefined as unknown;

  beforeAll(async () => {
    const cloud = given(process.env) ?? (await serveTwinSite());
    if ('close' in cloud) close = cloud.close as typeof close;
    try {
      await runAll(cloud, (name, one) => seen.set(name, one));
    } catch (error) {
      // Told by each command that was not reached.
      ended = error;
    }
  }, LIMIT_MS);
  afterAll(() => close());

  test.each([...recorded.keys()])('%s', (name) => {
    const here = seen.get(name) ?? `not reached: ${ended}`;
    expect(here).toEqual(atLeast(recorded.get(name)));
  });
}

/** A list may have entries of other forms besides: a cloud can have more than the rig. */
function atLeast(kept: Seen | undefined): unknown {
  if (!Array.isArray(kept?.fields)) return kept;
  return { ...kept, fields: expect.arrayContaining(kept.fields) };
}

function given(env: NodeJS.ProcessEnv): CloudUnderTest | undefined {
  const of = (name: string) => env[`DRILLBOOK_CLOUD_${name}`] ?? '';
  if (of('AUTH_URL') === '') return undefined;
  return {
    authUrl: of('AUTH_URL'),
    username: of('USERNAME'),
    password: of('PASSWORD'),
    project: of('PROJECT'),
    names: { backend: of('BACKEND'), target: of('TARGET') },
  };
}
