import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { networkHttp } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseScenario } from '../../lib/twin/scenario.ts';
import { controlDoor, serveTwin } from '../../lib/twin/serve.ts';
import { buildWorld, PROBE_ORIGIN } from '../../lib/twin/world.ts';
import { basic, bench, clones, config, login, SPLIT, scenario, states } from './array-support.ts';

const PAY = 'PAY01-DRILL';
const HALF = '/v1/objects/remote-mirror-copygroups/NotSpecified,PAY01,PAY01S_,NotSpecified';

describe('the map', () => {
  it('joins main volume, P-VOL, S-VOL, copy and DR volumes without sharing anything', () => {
    const { world } = bench();
    const volumes = world.map.services.flatMap((service) => service.volumes);
    expect(world.map.services.map(({ volumes: own }) => own.length)).toEqual([12, 4, 3]);
    const ids = volumes.flatMap((v) => [v.mainVolumeId, v.drVolumeId, v.copyVolumeId]);
    const ldevs = volumes.flatMap((v) => [v.pvol, v.svol, v.copyLdev]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ldevs).size).toBe(ldevs.length);
    const journals = world.map.services.flatMap((s) => [s.masterJournalId, s.restoreJournalId]);
    expect(new Set(journals).size).toBe(journals.length);
  });

  it('lists as drillable only copies, never an S-VOL or a main volume', () => {
    const { world } = bench();
    const list = world.drillable(['payments']);
    const volumes = world.map.services[0]?.volumes ?? [];
    expect(list.copyGroups).toEqual([PAY]);
    expect(list.ldevs).toEqual(volumes.map(({ copyLdev }) => copyLdev));
    expect(list.volumes).toEqual(volumes.map(({ copyVolumeId }) => copyVolumeId));
    expect(world.drillable().copyGroups).toHaveLength(3);
  });
});

describe('faults', () => {
  it('copies-left-split leaves them split and written to, and can be undone', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    world.fault('copies-left-split', true, { service: 'payments' });
    expect(await states(client, PAY)).toEqual(['PSUS/SSUS']);
    expect(await states(client, 'LOAN01-DRILL')).toEqual(['PAIR/PAIR']);
    world.fault('copies-left-split', false, { service: 'payments' });
    clock.advance(30_000);
    expect(await states(client, PAY)).toEqual(['PAIR/PAIR']);
    expect(world.effects).toHaveLength(0);
  });

  it('pair-added shows in both groups on both arrays, and goes again', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const count = async () => [
      (await client.get(HALF)).body.copyPairs.length,
      (await client.get(clones(PAY))).body.copyPairs.length,
    ];
    world.fault('pair-added', true);
    expect(await count()).toEqual([13, 13]);
    const main = await login(world, 'main');
    expect((await main.get('/v1/objects/ldevs/1090')).body.emulationType).toBe('OPEN-V-CVS');
    world.fault('pair-added', false);
    expect(await count()).toEqual([12, 12]);
    expect((await main.get('/v1/objects/ldevs/1090')).body.emulationType).toBe('NOT DEFINED');
  });

  it('ldev-swapped moves copy and label to another LDEV, and back', async () => {
    const { world } = bench();
    const client = await login(world, 'dr');
    const first = async () => (await client.get(clones(PAY))).body.copyPairs[0].svolLdevId;
    const label = async (id: number) => (await client.get(`/v1/objects/ldevs/${id}`)).body.label;
    const before = await label(3000);
    world.fault('ldev-swapped', true);
    expect(await first()).toBe(3095);
    expect([await label(3095), await label(3000)]).toEqual([before, '']);
    world.fault('ldev-swapped', false);
    expect([await first(), await label(3000)]).toEqual([3000, before]);
  });

  it('replication-suspended is seen on both sides and in the samples', async () => {
    const { world, clock } = bench();
    const client = await login(world, 'dr');
    world.fault('replication-suspended', true);
    expect((await client.get(HALF)).body.copyPairs[0].svolStatus).toBe('PSUE');
    world.fault('replication-suspended', false);
    expect((await client.get(HALF)).body.copyPairs[0].svolStatus).toBe('COPY');
    clock.advance(60_000);
    expect((await client.get(HALF)).body.copyPairs[0].svolStatus).toBe('PAIR');
    const seen = world.samples.filter(({ service }) => service === 'payments');
    expect(seen.map(({ svolStatus }) => svolStatus)).toEqual(['PAIR', 'PSUE', 'COPY', 'PAIR']);
  });

  it('name what is unknown and what was probably meant', () => {
    const { world } = bench();
    expect(() => world.fault('backlog', true, { service: 'payment' })).toThrow(
      /TW-NAME-UNKNOWN.*Did you mean payments/,
    );
    expect(() => world.fault('array-busy', true, { site: 'third' })).toThrow(/TW-NAME-UNKNOWN/);
  });

  it('a load for a service that is not there is refused', () => {
    const load = { ...scenario.load, services: { payment: 5 } };
    const deps = { clock: manualClock(), random: seededRandom('s') };
    expect(() => buildWorld(config, { ...scenario, load }, deps)).toThrow(/Did you mean payments/);
  });

  it('of the scenario hold from the first day', async () => {
    const clock = manualClock();
    const faults = [{ name: 'copies-left-split' as const, service: 'loans' }];
    const world = buildWorld(config, { ...scenario, faults }, { clock, random: seededRandom('s') });
    expect(await states(await login(world, 'dr'), 'LOAN01-DRILL')).toEqual(['PSUS/SSUS']);
  });
});

