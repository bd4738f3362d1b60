/** The folder of a gateway: places in errors, loopback only, and a key that only it can read. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import { codeOf, keys, newPair } from './support.ts';

const gateway = `site: dr
listen: { host: 127.0.0.1, port: 4720 }
arrays:
  - storageDeviceId: "900000040015"
    url: http://127.0.0.1:4731/ConfigurationManager
    api: cm
    user: drill
    password: secret
cloud: dr
drillable: { copyGroups: [PAY01-DRILL], ldevs: [1301], volumes: [], networks: [] }
probes: { urls: [] }
`;
const clouds = `clouds:
  dr:
    region_name: R
    identity_api_version: 3
    auth: { auth_url: "http://127.0.0.1:4732/identity", username: u, password: p, project_name: x,
      user_domain_name: Default, project_domain_name: Default }
`;
const trust = (pem = keys.control.publicKey) => `people: [{ id: p-00000001, roles: [dr-approver] }]
controlPlanes:
  - id: control
    publicKey: |
${pem.trim().replace(/^/gm, '      ')}
peers: []
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-folder-'));
  await put('gateway.yml', gateway);
  await put('clouds.yaml', clouds);
  await put('trust.yml', trust());
  await put('key.pem', keys.own.privateKey);
});
afterEach(() => rm(folder, { recursive: true }));

async function put(name: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(join(folder, name), text);
  await chmod(join(folder, name), mode);
}

test('a whole folder is read', async () => {
  const loaded = await loadGatewayFolder(folder);
  expect(loaded.settings.site).toBe('dr');
  expect(loaded.key.keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(loaded.cloud.auth.username).toBe('u');
});

test('an address that is not this machine is refused: there is no TLS', async () => {
  for (const host of ['0.0.0.0', '10.0.0.1', '::', 'gateway.example', '127.0.0.1.example']) {
    await put('gateway.yml', gateway.replace('127.0.0.1, port', `"${host}", port`));
    expect(await codeOf(loadGatewayFolder(folder))).toBe('GW-LISTEN');
  }
});

test('errors name file, line and column and the nearest key', async () => {
  await put('gateway.yml', gateway.replace('api: cm', 'apy: cm'));
  await expect(loadGatewayFolder(folder)).rejects.toThrow(/gateway\.yml:6:5.*apy.*api/s);
  await put('gateway.yml', gateway.replace('cloud: dr', 'cloud: elsewhere'));
  expect(await codeOf(loadGatewayFolder(folder))).toBe('GW-FOLDER');
});

test('keys on another curve, files that are missing and keys that others can read are refused', async () => {
  const p384 = newPair('P-384');
  await put('trust.yml', trust(p384.publicKey));
  await expect(loadGatewayFolder(folder)).rejects.toThrow(/trust\.yml:\d+:\d+.*P-256/s);
  await put('trust.yml', trust());
  await put('key.pem', p384.privateKey);
  expect(await codeOf(loadGatewayFolder(folder))).toBe('GW-FOLDER');
  await put('key.pem', keys.own.privateKey, 0o644);
  expect(await codeOf(loadGatewayFolder(folder))).toBe('GW-FOLDER');
  await rm(join(folder, 'key.pem'));
  expect(await codeOf(loadGatewayFolder(folder))).toBe('GW-FOLDER');
});
