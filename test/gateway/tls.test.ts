/** Mutual TLS by real sockets: who is let in, who is told what, and certificates that are renewed. */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { type ManualClock, manualClock, systemClock } from '../../lib/clock.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { networkHttp, type TlsFiles } from '../../lib/http.ts';
import { systemRandom } from '../../lib/random.ts';
import { type Desk, deskOf, freePort, writeGatewayFolder } from './desk.ts';
import { keys } from './support.ts';

let folder = '';
let ca = '';
let port = 0;
let desk: Desk;
let running: Promise<number>;
const at = (name: string) => join(folder, name);

/** What the tool makes, once: a certificate each for the door, the control plane and strangers. */
beforeAll(async () => {
  ca = await mkdtemp(join(tmpdir(), 'gateway-ca-'));
  const tool = deskOf();
  const issue = (...args: string[]) => tool.run('ca', 'issue', ...args);
  await tool.run('ca', 'new', join(ca, 'ours'));
  await tool.run('ca', 'new', join(ca, 'theirs'), '--name', 'Other CA');
  await issue(join(ca, 'ours'), 'gateway-dr', '--host', '127.0.0.1', '--host', 'fd00::10');
  await issue(join(ca, 'ours'), 'gateway-else', '--host', 'elsewhere.example');
  await issue(join(ca, 'ours'), 'control');
  await issue(join(ca, 'ours'), 'somebody');
  await issue(join(ca, 'theirs'), 'control');
  await issue(join(ca, 'theirs'), 'gateway-dr', '--host', '127.0.0.1');
  const old = deskOf(manualClock(Date.UTC(2024, 0, 1)));
  await cp(join(ca, 'ours'), join(ca, 'old'), { recursive: true });
  await rm(join(ca, 'old', 'control.pem'));
  await rm(join(ca, 'old', 'gateway-dr.pem'));
  await old.run('ca', 'issue', join(ca, 'old'), 'control', '--days', '30');
  await old.run('ca', 'issue', join(ca, 'old'), 'gateway-dr', '--host', '127.0.0.1');
});
afterAll(() => rm(ca, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-tls-'));
  port = await freePort();
  const tls = { cert: 'tls.pem', key: 'tls.key.pem', ca: 'ca.pem' };
  await writeGatewayFolder(folder, { listen: { host: '127.0.0.1', port, tls } });
  await install(join(ca, 'ours'));
  desk = deskOf();
});
afterEach(async () => {
  desk.stop();
  await running;
  await rm(folder, { recursive: true });
});

async function install(from: string, name = 'gateway-dr'): Promise<void> {
  await cp(join(from, `${name}.key.pem`), at('tls.key.pem'));
  await cp(join(from, `${name}.pem`), at('tls.pem'));
  await cp(join(ca, 'ours', 'ca.pem'), at('ca.pem'));
}

async function start(): Promise<void> {
  running = desk.run('run', folder);
  await desk.said(/listens on https/);
}

async function files(from: string, name: string): Promise<TlsFiles> {
  const read = (file: string) => readFile(join(ca, from, file), 'utf8');
  return {
    ca: await readFile(join(ca, 'ours', 'ca.pem'), 'utf8'),
    cert: await read(`${name}.pem`),
    key: await read(`${name}.key.pem`),
  };
}

const gateway = (tls: TlsFiles | undefined) =>
  gatewayClient({
    ...{ site: 'dr', url: `https://127.0.0.1:${port}`, clock: systemClock() },
    ...{ http: networkHttp({ tls: () => tls }), random: systemRandom },
    signer: { keyId: 'control', privateKey: keys.control.privateKey },
    gatewayKey: keys.own.publicKey,
  });

const refusal = (tls: TlsFiles | undefined) =>
  gateway(tls)
    .health()
    .then(
      () => 'was let in',
      (error: Error) => error.message,
    );

test('a whole exchange over mutual TLS 1.3, and the health tells how long the certificate is good', async () => {
  await start();
  const health = await gateway(await files('ours', 'control')).health();
  expect(health).toMatchObject({ site: 'dr', certificate: { name: 'gateway-dr' } });
  expect(health.certificate?.until).toBeGreaterThan(systemClock().now() + 300 * 86_400_000);
  await expect(version('TLSv1.2')).rejects.toThrow(/protocol version/);
  expect(await version('TLSv1.3')).toBe('TLSv1.3');
});