it('a scenario with an unknown fault or key is refused with its place', () => {
  const text = 'scenario:\n  seed: x\n  speed: 3\n';
  expect(() => parseScenario({ file: 'twin.yml', text })).toThrow(/twin\.yml:3/);
});

it('samples show replication undisturbed through split and resync', async () => {
  const { world, clock } = bench();
  const client = await login(world, 'dr');
  await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
  clock.advance(20_000);
  await client.get(HALF);
  await client.send('PUT', clones(PAY, 'resync'), { body: {} });
  clock.advance(30_000);
  await client.get(HALF);
  const copies = world.samples.filter(({ service }) => service === 'payments');
  expect(copies.map((sample) => sample.copies)).toEqual([
    'PAIR 12',
    'PSUS 12',
    'COPY 12',
    'PAIR 12',
  ]);
  expect(new Set(world.samples.map(({ svolStatus }) => svolStatus))).toEqual(new Set(['PAIR']));
});

describe('in a folder', () => {
  const folder = () => mkdtempSync(join(tmpdir(), 'twin-'));

  it('nothing acknowledged is lost when the process is gone after any answer', async () => {
    const at = { folder: folder(), clock: manualClock() };
    const first = bench(at);
    const client = await login(first.world, 'dr');
    const sent = await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    at.clock.advance(1_800_000);
    const second = bench({ ...at, seed: 'other' });
    const dr = await login(second.world, 'dr');
    expect(await states(dr, PAY)).toEqual(['PSUS/SSUS']);
    expect((await dr.get(`/v1/objects/jobs/${sent.body.jobId}`)).body.state).toBe('Succeeded');
    expect(second.world.effects).toEqual(first.world.effects);
    expect(second.world.effects).toHaveLength(1);
    const instant = second.world.oracle.copiesEqualOneInstant(PAY);
    expect(instant).toBe(first.world.oracle.copiesEqualOneInstant(PAY));
    expect(instant).not.toBe(false);
  });

  it('a session opened before is still known after', async () => {
    const at = { folder: folder(), clock: manualClock() };
    const client = await login(bench(at).world, 'dr');
    const { world } = bench(at);
    const headers = { authorization: client.token };
    const answer = await world.http({
      method: 'GET',
      url: 'http://array.dr.twin/ConfigurationManager/v1/objects/sessions',
      headers,
    });
    expect(answer.status).toBe(200);
  });

  it('leaves no half-written file, and lists effects as lines', async () => {
    const at = folder();
    const { world } = bench({ folder: at });
    const client = await login(world, 'dr');
    await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    expect(existsSync(join(at, 'twin.json.tmp'))).toBe(false);
    const lines = readFileSync(join(at, 'effects.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(world.effects);
    expect(world.effects[0]).toMatchObject({
      site: 'dr',
      target: 'array',
      method: 'PUT',
      path: clones(PAY, 'split'),
    });
  });

  it('drops an effect whose change was never saved', async () => {
    const at = { folder: folder(), clock: manualClock() };
    const { world } = bench(at);
    const client = await login(world, 'dr');
    await client.send('PUT', clones(PAY, 'split'), { body: SPLIT });
    const file = join(at.folder, 'effects.jsonl');
    appendFileSync(file, '{"at":1,"site":"dr"');
    expect(bench(at).world.effects).toEqual(world.effects);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('refuses the state of another configuration', () => {
    const at = { folder: folder(), clock: manualClock(), random: seededRandom('s') };
    buildWorld(config, scenario, at);
    expect(() => buildWorld(config, { ...scenario, seed: 'else' }, at)).toThrow(/TW-STATE-FOREIGN/);
  });
});

describe('over HTTP', () => {
  const free = { arrayMain: 0, cloudMain: 0, arrayDr: 0, cloudDr: 0, probe: 0, control: 0 };

  it('answers on its ports as in process, and takes faults at the control door', async () => {
    const { world } = bench();
    const twin = await serveTwin(world, free);
    try {
      const http = networkHttp();
      const opened = await http({
        method: 'POST',
        url: `${twin.urls.arrayDr}/ConfigurationManager/v1/objects/sessions`,
        headers: { authorization: basic(world, 'dr') },
      });
      expect([opened.status, opened.headers['x-simulator']]).toEqual([200, 'true']);
      const switched = await http({
        method: 'POST',
        url: `${twin.urls.control}/twin/v1/faults`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'copies-left-split', on: true, service: 'payments' }),
      });
      expect(switched.status).toBe(200);
      expect(await states(await login(world, 'dr'), PAY)).toEqual(['PSUS/SSUS']);
      const versions = await http({ method: 'GET', url: twin.urls.cloudDr, headers: {} });
      expect(versions.headers['x-simulator']).toBe('true');
      const proxied = { method: 'GET', url: 'http://10.90.1.11:8080/health', headers: {} };
      expect((await http({ ...proxied, proxy: twin.urls.probe })).status).toBe(502);
      const inside = await world.http({ ...proxied, proxy: PROBE_ORIGIN });
      expect(inside.status).toBe(502);
    } finally {
      await twin.close();
    }
  });

  it('opens nothing when one port is taken', async () => {
    const { world } = bench();
    const twin = await serveTwin(world, free);
    const taken = Number(new URL(twin.urls.control).port);
    await expect(serveTwin(world, { ...free, control: taken })).rejects.toThrow(/EADDRINUSE/);
    await twin.close();
  });
});

it('the control door shows oracle, effects and samples, marked as simulated', async () => {
  const { world } = bench();
  const door = controlDoor(world);
  const get = async (path: string) =>
    JSON.parse((await door({ method: 'GET', url: `http://x/twin/v1/${path}`, headers: {} })).body);
  const oracle = await get('oracle');
  expect(oracle).toMatchObject({ simulated: true, resyncUnderPath: 0 });
  expect(oracle.groups[0].volumes[0].copy.record).toBeGreaterThan(0);
  expect(await get('effects')).toEqual({ simulated: true, effects: [] });
  expect((await get('samples')).samples).toHaveLength(3);
  const bad = { method: 'POST', url: 'http://x/twin/v1/faults', headers: {}, body: '{"name":1}' };
  expect((await door(bad)).status).toBe(400);
});
