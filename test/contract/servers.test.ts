/** Nova: servers that boot from volumes, what they attach, and how they end. */
import {
  type Caller,
  eventually,
  openSite,
  plain,
  type Session,
  type Site,
  sessionOf,
} from './site.ts';
import { makeVolume, removeVolume, statusOf } from './volume.ts';
import {
  type Answer,
  at,
  fault,
  fields,
  listAt,
  notRouted,
  REQUEST_ID,
  textAt,
  UUID,
  unauthorized,
  ZONELESS,
  ZULU,
} from './wire.ts';

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

const nowhere = '00000000-0000-4000-8000-000000000000';

async function volume(bootable = false): Promise<string> {
  const id = await makeVolume(site, cinder);
  volumes.push(id);
  const body = { 'os-set_bootable': { bootable: true } };
  if (bootable) await cinder(`POST /volumes/${id}/action`, { body });
  return id;
}

const bootBody = (volume: string, more: object = {}) => ({
  server: {
    ...{ name: 'contract', flavorRef: flavor, networks: 'none', metadata: { k: 'v' } },
    block_device_mapping_v2: [
      {
        ...{ boot_index: 0, uuid: volume, source_type: 'volume', destination_type: 'volume' },
        delete_on_termination: false,
      },
    ],
    ...more,
  },
});

const come = (id: string, status: string, where = '/server/status'): Promise<Answer> =>
  eventually(
    site,
    () => nova(`GET /servers/${id}`),
    (answer) => at(answer, where) === status,
  );

async function server(more: object = {}): Promise<{ id: string; volume: string }> {
  const disk = await volume(true);
  const answer = await nova('POST /servers', { body: bootBody(disk, more) });
  const id = textAt(answer, '/server/id');
  servers.push(id);
  await come(id, 'ACTIVE');
  return { id, volume: disk };
}

async function removed(id: string): Promise<Answer> {
  await nova(`DELETE /servers/${id}`);
  return eventually(
    site,
    () => nova(`GET /servers/${id}`),
    ({ status }) => status === 404,
  );
}
const act = (id: string, body: object) => nova(`POST /servers/${id}/action`, { body });

describe('versions and headers', () => {
  test('the endpoint tells its versions', async () => {
    const answer = await plain(own.endpoint('nova'), 'GET /');
    expect(answer.status).toBe(200);
    expect(at(answer, '/version')).toMatchObject({
      ...{ id: 'v2.1', status: 'CURRENT', version: '2.93', min_version: '2.1' },
    });
  });

  test('the answer says which version was used, in both headers', async () => {
    const answer = await nova('GET /servers');
    expect(answer.status).toBe(200);
    expect(answer.headers['openstack-api-version']).toBe('compute 2.79');
    expect(answer.headers['x-openstack-nova-api-version']).toBe('2.79');
    expect(answer.headers['vary']).toBe('OpenStack-API-Version, X-OpenStack-Nova-API-Version');
    expect(answer.headers['x-openstack-request-id']).toMatch(REQUEST_ID);
    expect(answer.headers['x-compute-request-id']).toBe(answer.headers['x-openstack-request-id']);
  });

  test.each([
    [undefined, 200, 'compute 2.1'],
    ['compute latest', 200, 'compute 2.93'],
    // Unlike Cinder, Nova takes the version of another service for none.
    ['volume 3.59', 200, 'compute 2.1'],
    ['compute 2.94', 406, 'compute 2.94'],
    ['compute x', 400, undefined],
  ])('%s: %s', async (version, status, said) => {
    const answer = await own.service('nova', version)('GET /servers');
    expect([answer.status, answer.headers['openstack-api-version']]).toEqual([status, said]);
    const message = 'Version 2.94 is not supported by the API. Minimum is 2.1 and maximum is 2.93.';
    if (status === 406) expect(answer.body).toEqual(fault('computeFault', 406, message));
    if (status === 400) expect(fields(answer.body)).toEqual(['badRequest']);
  });

  test('no token: 401; an unknown path: the 404 of the router', async () => {
    const answer = await plain(own.endpoint('nova'), 'GET /servers');
    expect([answer.status, answer.body]).toEqual([401, unauthorized]);
    const lost = await nova('GET /no-such-thing');
    expect([lost.status, lost.body]).toEqual([404, notRouted]);
  });
});

