/** What Nova, Cinder and Neutron answer when a move meets something half done, or somebody was faster. */
import { listed } from './not-run.ts';
import { type Caller, eventually, openSite, type Session, type Site, sessionOf } from './site.ts';
import { makeVolume, removeVolume, statusOf } from './volume.ts';
import { type Answer, at, fault, listAt, textAt } from './wire.ts';

let site: Site;
let own: Session;
let nova: Caller;
let cinder: Caller;
let flavor: string;
const volumes: string[] = [];
const servers: string[] = [];
beforeAll(async () => {
  site = await openSite();
  own = await sessionOf(site);
  nova = own.service('nova', 'compute 2.79');
  cinder = own.service('cinder', 'volume 3.59');
  const found = listAt(await nova('GET /flavors/detail'), '/flavors');
  flavor = (found as { id: string; name: string }[]).find(({ name }) => name === 'c1.m2')?.id ?? '';
});
afterAll(async () => {
  for (const id of servers) await removed(id);
  for (const id of volumes) await removeVolume(site, cinder, id);
  await site.close();
});

async function disk(): Promise<string> {
  const id = await makeVolume(site, cinder);
  volumes.push(id);
  await cinder(`POST /volumes/${id}/action`, { body: { 'os-set_bootable': { bootable: true } } });
  return id;
}
const statusNow = async (volume: string) =>
  at(await cinder(`GET /volumes/${volume}`), '/volume/status');
const reset = (volume: string, status: string) =>
  cinder(`POST /volumes/${volume}/action`, { body: { 'os-reset_status': { status } } });

async function boot(volume: string, networks: unknown = 'none'): Promise<Answer> {
  const device = { uuid: volume, source_type: 'volume', destination_type: 'volume' };
  const answer = await nova('POST /servers', {
    body: {
      server: {
        ...{ name: 'contract-odd', flavorRef: flavor, networks },
        block_device_mapping_v2: [{ ...device, boot_index: 0, delete_on_termination: false }],
      },
    },
  });
  if (answer.status === 202) servers.push(textAt(answer, '/server/id'));
  return answer;
}
const act = (id: string, body: object) => nova(`POST /servers/${id}/action`, { body });
const come = (id: string, status: string): Promise<Answer> =>
  eventually(
    site,
    () => nova(`GET /servers/${id}`),
    (answer) => at(answer, '/server/status') === status,
  );
async function running(networks?: unknown): Promise<{ id: string; volume: string }> {
  const volume = await disk();
  const id = textAt(await boot(volume, networks), '/server/id');
  await come(id, 'ACTIVE');
  return { id, volume };
}
const wentAway = (id: string): Promise<Answer> =>
  eventually(
    site,
    () => nova(`GET /servers/${id}`),
    ({ status }) => status === 404,
  );
async function removed(id: string): Promise<void> {
  await nova(`DELETE /servers/${id}`);
  await wentAway(id);
}
const refusal = (id: string, action: string, why: unknown) =>
  fault('conflictingRequest', 409, `Cannot '${action}' instance ${id} while it is in ${why}`);

test('while it is made: not stopped, but deleted, and its volume is free', async () => {
  const volume = await disk();
  const id = textAt(await boot(volume), '/server/id');
  // A wish that no host has yet is no server; then it is one that is being built.
  const stop = await act(id, { 'os-stop': null });
  expect([404, 409]).toContain(stop.status);
  expect((await nova(`DELETE /servers/${id}`)).status).toBe(204);
  await wentAway(id);
  const free = await statusOf(site, cinder, volume, 'available');
  expect(at(free, '/volume/attachments')).toEqual([]);
});

test('asked twice: power says 409 and what it is, a lock says yes', async () => {
  const { id } = await running();
  expect((await act(id, { unlock: null })).status).toBe(202);
  const start = await act(id, { 'os-start': null });
  expect([start.status, start.body]).toEqual([409, refusal(id, 'start', 'vm_state active')]);
  await act(id, { 'os-stop': null });
  const again = await act(id, { 'os-stop': null });
  const states = ['task_state powering-off', 'vm_state stopped'];
  expect(states.map((state) => refusal(id, 'stop', state))).toContainEqual(again.body);
  await come(id, 'SHUTOFF');
  expect((await act(id, { lock: null })).status).toBe(202);
  expect((await act(id, { lock: null })).status).toBe(202);
  expect(at(await nova(`GET /servers/${id}`), '/server')).toMatchObject({
    ...{ status: 'SHUTOFF', locked: true, locked_reason: null },
  });
});

test('the lock stands against accident: whoever is of the project may take it away', async () => {
  const { id } = await running();
  const member = (await sessionOf(site, site.member)).service('nova', 'compute 2.79');
  const theirs = (body: object) => member(`POST /servers/${id}/action`, { body });
  await act(id, { lock: null });
  const stop = await theirs({ 'os-stop': null });
  expect(stop.body).toEqual(fault('conflictingRequest', 409, `Instance ${id} is locked`));
  expect((await theirs({ unlock: null })).status).toBe(202);
  expect((await theirs({ 'os-stop': null })).status).toBe(202);
  await come(id, 'SHUTOFF');
});

test('a volume parked under its server: that starts all the same, and unparks it as it goes', async () => {
  const { id, volume } = await running();
  await act(id, { 'os-stop': null });
  await come(id, 'SHUTOFF');
  expect((await reset(volume, 'maintenance')).status).toBe(202);
  const parked = await cinder(`GET /volumes/${volume}`);
  expect(at(parked, '/volume')).toMatchObject({
    ...{ status: 'maintenance', attachments: [expect.objectContaining({ server_id: id })] },
  });
  expect((await act(id, { 'os-start': null })).status).toBe(202);
  await come(id, 'ACTIVE');
  await removed(id);
  expect(await statusNow(volume)).toBe('available');
});