async function version(maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> {
  const tls = await files('ours', 'control');
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, ...tls, maxVersion }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('wrong authority, no certificate, run out, wrong name: each is refused with words', async () => {
  await start();
  const ours = await files('ours', 'control');
  const anonymous = await anonymousHealth(ours.ca);
  expect(anonymous).toMatchObject({ status: 403 });
  expect(JSON.parse(anonymous.body)).toMatchObject({
    code: 'GW-TLS-CLIENT',
    what: expect.stringContaining('there is none'),
  });
  expect(await refusal(await files('theirs', 'control'))).toMatch(
    /GW-TLS-CLIENT: .*not signed by the authority/,
  );
  expect(await refusal(await files('old', 'control'))).toMatch(/GW-TLS-CLIENT: .*has run out/);
  expect(await refusal(await files('ours', 'somebody'))).toMatch(
    /GW-TLS-CLIENT: .*nobody called somebody/,
  );
  expect(await refusal(ours)).toBe('was let in');
});

async function anonymousHealth(trusted: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`https://127.0.0.1:${port}/v1/health`, { ca: trusted }, (answer) => {
      let body = '';
      answer.on('data', (data) => {
        body += String(data);
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

test('a door of another authority or another host is not believed, and the engine says why', async () => {
  const ours = await files('ours', 'control');
  await install(join(ca, 'theirs'));
  await start();
  expect(await refusal(ours)).toMatch(/GW-UNREACHABLE.*GW-TLS: .*not signed by the authority/);
  await install(join(ca, 'ours'), 'gateway-else');
  desk.hangUp();
  await desk.said(/gateway-else was renewed/);
  expect(await refusal(ours)).toMatch(/GW-TLS: .*for another host/);
});

test('a certificate is renewed without a restart, and a wrong file changes nothing', async () => {
  await start();
  const ours = await files('ours', 'control');
  const before = await serial();
  await deskOf().run('ca', 'renew', join(ca, 'ours'), 'gateway-dr');
  await install(join(ca, 'ours'));
  desk.hangUp();
  await desk.said(/gateway-dr was renewed/);
  const after = await serial();
  expect(after).not.toBe(before);
  await writeFile(at('tls.pem'), 'not a certificate');
  desk.hangUp();
  await desk.said(/GW-TLS: .*tls\.pem.*The old one stays/);
  expect(await serial()).toBe(after);
  expect(await refusal(ours)).toBe('was let in');
});

async function serial(): Promise<string> {
  const tls = await files('ours', 'control');
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, ...tls }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

test('one that has run out stops the start with its code; a month before it is said', async () => {
  await install(join(ca, 'old'));
  running = desk.run('run', folder);
  expect(await running).toBe(1);
  expect(desk.text()).toMatch(/GW-TLS-EXPIRED: .*gateway-dr is good from/);
  await install(join(ca, 'ours'));
  const soon: ManualClock = manualClock(systemClock().now() + 350 * 86_400_000);
  desk = deskOf({ ...soon, sleep: (ms, stop) => systemClock().sleep(ms, stop) });
  running = desk.run('run', folder);
  await desk.said(/runs out in 1\d days/);
});

test('files that do not belong together, or that others can read, are refused', async () => {
  await cp(join(ca, 'ours', 'control.key.pem'), at('tls.key.pem'));
  running = desk.run('run', folder);
  expect(await running).toBe(1);
  expect(desk.text()).toMatch(/GW-TLS: .*not the key of/);
  await install(join(ca, 'ours'));
  spawnSync('chmod', ['644', at('tls.key.pem')]);
  running = desk.run('run', folder);
  expect(await running).toBe(1);
  expect(desk.text()).toMatch(/GW-TLS: .*mode must be 0600/);
});

test('the tool: private keys are private, nothing is overwritten, and what is there is shown', async () => {
  running = Promise.resolve(0);
  const tool = deskOf();
  const ours = join(ca, 'ours');
  for (const name of ['ca', 'control', 'gateway-dr']) {
    expect((await stat(join(ours, `${name}.key.pem`))).mode & 0o777).toBe(0o600);
  }
  expect(await tool.run('ca', 'issue', ours, 'control')).toBe(1);
  expect(await tool.run('ca', 'new', ours)).toBe(1);
  expect(await tool.run('ca', 'issue', ours, 'Not a name')).toBe(2);
  expect(await tool.run('ca', 'sing', ours)).toBe(2);
  expect(await tool.run('ca', 'show', ours)).toBe(0);
  expect(tool.text()).toMatch(/gateway-dr\.pem: gateway-dr, 127\.0\.0\.1 fd00:.*:10, until 20/);
  const verified = spawnSync('openssl', [
    ...['verify', '-CAfile', join(ours, 'ca.pem'), '-purpose', 'sslclient'],
    join(ours, 'control.pem'),
  ]);
  if (verified.error === undefined) expect(verified.status).toBe(0);
  expect(await tool.run('ca', '--help')).toBe(0);
});