describe('a server', () => {
  const SHOWN = [
    'OS-DCF:diskConfig OS-EXT-AZ:availability_zone OS-EXT-SRV-ATTR:host OS-EXT-SRV-ATTR:hostname',
    'OS-EXT-SRV-ATTR:hypervisor_hostname OS-EXT-SRV-ATTR:instance_name OS-EXT-SRV-ATTR:kernel_id',
    'OS-EXT-SRV-ATTR:launch_index OS-EXT-SRV-ATTR:ramdisk_id OS-EXT-SRV-ATTR:reservation_id',
    'OS-EXT-SRV-ATTR:root_device_name OS-EXT-SRV-ATTR:user_data OS-EXT-STS:power_state',
    'OS-EXT-STS:task_state OS-EXT-STS:vm_state OS-SRV-USG:launched_at OS-SRV-USG:terminated_at',
    'accessIPv4 accessIPv6 addresses config_drive created description flavor hostId host_status id',
    'image key_name links locked locked_reason metadata name os-extended-volumes:volumes_attached',
    'progress status tags tenant_id trusted_image_certificates updated user_id',
  ];

  test('boots from a volume without a network, and goes to ACTIVE', async () => {
    const disk = await volume(true);
    const answer = await nova('POST /servers', { body: bootBody(disk) });
    expect(answer.status).toBe(202);
    const id = textAt(answer, '/server/id');
    servers.push(id);
    expect(fields(at(answer, '/server'))).toEqual([
      'OS-DCF:diskConfig',
      'adminPass',
      'id',
      'links',
      'security_groups',
    ]);
    expect(answer.headers['location']).toMatch(new RegExp(`/v2.1/servers/${id}$`));
    expect(id).toMatch(UUID);

    const early = await nova(`GET /servers/${id}`);
    expect(['BUILD', 'ACTIVE']).toContain(at(early, '/server/status'));
    const shown = await come(id, 'ACTIVE');
    // Security groups are those of its ports: without any the field is not there.
    const words = SHOWN.join(' ').split(' ');
    expect(fields(at(shown, '/server'))).toEqual([...words, 'server_groups'].sort());
    expect(at(shown, '/server')).toMatchObject({
      ...{ name: 'contract', metadata: { k: 'v' }, addresses: {}, image: '', locked: false },
      ...{ created: expect.stringMatching(ZULU), updated: expect.stringMatching(ZULU) },
      ...{ tenant_id: site.project.id, user_id: own.user, progress: 0, host_status: 'UP' },
      flavor: { original_name: 'c1.m2', vcpus: 1, ram: 2048, disk: 0, ephemeral: 0, swap: 0 },
      'OS-EXT-STS:vm_state': 'active',
      'OS-EXT-STS:power_state': 1,
      'OS-EXT-STS:task_state': null,
      'OS-SRV-USG:launched_at': expect.stringMatching(ZONELESS),
      'os-extended-volumes:volumes_attached': [{ id: disk, delete_on_termination: false }],
    });

    const used = await statusOf(site, cinder, disk, 'in-use');
    expect(at(used, '/volume/attachments')).toEqual([
      {
        ...{ id: disk, volume_id: disk, attachment_id: expect.stringMatching(UUID), server_id: id },
        ...{ host_name: at(shown, '/server/OS-EXT-SRV-ATTR:host') },
        ...{ device: expect.stringMatching(/^\/dev\/[sv]da$/) },
        attached_at: expect.stringMatching(ZONELESS),
      },
    ]);
    const action = `POST /volumes/${disk}/action`;
    for (const refused of [
      await cinder(`DELETE /volumes/${disk}`),
      await cinder(action, { body: { 'os-unmanage': {} } }),
      await cinder(action, { body: { 'os-extend': { new_size: 1 } } }),
    ]) {
      expect([refused.status, fields(refused.body)]).toEqual([400, ['badRequest']]);
    }

    const listed = await nova(`GET /servers/detail?name=contract`);
    expect(listAt(listed, '/servers')).toContainEqual(expect.objectContaining({ id }));
    const first = await nova('GET /servers/detail?limit=1');
    expect(fields(listAt(first, '/servers')[0])).toEqual([...words].sort());
  });

  test('is stopped and started; twice the same: 409', async () => {
    const { id } = await server();
    const stop = await act(id, { 'os-stop': null });
    expect([stop.status, stop.body]).toEqual([202, undefined]);
    expect(stop.headers['content-type']).toMatch(/^application\/json/);
    const stopped = await come(id, 'SHUTOFF');
    expect(at(stopped, '/server/OS-EXT-STS:power_state')).toBe(4);
    const twice = await act(id, { 'os-stop': null });
    expect(twice.status).toBe(409);
    expect(twice.body).toEqual(
      fault(
        'conflictingRequest',
        409,
        `Cannot 'stop' instance ${id} while it is in vm_state stopped`,
      ),
    );
    expect((await act(id, { 'os-start': null })).status).toBe(202);
    await come(id, 'ACTIVE');
  });

  test('is locked: an admin goes on, a member is told', async () => {
    const member = await sessionOf(site, site.member);
    const theirs = member.service('nova', 'compute 2.79');
    const { id } = await server();
    expect((await act(id, { lock: { locked_reason: 'drill' } })).status).toBe(202);
    expect(at(await nova(`GET /servers/${id}`), '/server')).toMatchObject({
      ...{ locked: true, locked_reason: 'drill' },
    });
    const refused = await theirs(`POST /servers/${id}/action`, { body: { 'os-stop': null } });
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual(fault('conflictingRequest', 409, `Instance ${id} is locked`));
    const kept = await theirs(`DELETE /servers/${id}`);
    expect(kept.status).toBe(409);
    expect((await act(id, { unlock: null })).status).toBe(202);
    expect(at(await nova(`GET /servers/${id}`), '/server/locked')).toBe(false);
  });

  test('a member sees no hosts', async () => {
    const { id } = await server();
    const member = await sessionOf(site, site.member);
    const shown = await member.service('nova', 'compute 2.79')(`GET /servers/${id}`);
    expect(shown.status).toBe(200);
    const names = fields(at(shown, '/server'));
    expect(names.filter((name) => name.startsWith('OS-EXT-SRV-ATTR:'))).toEqual([]);
    expect(names).not.toContain('host_status');
  });

  test('is deleted: 204, then 404, and its volume is free again', async () => {
    const { id, volume: disk } = await server();
    const answer = await nova(`DELETE /servers/${id}`);
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    const last = await eventually(
      site,
      () => nova(`GET /servers/${id}`),
      ({ status }) => status === 404,
    );
    expect(last.body).toEqual(fault('itemNotFound', 404, `Instance ${id} could not be found.`));
    const free = await statusOf(site, cinder, disk, 'available');
    expect(at(free, '/volume/attachments')).toEqual([]);
  });
});

