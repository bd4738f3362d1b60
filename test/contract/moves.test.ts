/**
 * The servers of a service that moves, and comes home: every call of switchover, failback and failover
 * to the cloud at DR goes through the real gateways and is carried out by the cloud under test. Arrays
 * and the cloud of main are the twin's in any case.
 */
import * as z from 'zod';
import type { PersonAnswer } from '../../lib/actions/action.ts';
import { portsSchema, serversSchema, volumesSchema } from '../../lib/openstack/schema.ts';
import { boundOf } from '../../lib/runbook/bound.ts';
import { type Course, openCourse, type Wish } from './course.ts';
import { type House, openHouse } from './house.ts';
import { listed } from './not-run.ts';
import { textAt } from './wire.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
}, 120_000);
afterAll(async () => {
  await house.close();
}, 120_000);

/** The runs of one house follow each other. */
let runs = 0;
const open = (wish: Wish): Promise<Course> => {
  runs += 1;
  return openCourse(house, { ...wish, epoch: runs });
};

const cloud = ['cinder', 'nova', 'neutron'] as const;
const moves = (action: string, name: string, work: () => Promise<void>) =>
  listed({ what: action, services: cloud }, name, { work, limitMs: 180_000 });

async function read<T>(target: string, path: string, schema: z.ZodType<T>): Promise<T> {
  const reading = await house.read('dr', `${target}:dr`, path);
  if (!reading.ok) throw new Error(reading.why);
  return schema.parse(reading.body);
}
const serversNow = async () =>
  (await read('nova', '/servers/detail', serversSchema)).servers.filter(({ name }) =>
    name.startsWith('loan-'),
  );
const portsNow = async () => {
  const network = house.service.networks?.['dr'] ?? '';
  const shape = z.looseObject({
    mac_address: z.string(),
    fixed_ips: z.array(z.looseObject({ ip_address: z.string() })),
  });
  const { ports } = await read('neutron', `/v2.0/ports?network_id=${network}`, portsSchema);
  return ports
    .filter(({ device_owner: owner }) => owner !== 'network:dhcp')
    .map((port) => ({
      ...port,
      ...shape.parse(port),
    }));
};
/** How the volumes under the S-VOLs stand, in the order of services.yml. */
async function twinsNow({ plan }: Course): Promise<string[]> {
  const { volumes } = await read('cinder', '/volumes/detail', volumesSchema);
  const twins = boundOf(plan.facts).twins ?? [];
  return twins.map(({ dr }) => volumes.find(({ id }) => id === dr)?.status ?? 'gone');
}

/** Carries the steps out; each must come to its end. On the rig no host of DR has a path to take away. */
async function through(course: Course, ...steps: string[]): Promise<void> {
  for (const id of steps) {
    const { states, reasons } = await course.step(id, peopleOf[id] ?? []);
    const left = Object.values(states).filter((one) => one !== 'done' && one !== 'preexisting');
    expect([id, left, left.length > 0 ? reasons : []]).toEqual([id, [], []]);
  }
}
const answer = { text: 'no power at main since ten', at: 0 };
const peopleOf: Readonly<Record<string, readonly PersonAnswer[]>> = {
  fence: [
    { ...answer, person: 'p-00000001', role: 'operator', part: 'performed' },
    { ...answer, person: 'p-00000002', role: 'operator', part: 'witnessed' },
  ],
};
/** Statuses with which targets answered the calls of a step, by what is done. */
function answers({ asked }: Course, step: string): Record<string, (number | undefined)[]> {
  const found: Record<string, (number | undefined)[]> = {};
  for (const [id, { receipt }] of asked) {
    const [own, name = ''] = id.split('.');
    if (own !== step) continue;
    const [verb = ''] = /^(delete-port|[a-z]+)/.exec(name) ?? [];
    found[verb] = [...(found[verb] ?? []), receipt?.status];
  }
  return found;
}

let away: Course;
moves('switchover', 'main is stopped and drained, the replicas are writable at DR', async () => {
  away = await open({
    runbook: 'switchover',
    steps: ['healthy', 'stop', 'fence', 'drain', 'swap', 'boot', 'verify'],
  });
  await through(away, 'healthy', 'stop', 'fence', 'drain', 'swap');
  expect(answers(away, 'stop')).toEqual({ stop: [202, 202], lock: [202, 202] });
});

