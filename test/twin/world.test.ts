import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseScenario } from '../../lib/twin/scenario.ts';
import { buildWorld } from '../../lib/twin/world.ts';
import { bench, clones, config, login, SPLIT, scenario, states } from './world-support.ts';

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

it('a load for a service that is not there is refused', () => {
  const load = { ...scenario.load, services: { payment: 5 } };
  const deps = { clock: manualClock(), random: seededRandom('s') };
  expect(() => buildWorld(config, { ...scenario, load }, deps)).toThrow(/Did you mean payments/);
});

it('faults of the scenario hold from the first day', async () => {
  const clock = manualClock();
  const faults = [{ name: 'copies-left-split' as const, service: 'loans' }];
  const world = buildWorld(config, { ...scenario, faults }, { clock, random: seededRandom('s') });
  expect(await states(await login(world, 'dr'), 'LOAN01-DRILL')).toEqual(['PSUS/SSUS']);
  expect(world.faultsOn()).toEqual([{ name: 'copies-left-split', where: 'loans' }]);
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

  it('faults go on after a restart, and can be switched off then', async () => {
    const at = { folder: folder(), clock: manualClock() };
    const { world: first } = bench(at);
    first.fault('array-busy', true);
    first.fault('site-dead', true, { site: 'main' });
    const { world } = bench(at);
    expect(world.faultsOn().map(({ name }) => name)).toEqual(['array-busy', 'site-dead']);
    await expect(login(world, 'main')).rejects.toThrow();
    world.fault('site-dead', false, { site: 'main' });
    world.fault('array-busy', false);
    expect((await (await login(world, 'main')).get('/v1/objects/ldevs/1000')).status).toBe(200);
    expect((await (await login(world, 'dr')).get('/v1/objects/ldevs/2000')).status).toBe(200);
  });

  it('refuses the state of another configuration', () => {
    const at = { folder: folder(), clock: manualClock(), random: seededRandom('s') };
    buildWorld(config, scenario, at);
    expect(() => buildWorld(config, { ...scenario, seed: 'else' }, at)).toThrow(/TW-STATE-FOREIGN/);
  });
});
