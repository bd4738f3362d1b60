/** What `gateway check` finds, one thing wrong at a time, and how it is told. */
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { type HostFacts, readHost } from '../../lib/gateway/cli/check/host.ts';
import { checkGateway } from '../../lib/gateway/cli/check/index.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway } from '../../lib/gateway/server/gateway.ts';
import { type ArraySettings, loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import type { Http, HttpResponse } from '../../lib/http.ts';
import { systemRandom } from '../../lib/random.ts';
import { deskOf, freePort, writeGatewayFolder } from './desk.ts';
import { lee, trustOf } from './people.ts';
import { scriptedSite } from './scripted.ts';
import { gatewayFolder, secrets } from './support.ts';

const metal: HostFacts = { vendor: 'HPE', product: 'ProLiant', uuid: 'u-1', disks: [] };
const clock = manualClock();
let path = '';
let site: ReturnType<typeof scriptedSite>;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'gateway-check-'));
  site = scriptedSite(clock);
  await writeGatewayFolder(path);
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf()));
});
afterEach(() => rm(path, { recursive: true }));

async function check(host: HostFacts = metal, http: Http = site.http) {
  const { findings } = await checkGateway({
    ...{ path, host, http },
    terminal: { clock, random: systemRandom },
  });
  return findings;
}

/** What is not well, as `level code about`. */
async function troubles(host?: HostFacts, http?: Http): Promise<string[]> {
  const all = await check(host, http);
  for (const { level, why, next } of all) if (level !== 'ok') expect(why && next).toBeTruthy();
  return all
    .filter(({ level }) => level !== 'ok')
    .map(({ level, code, about }) => `${level} ${code} ${about}`);
}

test('all is well: what was looked at is said, nothing is changed at the site', async () => {
  expect(await troubles()).toEqual([]);
  const abouts = new Set((await check()).map(({ about }) => about));
  for (const one of ['folder', 'trust', 'certificate', 'disk', 'host', 'array:900000040015']) {
    expect(abouts).toContain(one);
  }
  expect(site.accepted).toEqual([]);
  expect(site.asked.filter((text) => /^DELETE .*sessions/.test(text))).toHaveLength(4);
});

test('a machine of the protected cloud or with a disk of the protected array is refused', async () => {
  const guest = { ...metal, vendor: 'OpenStack Foundation', product: 'OpenStack Nova' };
  const nova =
    (status: number): Http =>
    async (request) =>
      request.url.endsWith('/servers/u-1')
        ? { status, headers: {}, body: '{}' }
        : site.http(request);
  expect(await troubles(guest, nova(200))).toEqual(['mend GW-HOST host']);
  expect(await troubles(guest, nova(404))).toEqual(['warn GW-HOST host']);
  expect(await troubles(guest, nova(403))).toEqual(['mend GW-HOST host']);
  expect(await troubles({ ...guest, uuid: '' }, nova(404))).toEqual(['mend GW-HOST host']);
  const disk = (wwid: string) => ({ ...metal, disks: [{ name: 'sda', vendor: 'HITACHI', wwid }] });
  // 040015 is 9c4f in the array's own names.
  expect(await troubles(disk('naa.60060e8012009c4f5040009c4f000010'))).toEqual([
    'mend GW-HOST host',
  ]);
  expect(await troubles(disk('naa.60060e801200abcd50400abcd0000010'))).toEqual([
    'warn GW-HOST host',
  ]);
});

test('host facts are read from sysfs, and what cannot be read is empty', async () => {
  const sys = join(path, 'sys');
  const put = async (file: string, text: string) => {
    await mkdir(join(sys, file, '..'), { recursive: true });
    await writeFile(join(sys, file), text);
  };
  await put('class/dmi/id/product_name', 'OpenStack Nova\n');
  await put('class/dmi/id/product_uuid', 'ABC\n');
  await put('block/sda/device/vendor', 'HITACHI \n');
  await put('block/sda/device/wwid', 'naa.60060e80\n');
  await put('block/vda/size', '1\n');
  expect(await readHost(sys)).toEqual({
    ...{ vendor: '', product: 'OpenStack Nova', uuid: 'abc' },
    disks: [
      { name: 'sda', vendor: 'HITACHI', wwid: 'naa.60060e80' },
      { name: 'vda', vendor: '', wwid: '' },
    ],
  });
  expect(await readHost(join(path, 'nothing'))).toMatchObject({ vendor: '', disks: [] });
});