test('nothing of a parked volume is changed; parking it again is', async () => {
  const volume = await disk();
  const metadata = `/volumes/${volume}/metadata`;
  await cinder(`POST ${metadata}`, { body: { metadata: { a: 'b' } } });
  await reset(volume, 'maintenance');
  const no = (why: string) => fault('badRequest', 400, `Invalid volume: ${why}`);
  const noMetadata = (doing: string) =>
    no(`${doing} volume metadata is not allowed for volumes in maintenance status.`);
  const noUpdate = no('The volume cannot be updated during maintenance.');
  const bootable = { 'os-set_bootable': { bootable: true } };
  const refused: readonly [string, unknown, object][] = [
    [`POST ${metadata}`, { metadata: { a: 'c' } }, noMetadata('Updating')],
    [`PUT ${metadata}`, { metadata: { a: 'c' } }, noMetadata('Updating')],
    [`PUT ${metadata}/a`, { meta: { a: 'c' } }, noMetadata('Updating')],
    [`DELETE ${metadata}/a`, undefined, noMetadata('Deleting')],
    [`PUT /volumes/${volume}`, { volume: { name: 'x' } }, noUpdate],
    [`POST /volumes/${volume}/action`, bootable, noUpdate],
  ];
  for (const [line, body, why] of refused) {
    const answer = await cinder(line, body === undefined ? {} : { body });
    expect([line, answer.status, answer.body]).toEqual([line, 400, why]);
  }
  expect((await reset(volume, 'maintenance')).status).toBe(202);
});

describe('ports', () => {
  const needs = { what: 'ports of servers', services: ['neutron'] } as const;
  const tried = (name: string, work: () => Promise<void>) => listed(needs, name, { work });
  const networks: string[] = [];
  const service = () => own.service('neutron');
  afterAll(async () => {
    for (const id of networks) {
      const left = listAt(await service()(`GET /v2.0/ports?network_id=${id}`), '/ports');
      for (const port of left) await service()(`DELETE /v2.0/ports/${at(body(port), '/id')}`);
      await service()(`DELETE /v2.0/networks/${id}`);
    }
  });
  const body = (value: unknown): Answer => ({ status: 200, headers: {}, body: value });

  async function network(): Promise<string> {
    const wish = { network: { name: 'contract-odd' } };
    const id = textAt(await service()('POST /v2.0/networks', { body: wish }), '/network/id');
    networks.push(id);
    const subnet = { network_id: id, ip_version: 4, cidr: '10.99.7.0/24', enable_dhcp: false };
    await service()('POST /v2.0/subnets', { body: { subnet } });
    return id;
  }
  const port = (network_id: string, last: number) =>
    service()('POST /v2.0/ports', {
      body: {
        port: {
          ...{ network_id, mac_address: `fa:16:3e:99:07:${last}` },
          fixed_ips: [{ ip_address: `10.99.7.${last}` }],
        },
      },
    });
  const deviceOf = async (id: string) =>
    at(await service()(`GET /v2.0/ports/${id}`), '/port/device_id');

  tried('address and MAC are taken in their own network only', async () => {
    const [one, other] = [await network(), await network()];
    expect((await port(one, 21)).status).toBe(201);
    expect((await port(one, 21)).status).toBe(409);
    expect((await port(other, 21)).status).toBe(201);
  });

  tried('one that is plugged in: no second server gets it, and it can be pulled', async () => {
    const net = await network();
    const id = textAt(await port(net, 31), '/port/id');
    const first = await running([{ port: id }]);
    const volume = await disk();
    const second = await boot(volume, [{ port: id }]);
    const inUse = fault('conflictingRequest', 409, `Port ${id} is still in use.`);
    expect([second.status, second.body]).toEqual([409, inUse]);
    const none = await boot(volume, [{ port: first.id }]);
    const unknown = fault('badRequest', 400, `Port id ${first.id} could not be found.`);
    expect([none.status, none.body]).toEqual([400, unknown]);
    expect(await statusNow(volume)).toBe('available');
    expect(await deviceOf(id)).toBe(first.id);
    // Only what routers use is held by Neutron.
    expect((await service()(`DELETE /v2.0/ports/${id}`)).status).toBe(204);
    expect((await port(net, 31)).status).toBe(201);
  });

  tried('a server that goes: port and volume are free while it is listed', async () => {
    const net = await network();
    const id = textAt(await port(net, 41), '/port/id');
    const { id: server, volume } = await running([{ port: id }]);
    await nova(`DELETE /servers/${server}`);
    const seen: string[] = [];
    await eventually(
      site,
      async () => {
        const shown = await nova(`GET /servers/${server}`);
        const free = (await deviceOf(id)) === '' ? 'port free' : 'port used';
        seen.push(`${shown.status === 404 ? 'gone' : 'there'}, ${free}`);
        return shown;
      },
      ({ status }) => status === 404,
    );
    expect(seen).not.toContain('gone, port used');
    // On a real cloud the moment between the two may pass between two looks.
    if (site.kind !== 'rig') expect(seen).toContain('there, port free');
    expect(seen.at(-1)).toBe('gone, port free');
    expect(await statusNow(volume)).toBe('available');
  });
});
