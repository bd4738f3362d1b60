/** The real process on a real folder: killed without warning, started again on the same disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '../../lib/canonical.ts';
import { manualClock, systemClock } from '../../lib/clock.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { callKey } from '../../lib/gateway/keys.ts';
import type { Gateway } from '../../lib/gateway/protocol.ts';
import { networkHttp, serveHttp } from '../../lib/http.ts';
import { systemRandom } from '../../lib/random.ts';
import { calls } from './plan.ts';
import { factsWith, openPrograms, SWITCH, taskCall, taskPlan } from './programs.ts';
import { type ScriptedSite, scriptedSite } from './scripted.ts';
import { gatewayFolder, keys, statementsOf } from './support.ts';

const clock = systemClock();
const PROGRAM = ['echo "$@" >> done', 'echo $$ > pid', 'sleep 60'];
const programs = openPrograms();
programs.write('switch', PROGRAM);
const { tasks } = await programs.folder([{ ...SWITCH, observe: undefined }]);
programs.remove();
const plan = taskPlan(factsWith(tasks), [calls.split, taskCall()]);
const planHash = hashOf(plan);
const keyOf = (callId: string) => callKey({ run: plan.run, callId, attempt: 1 });
const key = keyOf('split.group');
let folder = '';
let port = 0;
let site: ScriptedSite;
let array: Awaited<ReturnType<typeof serveHttp>>;
let gateway: Gateway;
const children: ChildProcess[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-process-'));
  port = await freePort();
  site = scriptedSite(manualClock(clock.now()));
  array = await serveHttp(site.http, { host: '127.0.0.1', port: 0 });
  const { settings, cloud, trust } = gatewayFolder();
  const arrays = settings.arrays.map((one) => ({
    ...one,
    url: `${array.url}/ConfigurationManager`,
  }));
  const listen = { host: '127.0.0.1', port };
  // JSON is YAML too.
  const allowed = [{ ...SWITCH, observe: undefined }];
  await put('gateway.yml', JSON.stringify({ ...settings, arrays, listen, tasks: allowed }));
  await put('switch', ['#!/bin/sh', ...PROGRAM, ''].join('\n'));
  await chmod(join(folder, 'switch'), 0o755);
  await put('clouds.yaml', JSON.stringify({ clouds: { dr: cloud } }));
  await put('trust.yml', JSON.stringify(trust));
  await put('key.pem', keys.own.privateKey);
  gateway = gatewayClient({
    ...{ site: 'dr', url: `http://127.0.0.1:${port}`, http: networkHttp(), clock },
    ...{ random: systemRandom, gatewayKey: keys.own.publicKey },
    signer: { keyId: 'control', privateKey: keys.control.privateKey },
  });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await array.close();
  await rm(folder, { recursive: true });
});

const put = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });

/** Resolves with what the process said until it served or gave up. */
async function start(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'handlers/gateway.ts', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  children.push(child);
  let said = '';
  await new Promise<void>((resolve) => {
    const hear = (data: Buffer) => {
      said += String(data);
      if (/listens on|^gateway: /m.test(said)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  });
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

const body = (callId = 'split.group') => ({
  ...{ planHash, callId, attempt: 1, epoch: 1, putBy: clock.now() + 30_000 },
});

/** What a site task wrote into the folder, once it did. */
async function written(name: string): Promise<string> {
  for (;;) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (text !== '') return text.trim();
    await clock.sleep(5);
  }
}

test('killed while array and task are at work: lost for ever, begun once, and the disk goes on', async () => {
  const { child, said } = await start();
  expect(said).toContain(`gateway dr listens on http://127.0.0.1:${port}\n`);
  await gateway.register({ plan, runbook: 'x', config: {} });
  await gateway.approve({ planHash, statements: statementsOf({ plan, planHash, clock }) });
  const atArray = new Promise<void>((resolve) => {
    site.onChange = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  expect((await gateway.put(key, body())).state).toBe('accepted');
  expect((await gateway.put(keyOf('switch.run'), body('switch.run'))).state).toBe('accepted');
  await atArray;
  const pid = Number(await written('pid'));
  expect((await gateway.ask(key)).state).toBe('busy');
  expect((await gateway.ask(keyOf('switch.run'))).state).toBe('busy');
  await kill(child);
  await expect(gateway.ask(key)).rejects.toMatchObject({ code: 'GW-UNREACHABLE' });
  await start();
  site.onChange = () => undefined;
  expect((await gateway.ask(key)).state).toBe('lost');
  expect((await gateway.put(key, body())).state).toBe('lost');
  expect((await gateway.ask(keyOf('switch.run'))).state).toBe('lost');
  expect((await gateway.put(keyOf('switch.run'), body('switch.run'))).state).toBe('lost');
  expect(await written('done')).toBe('fixed --to=dr');
  process.kill(-pid, 'SIGKILL');
  expect(site.accepted).toEqual([]);
  expect(site.asked.filter((text) => text.includes('split/invoke'))).toHaveLength(1);
  const log = await readFile(join(folder, 'disk', 'log.jsonl'), 'utf8');
  expect(log.split('\n').map((line) => /"type":"([a-z]+)"/.exec(line)?.[1])).toContain('accepted');
});

test('a second process on the same folder does not touch the disk and says why', async () => {
  await start();
  const { child, said } = await start();
  expect(said).toMatch(/EADDRINUSE.*Another gateway/s);
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
});

test('a broken file is named, and nothing is started', async () => {
  await put('gateway.yml', 'site: [');
  const { child, said } = await start();
  expect(said).toMatch(/gateway\.yml:\d+:\d+/);
  if (child.exitCode === null) await once(child, 'exit');
  expect(child.exitCode).toBe(1);
});
