import {
  BOOT,
  type Caller,
  message,
  metro,
  RUNNING,
  SPARE,
  seen,
  serverBody,
  volumeDisk,
  volumeStatus,
} from './compute-support.ts';
import { parsed } from './support.ts';

const SERVICES = '/os-services';
const computeRow = async (api: Caller, host: string, minor?: number) =>
  (await api(`GET ${SERVICES}?host=${host}`, undefined, minor)).body.services[0];
const forceDown = async (api: Caller, host: string, down = true) =>
  api(`PUT ${SERVICES}/${(await computeRow(api, host)).id}`, { forced_down: down });
const evacuate = (api: Caller, body: object = {}, minor = 79) =>
  api(`POST /servers/${RUNNING}/action`, { evacuate: body }, minor);

describe('compute services', () => {
  it('lists daemons by microversion, for administrators', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    expect((await member(`GET ${SERVICES}`)).status).toBe(403);
    const binaries = (await admin(`GET ${SERVICES}`)).body.services.map(
      (one: { binary: string; host: string }) => `${one.binary}@${one.host}`,
    );
    expect(binaries).toEqual([
      'nova-conductor@metro-controller',
      'nova-scheduler@metro-controller',
      'nova-compute@a1',
      'nova-compute@a2',
      'nova-compute@b1',
    ]);
    expect(await computeRow(admin, 'a1', 10)).toMatchObject({ id: 3, state: 'up' });
    expect(await computeRow(admin, 'a1', 10)).not.toHaveProperty('forced_down');
    expect((await computeRow(admin, 'b1')).zone).toBe('b-az');
  });

  it('disables and forces down by id and, before 2.53, by action', async () => {
    const api = await metro().as('admin');
    const { id } = await computeRow(api, 'a2');
    expect((await api(`PUT ${SERVICES}/${id}`, {})).status).toBe(400);
    expect((await api(`PUT ${SERVICES}/3`, { status: 'disabled' })).status).toBe(400);
    const off = await api(`PUT ${SERVICES}/${id}`, { status: 'disabled', disabled_reason: 'fw' });
    expect(off.body.service).toMatchObject({ status: 'disabled', disabled_reason: 'fw' });
    const on = { host: 'a2', binary: 'nova-compute' };
    expect((await api(`PUT ${SERVICES}/enable`, on, 52)).body.service.status).toBe('enabled');
    const down = await api(`PUT ${SERVICES}/force-down`, { ...on, forced_down: true }, 11);
    expect(down.body.service.forced_down).toBe(true);
    expect((await computeRow(api, 'a2')).state).toBe('down');
    expect((await api(`PUT ${SERVICES}/force-down`, { ...on, forced_down: true }, 10)).status).toBe(
      404,
    );
    const other = { host: 'x', binary: 'nova-scheduler' };
    expect((await api(`PUT ${SERVICES}/disable`, other, 52)).status).toBe(400);
  });

  it('schedules over enabled hosts that are up, into the wished zone', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const boot = async (server: object) => {
      const wish = serverBody({
        block_device_mapping_v2: undefined,
        imageRef: IMAGE_ID,
        ...server,
      });
      const { id } = (await api('POST /servers', wish)).body.server;
      rig.clock.advance(1_000);
      const [status, , host] = await seen(api, id);
      return `${status} ${host}`;
    };
    expect(await boot({})).toBe('BUILD a2');
    expect(await boot({ availability_zone: 'b-az' })).toBe('BUILD b1');
    expect(await boot({ availability_zone: 'a-az:a1' })).toBe('BUILD a1');
    expect(await boot({ host: 'b1' })).toBe('BUILD b1');
    await forceDown(api, 'b1');
    expect(await boot({ availability_zone: 'b-az' })).toBe('ERROR null');
  });

  it('keeps the members of a group apart, and says when it cannot', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const wish = { server_group: { name: 'db', policy: 'anti-affinity' } };
    const { id } = (await api('POST /os-server-groups', wish)).body.server_group;
    const hosts: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      const body = serverBody({ block_device_mapping_v2: undefined, imageRef: IMAGE_ID });
      const hinted = { ...body, 'os:scheduler_hints': { group: id } };
      const made = (await api('POST /servers', hinted)).body.server.id;
      rig.clock.advance(10_000);
      hosts.push((await seen(api, made))[2]);
    }
    expect(hosts).toEqual(['a2', 'b1', 'a1', null]);
    const group = (await api(`GET /os-server-groups/${id}`)).body.server_group;
    expect(group.members).toHaveLength(4);
    const old = { server_group: { name: 'db', policies: ['soft-affinity'] } };
    expect((await api('POST /os-server-groups', old, 14)).status).toBe(400);
    expect((await api('POST /os-server-groups', old, 15)).status).toBe(200);
  });
});

const IMAGE_ID = '33333333-0000-4000-8000-000000000001';