test('clocks, logins and silence', async () => {
  const date = 'Sun, 22 Nov 2026 01:07:00 GMT';
  site.onRead = ({ url }) =>
    url.includes('/auth/')
      ? undefined
      : { status: 200, headers: { date, 'x-simulator': 'true' }, body: '{}' };
  expect(await troubles()).toEqual(
    ['array:900000040015', 'cinder:dr', 'nova:dr', 'neutron:dr'].map(
      (name) => `mend GW-CLOCK ${name}`,
    ),
  );
  site.onRead = () => undefined;
  site.onLogin = () => ({ status: 401, headers: {}, body: '' });
  const turnedDown = await troubles();
  expect(turnedDown).toContain('mend GW-TARGET-LOGIN array:900000040015');
  expect(turnedDown).toContain('mend GW-TARGET-LOGIN cloud:dr');
  const silent = await troubles(metal, async () => {
    throw new Error('connect ECONNREFUSED');
  });
  expect(silent).toContain('mend GW-TARGET-SILENT nova:dr');
});

test('users that may do more than needed are named', async () => {
  const answers: Readonly<Record<string, unknown>> = {
    users: { data: [{ userId: 'drill', userGroupNames: ['Admins'] }] },
    'user-groups': {
      data: [{ userGroupId: 'Admins', roleNames: ['Security Administrator (View & Modify)'] }],
    },
  };
  site.onRead = ({ url }) => {
    const body = answers[url.split('/').at(-1) ?? ''];
    return body === undefined
      ? undefined
      : { status: 200, headers: { 'x-simulator': 'true' }, body: JSON.stringify(body) };
  };
  const roles = [{ name: 'admin' }];
  const everywhere: Http = async (request) => {
    const answer = await site.http(request);
    if (request.url.endsWith('/auth/projects')) {
      const projects = [{ name: 'drill' }, { name: 'production' }];
      return { ...answer, body: JSON.stringify({ projects }) };
    }
    if (!request.url.endsWith('/auth/tokens')) return answer;
    const { token } = JSON.parse(answer.body);
    return { ...answer, body: JSON.stringify({ token: { ...token, roles } }) };
  };
  const found = (await check(metal, everywhere)).filter(({ code }) => code === 'GW-RIGHTS');
  expect(found.map(({ level, what }) => `${level} ${what}`)).toEqual([
    'warn User drill has roles that nothing here needs: Security Administrator (View & Modify).',
    'warn User drill has admin and reaches 2 projects: drill, production.',
  ]);
});

test('file modes, a peer that is silent, too few people, and no secret in any word', async () => {
  await chmod(join(path, 'gateway.yml'), 0o644);
  await writeGatewayFolder(path, { peers: [{ site: 'main', url: 'http://127.0.0.1:9' }] });
  await writeFile(join(path, 'trust.yml'), '{"people": [], "controlPlanes": [], "peers": []}');
  const lost: Http = async (request) => {
    if (request.url.includes(':9/')) throw new Error('connect ECONNREFUSED');
    return site.http(request);
  };
  expect(await troubles(metal, lost)).toEqual([
    ...['mend GW-FOLDER folder', 'mend GW-FOLDER trust', 'warn GW-UNREACHABLE gateway-main'],
  ]);
  const told = JSON.stringify(await check(metal, lost));
  for (const secret of [...secrets, ...site.tokens]) expect(told).not.toContain(secret);
});

test('a gateway that would not start, or could never be changed again, is not called well', async () => {
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf({ officers: 'nobody' })));
  expect(await troubles()).toEqual(['warn GW-ORDER-PEOPLE trust']);
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf()));
  await chmod(path, 0o777);
  expect(await troubles()).toEqual(['mend GW-FOLDER folder']);
  await chmod(path, 0o700);

  const folder = await loadGatewayFolder(path);
  const deps = { clock, random: systemRandom, say: () => {} };
  const disk = await openDisk({ folder: join(path, 'disk'), site: 'dr', ...deps });
  const gateway = createGateway({ folder, disk, http: site.http, ...deps });
  await gateway.settle();
  await gateway.close();
  expect(await troubles()).toEqual([]);
  const people = trustOf().people.filter(({ id }) => id !== lee);
  await writeFile(
    join(path, 'trust.yml'),
    JSON.stringify(trustOf({ people, officers: 'operator' })),
  );
  expect(await troubles()).toContain('mend GW-TRUST log');
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf()));
  await writeFile(join(path, 'disk', 'log.jsonl'), 'not a line\n');
  expect(await troubles()).toEqual(['mend GW-DISK log']);
});

