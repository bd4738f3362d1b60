/** The gateway as it is handed over: one file on bare Node, its unit, its container, its example. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import { freePort, writeGatewayFolder } from './desk.ts';

let folder = '';
let program = '';
const children: ChildProcess[] = [];

/** Far from any node_modules. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-package-'));
  program = join(folder, 'gateway.mjs');
  const script = `import { build } from 'esbuild';
    import { gatewayOptions } from ${JSON.stringify(resolve('.ci/bundling.mjs'))};
    await build(gatewayOptions(${JSON.stringify(program)}));`;
  const built = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const gateway = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', cwd: folder, env: {} });

test('one file, without anything beside it, knows its commands', () => {
  const help = gateway('--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  for (const command of ['run', 'check', 'ca', 'trust', 'arm', 'words']) {
    expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  }
  expect(gateway('chek').stderr).toMatch(/Did you mean check\?/);
});

test('it serves on bare Node, and SIGTERM ends it in order', async () => {
  const home = join(folder, 'home');
  await writeGatewayFolder(home, { listen: { host: '127.0.0.1', port: await freePort() } });
  const child = spawn(process.execPath, [program, 'run', home], { cwd: folder, env: {} });
  children.push(child);
  let said = '';
  child.stderr.on('data', (data) => {
    said += String(data);
  });
  const [line] = await once(child.stdout, 'data');
  expect(`${line}${said}`).toMatch(/gateway dr listens on http:\/\/127/);
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
  expect(await readFile(join(home, 'disk', 'log.jsonl'), 'utf8')).toContain('"born"');
});

test('the example is a configuration that is read', async () => {
  const home = join(folder, 'example');
  await writeGatewayFolder(home);
  await copyFile('config/gateway/gateway.example.yml', join(home, 'gateway.yml'));
  const { settings } = await loadGatewayFolder(home);
  expect(settings.listen.tls).toEqual({ cert: 'tls.pem', key: 'tls.key.pem', ca: 'ca.pem' });
  const text = await readFile('config/gateway/gateway.example.yml', 'utf8');
  await writeFile(
    join(home, 'gateway.yml'),
    text.replace(/^# (transport:.*)$/m, '$1').replace('host: 10.20.0.5', 'host: 127.0.0.1'),
  );
  expect((await loadGatewayFolder(home)).settings.transport?.poll.url).toMatch(/^https:/);
});

test('the unit is hardened, and systemd agrees where it can be asked', async () => {
  const file = 'config/gateway/drillbook-gateway.service';
  const unit = await readFile(file, 'utf8');
  for (const line of ['NoNewPrivileges=yes', 'ProtectSystem=strict', 'CapabilityBoundingSet=']) {
    expect(unit.split('\n')).toContain(line);
  }
  expect(unit).toMatch(/^ExecStart=.* run \/etc\/drillbook\/gateway$/m);
  const asked = spawnSync('systemd-analyze', [
    'security',
    '--offline=true',
    '--threshold=20',
    file,
  ]);
  if (asked.error === undefined) expect(asked.status).toBe(0);
});

test('the container has no shell, no root and nothing but the file', async () => {
  const lines = (await readFile('config/gateway/Containerfile', 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.filter((line) => /^(RUN|ADD|SHELL)\b/.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('COPY'))).toEqual([
    'COPY --chown=root:root --chmod=0444 dist/gateway.mjs /opt/drillbook/gateway.mjs',
  ]);
  expect(lines).toContain('USER 65532:65532');
  expect(lines.filter((line) => /^(ENTRYPOINT|CMD)/.test(line)).join()).not.toMatch(/sh\b/);
});