describe('evacuation', () => {
  it('is refused while the host is up', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    expect(message(await evacuate(admin))).toEqual([400, 'Compute service of a1 is still in use.']);
    expect((await evacuate(member)).status).toBe(403);
    await forceDown(admin, 'a1');
    expect((await evacuate(admin, { host: 'a1' })).status).toBe(400);
    expect((await evacuate(admin, { host: 'mars' })).status).toBe(404);
    expect((await evacuate(admin, { force: true, host: 'a2' })).status).toBe(400);
    expect((await evacuate(admin, { onSharedStorage: true })).status).toBe(400);
  });

  it('goes on elsewhere with its paths, and the old host stays out', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    rig.cloud.fault('compute-down', true);
    expect([...rig.a.quiet]).toEqual([700, 701]);
    expect((await api(`GET /servers/${RUNNING}`)).body.server).toMatchObject({
      status: 'ACTIVE',
      host_status: 'UP',
    });
    const died = await computeRow(api, 'a1');
    expect(died.state).toBe('up');
    rig.clock.advance(60_000);
    // Nobody forced it down: until its heartbeat is missed for a minute it counts as up.
    expect((await evacuate(api)).status).toBe(400);
    rig.clock.advance(1_000);
    expect(await computeRow(api, 'a1')).toMatchObject({
      state: 'down',
      updated_at: died.updated_at,
    });
    expect((await api(`GET /servers/${RUNNING}`)).body.server.host_status).toBe('UNKNOWN');
    expect((await evacuate(api)).status).toBe(200);
    expect(await seen(api, RUNNING)).toEqual(['REBUILD', 'rebuilding', 'a1']);
    expect((await evacuate(api)).status).toBe(409);
    rig.clock.advance(6_000);
    expect(await seen(api, RUNNING)).toEqual(['ACTIVE', null, 'a2']);
    expect([...rig.a.paths].sort()).toEqual(['700@a2', '701@a2']);
    expect(rig.a.quiet.size).toBe(0);
    const [attachment] = (await api(`GET /volume/v3/${HOME_ID}/volumes/${BOOT}`)).body.volume
      .attachments;
    expect(attachment).toMatchObject({ server_id: RUNNING, host_name: 'a2' });
    const [migration] = (await api(`GET /os-migrations?instance_uuid=${RUNNING}`)).body.migrations;
    expect(migration).toMatchObject({
      source_compute: 'a1',
      dest_compute: 'a2',
      status: 'done',
      migration_type: 'evacuation',
    });
    rig.cloud.fault('compute-down', false);
    expect((await forceDown(api, 'a1', false)).status).toBe(400);
  });

  it('goes to the other site when told so, and nowhere when there is nothing left', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    await forceDown(api, 'a1');
    await evacuate(api, { host: 'b1' });
    rig.clock.advance(6_000);
    expect(await seen(api, RUNNING)).toEqual(['ACTIVE', null, 'b1']);
    await forceDown(api, 'b1');
    await forceDown(api, 'a2');
    await evacuate(api);
    rig.clock.advance(6_000);
    expect((await seen(api, RUNNING))[0]).toBe('ERROR');
    const { fault } = (await api(`GET /servers/${RUNNING}`)).body.server;
    expect(fault.message).toContain('No valid host');
  });
});

describe('an array that says no', () => {
  it('leaves an evacuated server in ERROR, and a new one too', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    await forceDown(api, 'a1');
    rig.a.port.addPath = () => {
      throw new Error('no LUN left');
    };
    await evacuate(api);
    rig.clock.advance(6_000);
    expect((await seen(api, RUNNING))[0]).toBe('ERROR');
    const { fault } = (await api(`GET /servers/${RUNNING}`)).body.server;
    expect(fault.message).toBe('no LUN left');
    rig.cloud.fault('backend-down', true);
    const { id } = (await api('POST /servers', serverBody({}))).body.server;
    rig.clock.advance(10_000);
    const { server } = (await api(`GET /servers/${id}`)).body;
    expect([server.status, server.fault.message]).toEqual([
      'ERROR',
      expect.stringContaining('storage volume backend API'),
    ]);
  });
});

const HOME_ID = 'aaaaaaaa000040008000000000000001';

describe('a host that is down', () => {
  it('does nothing it was told until it is back, but lets servers be deleted at once', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const { id } = (await api('POST /servers', serverBody({ host: 'a1' }))).body.server;
    rig.clock.advance(10_000);
    rig.cloud.fault('compute-down', true);
    const guest = await rig.cloud.probe({
      method: 'GET',
      url: 'http://10.1.0.11:8080/health',
      headers: {},
    });
    expect(parsed(guest).status).toBe(502);
    await api(`POST /servers/${RUNNING}/action`, { 'os-stop': null });
    rig.clock.advance(61_000);
    expect(await seen(api, RUNNING)).toEqual(['ACTIVE', 'powering-off', 'a1']);
    expect((await api(`DELETE /servers/${id}`)).status).toBe(204);
    expect((await api(`GET /servers/${id}`)).status).toBe(404);
    expect(await volumeStatus(api, SPARE)).toBe('available');
    rig.cloud.fault('compute-down', false);
    expect(await seen(api, RUNNING)).toEqual(['SHUTOFF', null, 'a1']);
  });
});

