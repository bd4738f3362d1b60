/** The twin on network ports, and the control door. */
import { readFileSync } from 'node:fs';
import { manualClock } from '../../lib/clock.ts';
import { networkHttp } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseCentres } from '../../lib/twin/centres.ts';
import { controlDoor } from '../../lib/twin/control.ts';
import { type ServedTwin, serveTwin } from '../../lib/twin/serve.ts';
import { createWorld, PROBE_ORIGIN, type TwinWorld } from '../../lib/twin/world.ts';
import { basic, bench, cloudSession, login, states } from './world-support.ts';

const PAY = 'PAY01-DRILL';
const ports = { arrays: {}, clouds: {}, probe: 0, homeProbe: 0, control: 0 };
const http = networkHttp();

async function served(world: TwinWorld, use: (twin: ServedTwin) => Promise<void>): Promise<void> {
  const twin = await serveTwin(world, { ports });
  try {
    await use(twin);
  } finally {
    await twin.close();
  }
}

const turn = (twin: ServedTwin, body: object) =>
  http({
    method: 'POST',
    url: `${twin.urls.control}/twin/v1/faults`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('over HTTP', () => {
  it('answers on its ports as in process, and takes faults at the control door', async () => {
    const { world } = bench();
    await served(world, async (twin) => {
      const opened = await http({
        method: 'POST',
        url: `${twin.urls.arrays['dr']}/ConfigurationManager/v1/objects/sessions`,
        headers: { authorization: basic(world, 'dr') },
      });
      expect([opened.status, opened.headers['x-simulator']]).toEqual([200, 'true']);
      const fault = { name: 'copies-left-split', on: true, service: 'payments' };
      expect((await turn(twin, fault)).status).toBe(200);
      expect(await states(await login(world, 'dr'), PAY)).toEqual(['PSUS/SSUS']);
      const url = `${twin.urls.clouds['dr']}/identity/v3`;
      const identity = await http({ method: 'GET', url, headers: {} });
      expect(identity.headers['x-simulator']).toBe('true');
      expect(identity.body).toContain(`${twin.urls.clouds['dr']}`);
      const proxied = { method: 'GET', url: 'http://10.90.1.11:8080/health', headers: {} };
      expect((await http({ ...proxied, proxy: twin.urls.probe })).status).toBe(502);
      expect((await world.http({ ...proxied, proxy: PROBE_ORIGIN })).status).toBe(502);
    });
  });

  it('breaks the line of an array that is dead, and of an answer that is lost', async () => {
    const { world } = bench();
    await served(world, async (twin) => {
      const open = () =>
        http({
          method: 'POST',
          url: `${twin.urls.arrays['main']}/ConfigurationManager/v1/objects/sessions`,
          headers: { authorization: basic(world, 'main') },
        });
      await turn(twin, { name: 'array-dead', on: true, site: 'main' });
      await expect(open()).rejects.toMatchObject({ code: 'ECONNRESET' });
      await turn(twin, { name: 'array-dead', on: false, site: 'main' });
      expect((await open()).status).toBe(200);
    });
  });

  it('opens nothing when one port is taken', async () => {
    const { world } = bench();
    await served(world, async (twin) => {
      const control = Number(new URL(twin.urls.control).port);
      const again = serveTwin(world, { ports: { ...ports, control } });
      await expect(again).rejects.toThrow(/EADDRINUSE/);
    });
  });

  it.each([
    ['two-centres', 2, 2],
    ['three-centres', 3, 3],
    ['active-active', 2, 1],
  ])('opens a door for each array and cloud of %s', async (name, arrays, clouds) => {
    const file = `config/twin/${name}.yml`;
    const centres = parseCentres({ file, text: readFileSync(file, 'utf8') });
    const world = createWorld(centres, { clock: manualClock(), random: seededRandom(name) });
    await served(world, async ({ urls }) => {
      expect(Object.keys(urls.arrays)).toHaveLength(arrays);
      expect(Object.keys(urls.clouds)).toHaveLength(clouds);
      for (const url of Object.values(urls.arrays)) {
        const path = '/ConfigurationManager/configuration/version';
        expect((await http({ method: 'GET', url: `${url}${path}`, headers: {} })).status).toBe(200);
      }
      for (const url of Object.values(urls.clouds)) {
        const path = '/identity/v3';
        expect((await http({ method: 'GET', url: `${url}${path}`, headers: {} })).status).toBe(200);
      }
    });
  });
});

describe('the control door', () => {
  const asked = (world: TwinWorld) => {
    const door = controlDoor(world);
    return async (line: string, body?: object) => {
      const [method = '', path = ''] = line.split(' ');
      const answer = await door({
        method,
        url: `http://x/twin/v1${path}`,
        headers: {},
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(answer.headers['x-simulator']).toBe('true');
      return { status: answer.status, body: JSON.parse(answer.body) };
    };
  };

  it('shows oracle, effects and samples, marked as simulated', async () => {
    const ask = asked(bench().world);
    const oracle = (await ask('GET /oracle')).body;
    expect(oracle).toMatchObject({ simulated: true, resyncUnderPath: 0 });
    expect(oracle.groups).toHaveLength(3);
    expect(oracle.groups[0].volumes).toHaveLength(12);
    expect(oracle.groups[0].volumes[0].copy.record).toBeGreaterThan(0);
    expect((await ask('GET /oracle?service=loans')).body.groups).toHaveLength(1);
    expect((await ask('GET /effects')).body).toEqual({ simulated: true, effects: [] });
    expect((await ask('GET /samples')).body.samples).toHaveLength(3);
  });

  it('has an index, and names the nearest path', async () => {
    const ask = asked(bench().world);
    const { asks } = (await ask('GET ')).body;
    for (const { asked: line } of asks.filter((one: { asked: string }) => /GET/.test(one.asked))) {
      expect((await ask(line.replace('/twin/v1', ''))).status).toBe(200);
    }
    const lost = await ask('GET /orcale');
    expect([lost.status, lost.body.what]).toEqual([
      404,
      expect.stringMatching(/mean GET .*oracle/),
    ]);
  });

  it('lists all faults and says where they are on', async () => {
    const ask = asked(bench().world);
    const on = async () => {
      const { faults } = (await ask('GET /faults')).body;
      return faults.filter((one: { on: string[] }) => one.on.length > 0);
    };
    expect((await ask('GET /faults')).body.faults.length).toBeGreaterThanOrEqual(40);
    expect(await on()).toEqual([]);
    await ask('POST /faults', { name: 'backlog', on: true, service: 'loans' });
    await ask('POST /faults', { name: 'link-cut', on: true, between: ['main', 'dr'] });
    expect(await on()).toMatchObject([
      { name: 'backlog', on: ['loans'] },
      { name: 'link-cut', on: ['main-dr'] },
    ]);
    await ask('POST /faults', { name: 'backlog', on: false, service: 'loans' });
    await ask('POST /faults', { name: 'link-cut', on: false });
    expect(await on()).toEqual([]);
  });

  const misread: readonly (readonly [object, RegExp])[] = [
    [{ name: 1 }, /name/],
    [{ name: 'backlgo', on: true }, /no fault backlgo.*mean backlog/],
    [{ name: 'backlog', on: true, site: 'dr' }, /strikes by service, not by site/],
    [{ name: 'backlog' }, /on/],
    [{ name: 'backlog', on: true, service: 'payment' }, /no service "payment".*mean payments/],
    [{ name: 'array-busy', on: true, site: 'mian' }, /no site "mian".*mean main/],
    [{ name: 'link-cut', on: true, between: ['main', 'rd'] }, /no link "main-rd".*main-dr/],
    [{ name: 'gateway-restarted', on: true }, /control port of the house/],
  ];
  it.each(misread)('refuses %j with a reason', async (body, reason) => {
    const answer = await asked(bench().world)('POST /faults', body);
    expect([answer.status, answer.body.what]).toEqual([400, expect.stringMatching(reason)]);
  });

  it('restarts a service, which brings back a back end the scheduler had lost', async () => {
    const { world, clock } = bench();
    const ask = asked(world);
    const state = async () => {
      const call = await cloudSession(world);
      const { projectId } = world.credentials.clouds['dr'] ?? {};
      const path = `/volume/v3/${projectId}/os-services?binary=cinder-volume`;
      return (await call(`GET ${path}`)).body.services[0].backend_state;
    };
    await ask('POST /faults', { name: 'backend-down', on: true, site: 'dr' });
    clock.advance(120_000);
    expect(await state()).toBe('down');
    await ask('POST /faults', { name: 'backend-down', on: false, site: 'dr' });
    clock.advance(120_000);
    expect(await state()).toBe('down');
    const scheduler = { cloud: 'dr', service: 'cinder-scheduler' };
    expect((await ask('POST /restarts', scheduler)).status).toBe(200);
    clock.advance(120_000);
    expect(await state()).toBe('up');
    const wrong = await ask('POST /restarts', { ...scheduler, cloud: 'rd' });
    expect([wrong.status, wrong.body.what]).toEqual([400, expect.stringMatching(/mean dr/)]);
    expect((await ask('POST /restarts', { ...scheduler, service: 'x' })).status).toBe(400);
  });

  it('does not pretend that a port without TLS has a certificate', async () => {
    const fault = { name: 'certificate-expired', on: true };
    expect((await asked(bench().world)('POST /faults', fault)).status).toBe(409);
  });
});
