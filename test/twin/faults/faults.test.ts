/** Every fault of the table: well, on, seen through the front door, off, gone. */

import { readFileSync } from 'node:fs';
import { manualClock } from '../../../lib/clock.ts';
import { networkHttp } from '../../../lib/http.ts';
import { seededRandom } from '../../../lib/random.ts';
import { parseCentres } from '../../../lib/twin/centres.ts';
import { type FaultLine, faultTable } from '../../../lib/twin/faults/table.ts';
import { faultSchema } from '../../../lib/twin/scenario.ts';
import { serveTwin } from '../../../lib/twin/serve.ts';
import { createWorld, originOf } from '../../../lib/twin/world.ts';
import { bench, cloudCaller } from '../world-support.ts';
import { arrayCases } from './cases-array.ts';
import { cloudCases } from './cases-cloud.ts';
import { serviceCases } from './cases-service.ts';
import { place } from './support.ts';

const cases = { ...arrayCases, ...serviceCases, ...cloudCases };

/** Seen by tests of their own: below, in doors.test.ts, and in test/local. */
const elsewhere = [
  'quorum-lost',
  'certificate-expired',
  'door-slow',
  'door-truncated',
  'door-reset',
  'gateway-restarted',
];

test('every fault of the table is tried', () => {
  const names = faultTable.map(({ name }) => name);
  expect([...Object.keys(cases), ...elsewhere].sort()).toEqual([...names].sort());
});

const needsNewLogin = ['sessions-lost', 'session-short', 'token-revoked'];

const lines: readonly FaultLine[] = faultTable;
const once = (name: string) => lines.find((line) => line.name === name)?.lasts === 'once';

test.each(Object.entries(cases))('%s', async (name, { see, well, ill, onMs, healMs, where }) => {
  const fault = faultSchema.parse({ name, ...where });
  expect(await see(await place())).toEqual(well);
  const there = await place();
  there.world.fault(fault.name, true, where);
  const lists = () => there.world.faultsOn().some((one) => one.name === name);
  expect(lists()).toBe(!once(name) || name !== 'token-revoked');
  there.clock.advance(onMs ?? 0);
  expect(await see(there)).toEqual(ill);
  if (once(name)) expect(lists()).toBe(false);
  else there.world.fault(fault.name, false, where);
  expect(lists()).toBe(false);
  there.clock.advance(healMs ?? 0);
  // Sessions and tokens that ended with the fault stay ended: whoever logs in again is well.
  expect(await see(needsNewLogin.includes(name) ? await place(there) : there)).toEqual(well);
});