describe('volumes of a server', () => {
  test('attached: 200 at once, in-use soon; detached: 202, free soon', async () => {
    const { id } = await server();
    const disk = await volume();
    const path = `/servers/${id}/os-volume_attachments`;
    const body = { volumeAttachment: { volumeId: disk } };
    const answer = await nova(`POST ${path}`, { body });
    expect(answer.status).toBe(200);
    expect(at(answer, '/volumeAttachment')).toEqual({
      ...{
        id: disk,
        volumeId: disk,
        serverId: id,
        device: expect.stringMatching(/^\/dev\/[sv]db$/),
      },
      ...{ tag: null, delete_on_termination: false },
    });
    await statusOf(site, cinder, disk, 'in-use');
    const listed = await nova(`GET ${path}`);
    expect(listAt(listed, '/volumeAttachments')).toHaveLength(2);
    const again = await nova(`POST ${path}`, { body });
    expect([again.status, fields(again.body)]).toEqual([400, ['badRequest']]);
    const off = await nova(`DELETE ${path}/${disk}`);
    expect([off.status, off.body]).toEqual([202, undefined]);
    await statusOf(site, cinder, disk, 'available');
    const twice = await nova(`DELETE ${path}/${disk}`);
    expect([twice.status, fields(twice.body)]).toEqual([404, ['itemNotFound']]);
  });

  test('the one it boots from stays', async () => {
    const { id, volume: disk } = await server();
    const answer = await nova(`DELETE /servers/${id}/os-volume_attachments/${disk}`);
    expect([answer.status, fields(answer.body)]).toEqual([400, ['badRequest']]);
  });
});