test('users that are needed only in the moment of a change log in now', async () => {
  const [array] = gatewayFolder().settings.arrays;
  const viewer = { user: 'view', password: secrets[0] };
  const users = { viewer, lend: { user: 'lend', password: 'lend-Pass!word' } };
  await writeGatewayFolder(path, { arrays: [{ ...(array as ArraySettings), ...users }] });
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf()));
  const turning =
    (user: string): Http =>
    async (request) => {
      const basic = Buffer.from(request.headers['authorization']?.slice(6) ?? '', 'base64');
      if (!basic.toString('utf8').startsWith(`${user}:`)) return site.http(request);
      return { status: 401, headers: {}, body: '' };
    };
  expect(await troubles()).toEqual([]);
  expect(await troubles(metal, turning('drill'))).toEqual([
    'mend GW-TARGET-LOGIN array:900000040015',
  ]);
  expect(await troubles(metal, turning('lend'))).toEqual(['mend GW-LEND array:900000040015']);
});

test('a certificate for another host, or of another authority than the one that is trusted', async () => {
  const tool = deskOf(clock);
  for (const name of ['ours', 'theirs']) {
    await tool.run('ca', 'new', join(path, name), '--name', name);
    for (const host of ['127.0.0.1', 'elsewhere.example']) {
      const folder = join(path, `${name}-${host}`);
      await cp(join(path, name), folder, { recursive: true });
      await tool.run('ca', 'issue', folder, 'gateway-dr', '--host', host);
    }
  }
  const tls = { cert: 'tls.pem', key: 'tls.key.pem', ca: 'ours/ca.pem' };
  const listen = { host: '127.0.0.1', port: 4720, tls };
  await writeGatewayFolder(path, { listen });
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf()));
  const withTls = async (from: string) => {
    await cp(join(path, from, 'gateway-dr.pem'), join(path, 'tls.pem'));
    await cp(join(path, from, 'gateway-dr.key.pem'), join(path, 'tls.key.pem'));
    return troubles();
  };
  expect(await withTls('ours-127.0.0.1')).toEqual([]);
  expect(await withTls('ours-elsewhere.example')).toEqual(['mend GW-TLS certificate']);
  expect(await withTls('theirs-127.0.0.1')).toEqual(['warn GW-TLS certificate']);
});

test('a peer that does not let us in, and clocks between which no grant would hold', async () => {
  await writeGatewayFolder(path, { peers: [{ site: 'main', url: 'http://127.0.0.1:9' }] });
  await writeFile(join(path, 'trust.yml'), JSON.stringify(trustOf()));
  const peer =
    (answer: Partial<HttpResponse>): Http =>
    async (request) =>
      request.url.includes(':9/')
        ? { status: 401, headers: {}, body: '', ...answer }
        : site.http(request);
  const body =
    '{"code":"GW-TLS-CLIENT","next":"","what":"Your certificate is not taken.","why":""}';
  expect(await troubles(metal, peer({ status: 403, body }))).toEqual([
    'mend GW-TLS-CLIENT gateway-main',
  ]);
  const off = (ms: number) => ({ headers: { date: new Date(clock.now() - ms).toUTCString() } });
  expect(await troubles(metal, peer(off(10_000)))).toEqual(['warn GW-CLOCK gateway-main']);
  expect(await troubles(metal, peer(off(25_000)))).toEqual(['mend GW-CLOCK gateway-main']);
});

test('as a command: words or JSON, and the exit code says whether anything must be mended', async () => {
  const port = await freePort();
  await writeGatewayFolder(path, {
    arrays: [],
    probes: { urls: [] },
    listen: { host: '127.0.0.1', port },
  });
  const desk = deskOf();
  expect(await desk.run('check', path)).toBe(1);
  expect(desk.text()).toMatch(/^warn {2}trust: It trusts 3 people/m);
  expect(desk.text()).toMatch(/^mend {2}nova:dr: .*\n {6}GW-TARGET-SILENT/m);
  const json = deskOf();
  expect(await json.run('check', path, '--json')).toBe(1);
  expect(JSON.parse(json.text())).toMatchObject({ ok: false, site: 'dr' });
  expect(await deskOf().run('check', join(path, 'nowhere'))).toBe(1);
  expect(await deskOf().run('check')).toBe(2);
});
