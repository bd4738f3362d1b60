import {
  BOOT,
  type Caller,
  DATA,
  HOME,
  IMAGE,
  INNER,
  type Metro,
  message,
  metro,
  RUNNING,
  SPARE,
  seen,
  serverBody,
  volumeStatus,
} from './compute-support.ts';
import { parsed } from './support.ts';

const act = (api: Caller, body: object, minor?: number) =>
  api(`POST /servers/${RUNNING}/action`, body, minor);
const probe = async ({ cloud }: Metro) =>
  parsed(await cloud.probe({ method: 'GET', url: 'http://10.1.0.11:8080/health', headers: {} }));

describe('a server of the first day', () => {
  it('runs on its volumes, at its address, and answers inside', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const { server } = (await api(`GET /servers/${RUNNING}`)).body;
    expect(server).toMatchObject({
      status: 'ACTIVE',
      host_status: 'UP',
      'OS-EXT-AZ:availability_zone': 'a-az',
      'OS-EXT-STS:power_state': 1,
      addresses: { inner: [{ addr: '10.1.0.11', 'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:11' }] },
      'os-extended-volumes:volumes_attached': [{ id: BOOT }, { id: DATA }],
    });
    expect(await volumeStatus(api, BOOT)).toBe('in-use');
    expect((await probe(rig)).status).toBe(200);
    expect(rig.a.quiet.size).toBe(0);
  });
});

describe('stopping and starting', () => {
  it('silences the guest the moment it is told to stop, and lets it write again once it runs', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    expect((await act(api, { 'os-stop': null })).status).toBe(202);
    expect([...rig.a.quiet]).toEqual([700, 701]);
    expect(await seen(api, RUNNING)).toEqual(['ACTIVE', 'powering-off', 'a1']);
    expect((await probe(rig)).status).toBe(502);
    expect(message(await act(api, { 'os-start': null }))).toEqual([
      409,
      `Cannot 'start' instance ${RUNNING} while it is in vm_state active`,
    ]);
    rig.clock.advance(2_000);
    expect(await seen(api, RUNNING)).toEqual(['SHUTOFF', null, 'a1']);
    expect((await act(api, { 'os-stop': null })).status).toBe(409);
    expect(await volumeStatus(api, BOOT)).toBe('in-use');

    await act(api, { 'os-start': null });
    expect(rig.a.quiet.size).toBe(2);
    rig.clock.advance(3_000);
    expect(await seen(api, RUNNING)).toEqual(['ACTIVE', null, 'a1']);
    expect(rig.a.quiet.size).toBe(0);
    expect((await probe(rig)).status).toBe(200);
  });

  it('reboots softly only what runs, and says which kind it is', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    await act(api, { reboot: { type: 'HARD' } });
    expect((await seen(api, RUNNING))[0]).toBe('HARD_REBOOT');
    rig.clock.advance(5_000);
    await act(api, { 'os-stop': null });
    rig.clock.advance(2_000);
    expect((await act(api, { reboot: { type: 'SOFT' } })).status).toBe(409);
    expect((await act(api, { reboot: { type: 'NOW' } })).status).toBe(400);
    expect((await act(api, { reboot: { type: 'hard' } })).status).toBe(202);
    rig.clock.advance(5_000);
    expect((await seen(api, RUNNING))[0]).toBe('ACTIVE');
  });

  it('goes on after a restart of the cloud in the middle of a stop', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    await act(api, { 'os-stop': null });
    const state = JSON.parse(JSON.stringify(rig.cloud.snapshot()));
    rig.cloud = rig.fresh();
    rig.cloud.restore(state);
    rig.clock.advance(60_000);
    expect(await seen(api, RUNNING)).toEqual(['SHUTOFF', null, 'a1']);
  });
});