describe('refusals', () => {
  const refusal = async (line: string, body: object | undefined) => {
    const answer = await nova(line, body === undefined ? {} : { body });
    if (answer.status === 202) servers.push(textAt(answer, '/server/id'));
    const [key = ''] = fields(answer.body);
    expect(at(answer, `/${key}/code`)).toBe(answer.status);
    return [answer.status, key];
  };

  test('a server nobody knows: 404', async () => {
    const gone = [404, 'itemNotFound'];
    expect(await refusal(`GET /servers/${nowhere}`, undefined)).toEqual(gone);
    expect(await refusal(`DELETE /servers/${nowhere}`, undefined)).toEqual(gone);
    expect(await refusal(`POST /servers/${nowhere}/action`, { 'os-stop': null })).toEqual(gone);
  });

  test('a boot that cannot be', async () => {
    const disk = await volume(true);
    const bad = [400, 'badRequest'];
    expect(await refusal('POST /servers', bootBody(nowhere))).toEqual(bad);
    expect(await refusal('POST /servers', bootBody(disk, { flavorRef: 'none' }))).toEqual(bad);
    expect(await refusal('POST /servers', bootBody(disk, { networks: undefined }))).toEqual(bad);
    expect(await refusal('POST /servers', bootBody(disk, { colour: 'red' }))).toEqual(bad);
    expect(await refusal('POST /servers', bootBody(disk, { name: '' }))).toEqual(bad);
    expect(await refusal('POST /servers', { server: {} })).toEqual(bad);
  });

  test('a volume that is parked or in use', async () => {
    const disk = await volume(true);
    const body = { 'os-reset_status': { status: 'maintenance' } };
    await cinder(`POST /volumes/${disk}/action`, { body });
    const parked = await refusal('POST /servers', bootBody(disk));
    expect(parked).toEqual([400, 'badRequest']);
    expect(at(await cinder(`GET /volumes/${disk}`), '/volume/status')).toBe('maintenance');
    const { volume: used } = await server();
    expect(await refusal('POST /servers', bootBody(used))).toEqual([400, 'badRequest']);
  });

  test('an action nobody knows: 400', async () => {
    const { id } = await server();
    expect(await refusal(`POST /servers/${id}/action`, { 'os-no-such': null })).toEqual([
      400,
      'badRequest',
    ]);
  });
});

describe('services, hypervisors, flavors', () => {
  test('nova-compute is up, and its hypervisor is listed', async () => {
    const found = listAt(await nova('GET /os-services?binary=nova-compute'), '/services');
    expect(fields(found[0])).toEqual(
      'binary disabled_reason forced_down host id state status updated_at zone'.split(' '),
    );
    expect(found[0]).toMatchObject({
      ...{ binary: 'nova-compute', state: 'up', status: 'enabled', forced_down: false },
      ...{ id: expect.stringMatching(UUID), updated_at: expect.stringMatching(ZONELESS) },
    });
    const hosts = listAt(await nova('GET /os-hypervisors'), '/hypervisors');
    expect(hosts[0]).toEqual({
      ...{ id: expect.stringMatching(UUID), hypervisor_hostname: expect.any(String) },
      ...{ state: 'up', status: 'enabled' },
    });
    const zones = listAt(await nova('GET /os-availability-zone'), '/availabilityZoneInfo');
    expect(zones[0]).toEqual({
      ...{ zoneName: expect.any(String), zoneState: { available: true }, hosts: null },
    });
  });

  test('a flavor with all its fields', async () => {
    const [first] = listAt(await nova('GET /flavors/detail'), '/flavors');
    expect(fields(first)).toEqual(
      [
        'OS-FLV-DISABLED:disabled OS-FLV-EXT-DATA:ephemeral description disk extra_specs id links',
        'name os-flavor-access:is_public ram rxtx_factor swap vcpus',
      ]
        .join(' ')
        .split(' '),
    );
  });

  test('forced down and back; the answer is the service', async () => {
    const [first] = listAt(await nova('GET /os-services?binary=nova-compute'), '/services');
    const { id } = first as { id: string };
    const force = (forced: boolean) =>
      nova(`PUT /os-services/${id}`, { body: { forced_down: forced } });
    const down = await force(true);
    expect([down.status, at(down, '/service/forced_down'), at(down, '/service/state')]).toEqual([
      200,
      true,
      'down',
    ]);
    const up = await force(false);
    expect([up.status, at(up, '/service/forced_down')]).toEqual([200, false]);
    await eventually(
      site,
      () => nova('GET /os-services?binary=nova-compute'),
      (answer) => at(answer, '/services/0/state') === 'up',
    );
  });
});