moves('servers/boot', 'from the replicas, with the addresses of production', async () => {
  await through(away, 'boot', 'verify');
  expect(answers(away, 'boot')).toEqual({
    ...{ unpark: [202, 202, 202], port: [201, 201], start: [202, 202] },
  });
  const servers = await serversNow();
  expect(servers.map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']);
  const ports = await portsNow();
  const nics = house.service.servers.flatMap((server) => server.nics);
  expect(ports.map((port) => [port.mac_address, port.fixed_ips[0]?.ip_address]).sort()).toEqual(
    nics.map(({ mac, ip }) => [mac, ip]).sort(),
  );
  expect(ports.map((port) => port.device_id).sort()).toEqual(servers.map(({ id }) => id).sort());
  expect(await twinsNow(away)).toEqual(['in-use', 'in-use', 'in-use']);
});

moves('servers/assert', 'they run there', async () => {
  await through(await open({ runbook: 'reprotect', steps: ['working'] }), 'working');
});

moves('servers/stop', 'SHUTOFF and locked at DR; taken back, unlocked and ACTIVE', async () => {
  const course = await open({ runbook: 'failback', steps: ['stop'] });
  await through(course, 'stop');
  expect(answers(course, 'stop')).toEqual({ stop: [202, 202], lock: [202, 202] });
  const stopped = await serversNow();
  expect(stopped.map(({ status, locked }) => [status, locked])).toEqual([
    ...[
      ['SHUTOFF', true],
      ['SHUTOFF', true],
    ],
  ]);
  await through(course, 'undo-stop');
  expect(answers(course, 'undo-stop')).toEqual({ unlock: [202, 202], start: [202, 202] });
  const started = await serversNow();
  expect(started.map(({ status, locked }) => [status, locked])).toEqual([
    ...[
      ['ACTIVE', false],
      ['ACTIVE', false],
    ],
  ]);
});

let home: Course;
moves('servers/start', 'home again: stopped at DR, swapped, started at main', async () => {
  home = await open({
    runbook: 'failback',
    steps: ['stop', 'fence', 'drain', 'swap', 'paths', 'start', 'retire'],
    fenced: { main: boundOf(away.plan.facts).paths?.['main'] ?? [] },
  });
  await through(home, 'stop', 'fence', 'drain', 'swap', 'paths', 'start');
  expect(answers(home, 'start')).toEqual({ unlock: [202, 202], start: [202, 202] });
});

moves('servers/retire', 'servers and ports gone by id, volumes parked', async () => {
  await through(home, 'retire');
  expect(answers(home, 'retire')).toEqual({
    ...{ delete: [204, 204], 'delete-port': [204, 204], park: [202, 202, 202] },
  });
  expect([await serversNow(), await portsNow()]).toEqual([[], []]);
  expect(await twinsNow(home)).toEqual(['maintenance', 'maintenance', 'maintenance']);
});

const takeover = ['fence', 'silent', 'takeover', 'opened'];
moves('failover', 'an address is taken: it stops, and takes back only what it made', async () => {
  await house.lose('main');
  await house.clock.sleep(house.site.kind === 'rig' ? 1_000 : 60_000);
  const course = await open({ runbook: 'failover', steps: [...takeover, 'boot'] });
  await through(course, ...takeover);
  const [, app] = house.service.servers;
  const port = {
    network_id: house.service.networks?.['dr'],
    fixed_ips: [{ ip_address: app?.nics[0]?.ip }],
  };
  const theirs = textAt(await house.stranger('POST /v2.0/ports', { body: { port } }), '/port/id');
  const { states, reasons } = await course.step('boot');
  expect(states).toEqual({ 'boot.port-loan-app1-1': 'refuse' });
  expect(reasons.join()).toMatch(/HTTP 409: .*IpAddressAlreadyAllocated/);
  expect(answers(course, 'boot')).toMatchObject({ port: [201, 409], start: [202] });
  await through(course, 'undo-boot');
  expect(await serversNow()).toEqual([]);
  expect((await portsNow()).map(({ id }) => id)).toEqual([theirs]);
  expect(await twinsNow(home)).toEqual(['maintenance', 'maintenance', 'maintenance']);
  expect((await house.stranger(`DELETE /v2.0/ports/${theirs}`)).status).toBe(204);
});

let disaster: Course;
moves('failover', 'main is given up, the servers start at DR without asking it', async () => {
  disaster = await open({ runbook: 'failover', steps: [...takeover, 'boot'] });
  await through(disaster, ...takeover, 'boot');
  expect((await serversNow()).map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']);
  const granted = [...disaster.asked].filter(([, { receipt }]) => receipt?.grant !== undefined);
  expect(granted).toEqual([]);
});

moves('servers/delete', 'as undo of production: shut down, deleted, parked', async () => {
  await through(disaster, 'undo-boot');
  expect(answers(disaster, 'undo-boot')).toEqual({
    ...{ stop: [202, 202], delete: [204, 204], 'delete-port': [204, 204] },
    park: [202, 202, 202],
  });
  expect([await serversNow(), await portsNow()]).toEqual([[], []]);
  expect(await twinsNow(disaster)).toEqual(['maintenance', 'maintenance', 'maintenance']);
});