describe('locks', () => {
  it('keeps members from a server an administrator locked', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    const made = (await member('POST /servers', serverBody({}))).body.server.id;
    rig.clock.advance(10_000);
    const doing = (api: Caller, body: object) => api(`POST /servers/${made}/action`, body);
    await doing(admin, { lock: { locked_reason: 'DR 훈련' } });
    expect((await member(`GET /servers/${made}`)).body.server).toMatchObject({
      locked: true,
      locked_reason: 'DR 훈련',
    });
    for (const call of [
      () => doing(member, { 'os-stop': null }),
      () => member(`DELETE /servers/${made}`),
      () => member(`PUT /servers/${made}/metadata`, { metadata: {} }),
    ]) {
      expect(message(await call())).toEqual([409, `Instance ${made} is locked`]);
    }
    expect((await doing(member, { unlock: null })).status).toBe(403);
    expect((await doing(admin, { 'os-stop': null })).status).toBe(202);
    await doing(admin, { unlock: null });
    rig.clock.advance(2_000);
    expect((await doing(member, { 'os-start': null })).status).toBe(202);
    expect((await act(admin, { lock: { locked_reason: 'x' } }, 72)).status).toBe(400);
  });
});

describe('other actions', () => {
  it('resets a state for administrators only, and changes nothing but the row', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    const body = { 'os-resetState': { state: 'error' } };
    expect(message(await act(member, body))).toEqual([
      403,
      "Policy doesn't allow os_compute_api:os-admin-actions:reset_state to be performed.",
    ]);
    expect((await act(admin, body)).status).toBe(202);
    expect((await seen(admin, RUNNING))[0]).toBe('ERROR');
    expect(rig.a.paths).toHaveLength(2);
    await act(admin, { 'os-resetState': { state: 'active' } });
    expect((await seen(admin, RUNNING))[0]).toBe('ACTIVE');
  });

  it('makes an image of a server that boots from a volume, and boots from it again', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const made = await act(api, { createImage: { name: 'before-drill' } });
    expect([made.status, made.headers['content-type']]).toEqual([202, 'application/json']);
    const old = await act(api, { createImage: { name: 'older' } }, 44);
    expect([old.body, old.headers['location']]).toEqual([
      undefined,
      expect.stringContaining('/image/v2/images/'),
    ]);
    const snapshots = (await api(`GET /volume/v3/${HOME}/snapshots`)).body.snapshots;
    expect(snapshots.map((one: { name: string }) => one.name)).toContain(
      'snapshot for before-drill',
    );
  });

  it('shows the console, and tells what it does not do from what does not exist', async () => {
    const api = await metro().as('admin');
    const shown = await act(api, { 'os-getConsoleOutput': { length: 1 } });
    expect(shown.body.output).toBe('pay-db1 login:');
    expect((await act(api, { pause: null })).status).toBe(501);
    expect(message(await act(api, { fly: null }))).toEqual([400, 'There is no such action: fly']);
    expect((await act(api, { 'os-stop': null, 'os-start': null })).status).toBe(400);
  });

  it('writes down what was done, and under which request', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const asked = await act(api, { 'os-stop': null });
    rig.clock.advance(2_000);
    const [first] = (await api(`GET /servers/${RUNNING}/os-instance-actions`)).body.instanceActions;
    expect(first).toMatchObject({
      action: 'stop',
      request_id: asked.headers['x-openstack-request-id'],
    });
    const one = await api(`GET /servers/${RUNNING}/os-instance-actions/${first.request_id}`);
    expect(one.body.instanceAction.events[0].result).toBe('Success');
  });
});

