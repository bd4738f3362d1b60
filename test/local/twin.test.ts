/** `npm run twin`: what it prints is true, and nothing is lost when it is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { networkHttp, serveHttp } from '../../lib/http.ts';
import { runTwin } from '../../lib/local/twin.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-twin-'));
const running: ChildProcess[] = [];
let stop = new AbortController();
afterEach(() => {
  // What should have been refused and was not does not stay up.
  stop.abort();
  stop = new AbortController();
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Facts {
  readonly control: string;
  readonly ca: string | null;
  readonly arrays: { id: string; url: string; user: string; password: string }[];
  readonly clouds: { name: string; authUrl: string }[];
}

/** Starts it; resolves with what it printed once that is whole, or when it ended. */
async function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'handlers/cli.ts', 'twin', ...args], {
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let out = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const printed = new Promise<void>((resolve) => {
    child.stdout?.on('data', (part: Buffer) => {
      out += part.toString();
      if (args.includes('--json') ? out.endsWith('}\n') : out.includes('Ctrl-C')) resolve();
    });
  });
  await Promise.race([printed, ended]);
  return { child, ended, out: () => out };
}

/** The AWS SDK, which other commands need, announces on every start which Node it will want. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

const http = networkHttp();
const login = ({ url, user, password }: Facts['arrays'][number]) => {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return { method: 'POST', url: `${url}/v1/objects/sessions`, headers: { authorization } };
};

describe('alone', () => {
  const folder = join(root, 'alone');
  const args = ['--json', '--folder', folder, '--port', '6830'];

  test('answers where it says, and a session outlives kill -9', async () => {
    const first = await start(...args, '--new');
    const facts: Facts = JSON.parse(first.out());
    expect(facts.arrays.map(({ id }) => id)).toEqual(['main', 'dr']);
    const [array] = facts.arrays;
    if (array === undefined) throw new Error('no array');
    const opened = await http(login(array));
    expect([opened.status, opened.headers['x-simulator']]).toEqual([200, 'true']);
    const { token } = JSON.parse(opened.body);
    for (const { authUrl } of facts.clouds) {
      expect((await http({ method: 'GET', url: authUrl, headers: {} })).status).toBe(200);
    }
    const fault = { method: 'POST', url: `${facts.control}/twin/v1/faults`, headers: {} };
    const body = JSON.stringify({ name: 'backlog', on: true });
    expect((await http({ ...fault, body })).status).toBe(200);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await start(...args);
    const again: Facts = JSON.parse(second.out());
    expect(again).toEqual(facts);
    const headers = { authorization: `Session ${token}` };
    const url = `${array.url}/v1/objects/ldevs/1000`;
    expect((await http({ method: 'GET', url, headers })).status).toBe(200);
    const faults = await http({ method: 'GET', url: fault.url, headers: {} });
    const on = JSON.parse(faults.body).faults.filter((one: { on: string[] }) => one.on.length > 0);
    expect(on).toMatchObject([{ name: 'backlog', on: ['payments'] }]);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  }, 60_000);

  test('speaks TLS to whoever trusts its authority; words instead of JSON', async () => {
    const named = ['--scenario', 'active-active', '--tls', '--port', '6850'];
    const twin = await start('--folder', join(root, 'tls'), ...named);
    expect(twin.out()).toMatch(/array east +https:\/\/127\.0\.0\.1:6852 +900000040014/);
    expect(twin.out()).toMatch(/cloud metro +https:\/\/127\.0\.0\.1:6854/);
    expect(twin.out()).toMatch(/^export OS_AUTH_URL=https:\/\/127\.0\.0\.1:6854\/identity\/v3/m);
    expect(twin.out()).toMatch(/OS_CACERT=\S+ca\.pem/);
    const url = 'https://127.0.0.1:6852/ConfigurationManager/configuration/version';
    const code = new Promise((resolve) => {
      request(url, { agent: false })
        .once('error', (error: NodeJS.ErrnoException) => {
          resolve(error.code);
        })
        .end();
    });
    expect(await code).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    twin.child.kill('SIGINT');
    expect(await twin.ended).toBe(0);
    expect(twin.out()).toContain('Nothing is lost');
  }, 60_000);
});

describe('bad input', () => {
  const mistake = join(root, 'mistake.yml');
  writeFileSync(mistake, 'topology:\n  seed: x\n  arays: []\n');
  const screen = { write: () => undefined, columns: undefined };
  test.each([
    [['--scenario', 'two-centers'], /no scenario two-centers.*mean two-centres/],
    [['--scenario', mistake], /mistake\.yml:3:3: .*arays.*did you mean arrays\?/],
    [['--port', 'x'], /--port x/],
    [['--speed', '0'], /--speed 0/],
    [['--sped', '2'], /not understood/],
    [['--scenario', 'config'], /no scenario config\./],
  ])('%j is told in a line, and nothing is started', async (args, said) => {
    const folder = join(root, 'bad');
    const started = runTwin(['--folder', folder, ...args], screen, stop.signal);
    await expect(started).rejects.toThrow(said);
    expect(existsSync(folder)).toBe(false);
  });

  test('a certificate that is not there cannot expire', async () => {
    const expired = join(root, 'expired.yml');
    const text = readFileSync('config/twin/two-centres.yml', 'utf8');
    writeFileSync(expired, text.replace('faults: []', 'faults: [{ name: certificate-expired }]'));
    const args = ['--folder', join(root, 'expired'), '--port', '6890', '--scenario', expired];
    const started = runTwin(args, screen, stop.signal);
    await expect(started).rejects.toThrow(/needs --tls/);
  });

  test('a state that cannot be read is told, and --new begins afresh', async () => {
    stop.abort();
    const folder = join(root, 'broken');
    const run = (...more: string[]) =>
      runTwin(['--folder', folder, '--port', '6895', ...more], screen, stop.signal);
    expect(await run()).toBe(0);
    const file = join(folder, 'twin', 'twin.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    for (const text of ['{', JSON.stringify({ ...kept, clouds: { main: {} } })]) {
      writeFileSync(file, text);
      await expect(run()).rejects.toMatchObject({ code: 'TW-STATE-BROKEN' });
    }
    expect(await run('--new')).toBe(0);
  }, 60_000);

  test('a port that is taken is named', async () => {
    // A fixed one: the twin opens the ports after it too, and those after one that the system
    // lends may be lent to another test.
    const port = 6880;
    const taken = await serveHttp(async () => ({ status: 200, headers: {}, body: '' }), {
      host: '127.0.0.1',
      port,
    });
    const args = ['--folder', join(root, 'taken'), '--port', String(port)];
    try {
      await expect(runTwin(args, screen, stop.signal)).rejects.toMatchObject({
        code: 'LOCAL-PORT',
        why: expect.stringContaining(String(port)),
      });
    } finally {
      await taken.close();
    }
  }, 60_000);

  test('a folder made with another scenario is refused, and --new begins in it afresh', async () => {
    stop.abort();
    const args = ['--folder', join(root, 'other'), '--port', '6870'];
    const run = (...more: string[]) => runTwin([...args, ...more], screen, stop.signal);
    expect(await run()).toBe(0);
    const config = ['--scenario', 'config/twin.yml'];
    await expect(run(...config)).rejects.toMatchObject({ code: 'TW-STATE-FOREIGN' });
    expect(await run(...config, '--new')).toBe(0);
  }, 60_000);
});