describe('hypervisors and zones', () => {
  it('shows hosts with their servers, capacity until 2.87', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    expect((await member('GET /os-hypervisors')).status).toBe(403);
    const query = 'hypervisor_hostname_pattern=a1&with_servers=true';
    const [a1] = (await admin(`GET /os-hypervisors/detail?${query}`)).body.hypervisors;
    expect(a1).toMatchObject({
      hypervisor_hostname: 'a1',
      running_vms: 1,
      memory_mb_used: 2560,
      servers: [{ name: 'pay-db1', uuid: RUNNING }],
    });
    const [late] = (await admin(`GET /os-hypervisors/detail?${query}`, undefined, 88)).body
      .hypervisors;
    expect(late).not.toHaveProperty('vcpus');
    expect((await admin(`GET /os-hypervisors?hypervisor_hostname_pattern=x`)).status).toBe(404);
    const zones = (await member('GET /os-availability-zone')).body.availabilityZoneInfo;
    expect(zones).toEqual([
      { zoneName: 'a-az', zoneState: { available: true }, hosts: null },
      { zoneName: 'b-az', zoneState: { available: true }, hosts: null },
    ]);
    expect((await member('GET /os-availability-zone/detail')).status).toBe(403);
  });
});

describe('who sees what', () => {
  it('keeps projects apart, shows deleted servers to administrators only', async () => {
    const rig = metro();
    const [admin, jiwoo] = [await rig.as('admin'), await rig.as('jiwoo', 'loans')];
    expect((await jiwoo(`GET /servers/${RUNNING}`)).status).toBe(404);
    expect((await jiwoo('GET /servers')).body.servers).toEqual([]);
    expect((await jiwoo('GET /servers?all_tenants=1')).status).toBe(403);
    const elsewhere = await rig.as('admin', 'loans');
    expect((await elsewhere('GET /servers?all_tenants=1')).body.servers).toHaveLength(1);
    const own = (
      await jiwoo('POST /servers', serverBody({ block_device_mapping_v2: [volumeDisk('x')] }))
    ).body;
    expect(own.badRequest.message).toContain('failed to get volume x');
    await admin(`DELETE /servers/${RUNNING}`);
    rig.clock.advance(5_000);
    expect((await admin('GET /servers')).body.servers).toEqual([]);
    const dead = (await admin('GET /servers/detail?deleted=true')).body.servers;
    expect(dead.map((one: { status: string }) => one.status)).toEqual(['DELETED']);
    expect((await admin('GET /servers?colour=red', undefined, 75)).status).toBe(400);
    expect((await admin('GET /servers?colour=red', undefined, 74)).status).toBe(200);
    expect((await admin('GET /servers?status=nonsense')).status).toBe(400);
  });

  it('shows a new server as no more than a request until a host is chosen', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const { id } = (await api('POST /servers', serverBody({}))).body.server;
    const fields = async () => {
      const { server } = (await api(`GET /servers/${id}`)).body;
      return [
        server['OS-EXT-SRV-ATTR:instance_name'],
        server['OS-EXT-SRV-ATTR:root_device_name'],
        server['os-extended-volumes:volumes_attached'].length,
        server.security_groups,
      ];
    };
    expect(await fields()).toEqual(['', null, 0, undefined]);
    rig.clock.advance(1_000);
    expect(await fields()).toEqual(['instance-00000002', '/dev/vda', 1, undefined]);
    const running = (await api(`GET /servers/${RUNNING}`)).body.server;
    expect(running.security_groups).toEqual([{ name: 'default' }]);
  });

  it('shows a member no hosts, and each microversion its own fields', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    const fieldsOf = async (api: Caller, minor: number) =>
      Object.keys((await api(`GET /servers/${RUNNING}`, undefined, minor)).body.server);
    expect(await fieldsOf(member, 93)).not.toContain('OS-EXT-SRV-ATTR:host');
    expect(await fieldsOf(member, 90)).toContain('OS-EXT-SRV-ATTR:hostname');
    expect(await fieldsOf(member, 8)).not.toContain('locked');
    expect(await fieldsOf(member, 9)).toContain('locked');
    expect(await fieldsOf(admin, 15)).not.toContain('host_status');
    expect(await fieldsOf(admin, 16)).toContain('host_status');
    expect(await fieldsOf(admin, 71)).toContain('server_groups');
    const { server } = (await member(`GET /servers/${RUNNING}`, undefined, 46)).body;
    expect(server.flavor.id).toBe('small');
    const page = (await admin('GET /servers?limit=1')).body;
    expect(page.servers_links).toBeUndefined();
  });
});