describe('creating', () => {
  it('boots from an image onto a volume that goes with the server', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const disk = {
      uuid: IMAGE,
      source_type: 'image',
      destination_type: 'volume',
      boot_index: 0,
      volume_size: 8,
      delete_on_termination: true,
    };
    const wish = serverBody({ block_device_mapping_v2: [disk], networks: [{ uuid: INNER }] });
    const { id } = (await api('POST /servers', wish)).body.server;
    rig.clock.advance(9_000);
    const { server } = (await api(`GET /servers/${id}`)).body;
    expect(server.status).toBe('ACTIVE');
    expect(server.addresses.inner[0].addr).toMatch(/^10\.1\.0\./);
    const [volume] = server['os-extended-volumes:volumes_attached'];
    expect(await volumeStatus(api, volume.id)).toBe('in-use');
    await api(`DELETE /servers/${id}`);
    rig.clock.advance(10_000);
    await api('GET /servers');
    expect(await volumeStatus(api, volume.id)).toBeUndefined();
    const ports = (await api(`GET /network/v2.0/ports?device_id=${id}`)).body.ports;
    expect(ports).toEqual([]);
  });

  it('refuses what the real one refuses, and takes nothing then', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    const refused = async (server: object, minor?: number) =>
      message(await member('POST /servers', serverBody(server), minor));
    expect(await refused({ networks: undefined })).toEqual([
      400,
      expect.stringContaining("'networks' is a required property"),
    ]);
    expect((await refused({ networks: 'none' }, 36))[0]).toBe(400);
    expect(await refused({ networks: undefined, description: 'x' }, 18)).toEqual([
      400,
      expect.stringContaining("'description' was unexpected"),
    ]);
    expect(await refused({ block_device_mapping_v2: undefined })).toEqual([
      400,
      'Missing imageRef attribute',
    ]);
    expect((await refused({ imageRef: 'nope' }))[1]).toBe('Can not find requested image');
    expect((await refused({ key_name: 'nope' }))[1]).toBe('Invalid key_name provided.');
    expect((await refused({ security_groups: [{ name: 'nope' }] }))[0]).toBe(400);
    expect((await refused({ availability_zone: 'mars' }))[0]).toBe(400);
    expect((await refused({ availability_zone: 'a-az:a2' }))[0]).toBe(403);
    expect((await refused({ networks: [{ uuid: INNER, fixed_ip: '10.1.0.11' }] }))[0]).toBe(400);
    expect((await refused({ min_count: 2, max_count: 1 }))[0]).toBe(400);
    expect((await refused({ user_data: 'not base64!' }))[0]).toBe(400);
    expect(await volumeStatus(admin, SPARE)).toBe('available');
    expect((await admin('GET /servers')).body.servers).toHaveLength(1);
  });

  it('makes several at once, as many as the quota has room for', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const wish = { imageRef: IMAGE, flavorRef: 'large', block_device_mapping_v2: undefined };
    const many = { ...wish, min_count: 2, max_count: 8, return_reservation_id: true };
    const { reservation_id: id } = (await api('POST /servers', serverBody(many))).body;
    const names = (await api(`GET /servers?reservation_id=${id}`)).body.servers.map(
      (one: { name: string }) => one.name,
    );
    // 51,200 MiB less the 2,048 that run already leave room for three of 16,384.
    expect(names).toEqual(['new-3', 'new-2', 'new-1']);
    expect(message(await api('POST /servers', serverBody(many)))).toEqual([
      403,
      'Quota exceeded for cores, ram: Requested 8, 32768, but already used 13, 51200 of 20, 51200 cores, ram',
    ]);
    const limits = (await api('GET /limits')).body.limits.absolute;
    expect([limits.totalRAMUsed, limits.totalInstancesUsed]).toEqual([51_200, 4]);
  });
});

describe('faults', () => {
  it('boot-slow keeps a server in BUILD for twenty minutes', async () => {
    const rig = metro();
    rig.cloud.fault('boot-slow', true);
    const api = await rig.as('admin');
    const { id } = (await api('POST /servers', serverBody({}))).body.server;
    rig.clock.advance(1_199_000);
    expect(await seen(api, id)).toEqual(['BUILD', 'spawning', 'a2']);
    rig.clock.advance(1_000);
    expect((await seen(api, id))[0]).toBe('ACTIVE');
  });

  it('quota-full leaves no server and no port', async () => {
    const rig = metro();
    rig.cloud.fault('quota-full', true);
    const api = await rig.as('admin');
    expect((await api('POST /servers', serverBody({}))).status).toBe(403);
    const port = await api('POST /network/v2.0/ports', { port: { network_id: INNER } });
    expect([port.status, port.body.NeutronError.type]).toEqual([409, 'OverQuota']);
    rig.cloud.fault('quota-full', false);
    expect((await api('POST /servers', serverBody({}))).status).toBe(202);
  });

  it('volume-stuck-attaching holds boots and attaches up until it is gone', async () => {
    const rig = metro();
    rig.cloud.fault('volume-stuck-attaching', true);
    const api = await rig.as('admin');
    const { id } = (await api('POST /servers', serverBody({}))).body.server;
    rig.clock.advance(3_600_000);
    const fresh = await rig.as('admin');
    expect((await seen(fresh, id))[0]).toBe('BUILD');
    expect(await volumeStatus(fresh, SPARE)).toBe('attaching');
    rig.cloud.fault('volume-stuck-attaching', false);
    expect((await seen(fresh, id))[0]).toBe('ACTIVE');
    expect(rig.a.paths).toContain('702@a2');
  });
});