describe('one cloud over two sites', () => {
  const file = 'config/twin/active-active.yml';
  const centres = parseCentres({ file, text: readFileSync(file, 'utf8') });
  const open = () => {
    const clock = manualClock();
    return { clock, world: createWorld(centres, { clock, random: seededRandom('metro') }) };
  };

  test('quorum-lost blocks the quorum disk of an array', async () => {
    const { world } = open();
    const url = `${originOf('array', 'east')}/ConfigurationManager/v1/objects`;
    const password = Buffer.from('drillbook:drillbook-east').toString('base64');
    const opened = await world.http({
      method: 'POST',
      url: `${url}/sessions`,
      headers: { authorization: `Basic ${password}` },
    });
    const authorization = `Session ${JSON.parse(opened.body).token}`;
    const status = async () => {
      const asked = { method: 'GET', url: `${url}/quorum-disks/0`, headers: { authorization } };
      return JSON.parse((await world.http(asked)).body).status;
    };
    expect(await status()).toBe('NORMAL');
    world.fault('quorum-lost', true, { site: 'east' });
    expect(await status()).toBe('BLOCKED');
    world.fault('quorum-lost', false, { site: 'east' });
    expect(await status()).toBe('NORMAL');
  });

  test('a server of a dead site is evacuated to the other half of its volumes, and writes there', async () => {
    const { world, clock } = open();
    const login = { name: 'drillbook', password: 'drillbook-metro', projectName: 'drillbook' };
    const ask = await cloudCaller(world, 'metro', login);
    const [{ id }] = (await ask('GET /compute/v2.1/servers')).body.servers;
    const health = async () => {
      const url = 'http://10.90.1.11:8080/health';
      return (await world.probe({ method: 'GET', url, headers: {} })).status;
    };
    const drillWrites = () => world.oracle.contents('west', 1000).drillWrites;
    const evacuate = () => ask(`POST /compute/v2.1/servers/${id}/action`, { evacuate: {} });
    expect(await health()).toBe(200);
    world.fault('site-dead', true, { site: 'east' });
    expect(await health()).toBe(502);
    clock.advance(61_000);
    expect((await evacuate()).status).toBe(200);
    clock.advance(10_000);
    const { server } = (await ask(`GET /compute/v2.1/servers/${id}`)).body;
    expect([server.status, server['OS-EXT-SRV-ATTR:host']]).toEqual(['ACTIVE', 'west-compute-1']);
    expect([await health(), drillWrites()]).toEqual([200, 1]);
    clock.advance(1_000);
    world.fault('site-dead', false, { site: 'east' });
    // The half that took the write is the one that is used on, whoever else is back.
    expect([await health(), drillWrites()]).toEqual([200, 2]);
  });

  test('a server whose array is gone altogether is in ERROR after its evacuation', async () => {
    const { world, clock } = open();
    const login = { name: 'drillbook', password: 'drillbook-metro', projectName: 'drillbook' };
    const ask = await cloudCaller(world, 'metro', login);
    const [{ id }] = (await ask('GET /compute/v2.1/servers')).body.servers;
    world.fault('compute-down', true, { site: 'metro' });
    for (const site of ['east', 'west']) world.fault('array-dead', true, { site });
    clock.advance(61_000);
    await ask(`POST /compute/v2.1/servers/${id}/action`, { evacuate: {} });
    clock.advance(10_000);
    const { server } = (await ask(`GET /compute/v2.1/servers/${id}`)).body;
    expect([server.status, server.fault.message]).toEqual([
      'ERROR',
      expect.stringContaining('storage volume backend API'),
    ]);
  });

  test('site-dead takes the hosts of that site, and the cloud goes on with the other', async () => {
    const { world, clock } = open();
    const login = { name: 'drillbook', password: 'drillbook-metro', projectName: 'drillbook' };
    const hosts = async () => {
      const ask = await cloudCaller(world, 'metro', login);
      clock.advance(300_000);
      const { services } = (await ask('GET /compute/v2.1/os-services')).body;
      return services
        .filter(({ binary }: { binary: string }) => binary === 'nova-compute')
        .map(({ host, state }: { host: string; state: string }) => `${host} ${state}`);
    };
    expect(await hosts()).toEqual(['east-compute-1 up', 'west-compute-1 up']);
    world.fault('site-dead', true, { site: 'east' });
    expect(await hosts()).toEqual(['east-compute-1 down', 'west-compute-1 up']);
    world.fault('site-dead', true, { site: 'west' });
    await expect(hosts()).rejects.toThrow('is dead');
    world.fault('site-dead', false, { site: 'west' });
    world.fault('site-dead', false, { site: 'east' });
    expect(await hosts()).toEqual(['east-compute-1 up', 'west-compute-1 up']);
  });
});

test.each(['array', 'cloud'] as const)(
  'door faults strike the door of the %s alone',
  async (door) => {
    const { world } = bench();
    const twin = await serveTwin(world, {
      ports: { arrays: {}, clouds: {}, probe: 0, homeProbe: 0, control: 0 },
    });
    const http = networkHttp();
    const asked = async (url = '') => {
      try {
        return (await http({ method: 'GET', url: `${url}/`, headers: {} })).status > 0;
      } catch {
        return false;
      }
    };
    const both = async () => [
      await asked(twin.urls.arrays['dr']),
      await asked(twin.urls.clouds['dr']),
    ];
    try {
      for (const name of ['door-reset', 'door-truncated'] as const) {
        expect(await both()).toEqual([true, true]);
        world.fault(name, true, { door });
        expect(await both()).toEqual([door !== 'array', door !== 'cloud']);
        expect(await asked(twin.urls.arrays['main'])).toBe(true);
        world.fault(name, false, { door });
      }
      expect(await both()).toEqual([true, true]);
    } finally {
      await twin.close();
    }
  },
);
