import {
  BOOT,
  type Caller,
  DATA,
  FAR,
  INNER,
  message,
  metro,
  OUTER,
  RUNNING,
  SPARE,
  serverBody,
  volumeStatus,
} from './compute-support.ts';

const VOLUMES = `/servers/${RUNNING}/os-volume_attachments`;
const PORTS = `/servers/${RUNNING}/os-interface`;
const attach = (api: Caller, volumeId: string, more: object = {}, minor?: number) =>
  api(`POST ${VOLUMES}`, { volumeAttachment: { volumeId, ...more } }, minor);
const listed = async (api: Caller) =>
  (await api(`GET ${VOLUMES}`)).body.volumeAttachments.map(
    (one: { volumeId: string; device: string }) => `${one.volumeId} ${one.device}`,
  );

describe('volumes of a running server', () => {
  it('passes reserved, attaching and in-use, on the array of its back end', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const made = await attach(api, FAR, { delete_on_termination: true });
    expect([made.status, made.body.volumeAttachment]).toEqual([
      200,
      {
        id: FAR,
        volumeId: FAR,
        serverId: RUNNING,
        device: '/dev/vdc',
        tag: null,
        delete_on_termination: true,
      },
    ]);
    const states: string[] = [];
    for (let step = 0; step < 5; step++) {
      states.push(await volumeStatus(api, FAR));
      rig.clock.advance(500);
    }
    expect([...new Set(states)]).toEqual(['reserved', 'attaching', 'in-use']);
    expect(rig.b.paths).toEqual(['704@a1']);
    expect(rig.b.quiet.size).toBe(0);

    expect((await api(`DELETE ${VOLUMES}/${FAR}`)).status).toBe(202);
    expect(await volumeStatus(api, FAR)).toBe('detaching');
    expect([...rig.b.quiet]).toEqual([704]);
    expect((await api(`DELETE ${VOLUMES}/${FAR}`)).status).toBe(400);
    rig.clock.advance(2_000);
    expect(await volumeStatus(api, FAR)).toBe('available');
    expect(rig.b.paths).toEqual([]);
    expect(await listed(api)).toEqual([`${BOOT} /dev/vda`, `${DATA} /dev/vdb`]);
  });

  it('refuses what is held, unknown, locked, misplaced or the root', async () => {
    const rig = metro();
    const [api, member] = [await rig.as('admin'), await rig.as('minsu')];
    expect(message(await attach(api, BOOT))).toEqual([
      400,
      `Invalid volume: volume ${BOOT} already attached`,
    ]);
    const other = (await api('POST /servers', serverBody({}))).body.server.id;
    expect(message(await attach(api, SPARE))).toEqual([
      400,
      `Invalid volume: volume ${SPARE} is already attached to instances: ${other}`,
    ]);
    expect((await attach(api, 'nope')).status).toBe(404);
    expect((await attach(api, FAR, { device: 'first' })).status).toBe(400);
    expect((await attach(api, FAR, { device: '/dev/vdb' })).status).toBe(409);
    expect((await attach(api, FAR, { delete_on_termination: true }, 78)).status).toBe(400);
    expect(message(await api(`DELETE ${VOLUMES}/${BOOT}`))).toEqual([
      400,
      'Cannot detach a root device volume',
    ]);
    expect(message(await api(`DELETE ${VOLUMES}/${FAR}`))).toEqual([
      404,
      `Instance ${RUNNING} is not attached to volume ${FAR}`,
    ]);
    await api(`POST /servers/${RUNNING}/action`, { lock: null });
    expect((await attach(member, FAR)).status).toBe(409);
    rig.cloud.fault('compute-down', true);
    rig.clock.advance(61_000);
    expect((await api(`DELETE ${VOLUMES}/${DATA}`)).status).toBe(409);
    expect(await volumeStatus(api, FAR)).toBe('available');
  });

  it('gives the volume back when the array refuses the path', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    rig.b.port.addPath = () => {
      throw new Error('no path left');
    };
    await attach(api, FAR);
    rig.clock.advance(10_000);
    await api('GET /servers');
    rig.clock.advance(10_000);
    expect(await volumeStatus(api, FAR)).toBe('available');
    expect(await listed(api)).toHaveLength(2);
  });

  it('shows attachment ids from 2.89, changes delete_on_termination from 2.85', async () => {
    const api = await metro().as('admin');
    const late = (await api(`GET ${VOLUMES}/${DATA}`, undefined, 89)).body.volumeAttachment;
    expect(late).not.toHaveProperty('id');
    expect(late.attachment_id).toMatch(/^[0-9a-f-]{36}$/);
    const wish = { volumeAttachment: { volumeId: DATA, delete_on_termination: true } };
    expect((await api(`PUT ${VOLUMES}/${DATA}`, wish, 85)).status).toBe(202);
    const { body } = await api(`GET ${VOLUMES}/${DATA}`, undefined, 79);
    expect(body.volumeAttachment.delete_on_termination).toBe(true);
    const moved = { volumeAttachment: { volumeId: DATA, device: '/dev/vdz' } };
    expect((await api(`PUT ${VOLUMES}/${DATA}`, moved, 85)).status).toBe(400);
  });
});

describe('ports of a running server', () => {
  const plug = (api: Caller, wish: object) => api(`POST ${PORTS}`, { interfaceAttachment: wish });

  it('makes one in a network and takes it away again, leaves a given one', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const own = (await plug(api, { net_id: INNER, fixed_ips: [{ ip_address: '10.1.0.50' }] })).body
      .interfaceAttachment;
    expect(own.fixed_ips[0].ip_address).toBe('10.1.0.50');
    const given = (await api('POST /network/v2.0/ports', { port: { network_id: INNER } })).body
      .port;
    expect((await plug(api, { port_id: given.id })).status).toBe(200);
    expect((await api(`GET ${PORTS}`)).body.interfaceAttachments).toHaveLength(3);
    const bound = (await api(`GET /network/v2.0/ports/${given.id}`)).body.port;
    expect(bound).toMatchObject({
      device_id: RUNNING,
      device_owner: 'compute:a-az',
      'binding:host_id': 'a1',
      status: 'ACTIVE',
    });
    for (const id of [own.port_id, given.id]) {
      expect((await api(`DELETE ${PORTS}/${id}`)).status).toBe(202);
    }
    expect((await api(`GET /network/v2.0/ports/${own.port_id}`)).status).toBe(404);
    expect((await api(`GET /network/v2.0/ports/${given.id}`)).body.port.device_id).toBe('');
  });

  it('refuses what does not fit', async () => {
    const rig = metro();
    const [api, member] = [await rig.as('admin'), await rig.as('minsu')];
    const [held] = (await api(`GET ${PORTS}`)).body.interfaceAttachments;
    expect((await plug(api, { port_id: held.port_id })).status).toBe(409);
    expect((await plug(api, { port_id: 'nope' })).status).toBe(404);
    expect((await plug(api, { net_id: 'nope' })).status).toBe(404);
    expect((await plug(api, { net_id: INNER, port_id: 'x' })).status).toBe(400);
    expect((await plug(api, { fixed_ips: [{ ip_address: '10.1.0.50' }] })).status).toBe(400);
    expect(
      (await plug(api, { net_id: INNER, fixed_ips: [{ ip_address: '10.1.0.11' }] })).status,
    ).toBe(400);
    expect((await plug(member, { net_id: OUTER })).status).toBe(403);
    expect((await api(`DELETE ${PORTS}/nope`)).status).toBe(202);
  });
});

describe('metadata, tags, keys, flavors', () => {
  const META = `/servers/${RUNNING}/metadata`;
  const TAGS = `/servers/${RUNNING}/tags`;

  it('writes metadata whole and by item', async () => {
    const api = await metro().as('admin');
    await api(`POST ${META}`, { metadata: { a: '1', b: '2' } });
    expect((await api(`PUT ${META}/b`, { meta: { b: '3' } })).body).toEqual({ meta: { b: '3' } });
    expect((await api(`PUT ${META}/b`, { meta: { c: '3' } })).status).toBe(400);
    expect((await api(`DELETE ${META}/a`)).status).toBe(204);
    expect((await api(`DELETE ${META}/a`)).status).toBe(404);
    expect((await api(`GET ${META}`)).body).toEqual({ metadata: { b: '3' } });
  });

  it('tags from 2.26 on, fifty at most', async () => {
    const api = await metro().as('admin');
    expect((await api(`GET ${TAGS}`, undefined, 25)).status).toBe(404);
    expect((await api(`PUT ${TAGS}/drill`)).status).toBe(201);
    expect((await api(`PUT ${TAGS}/drill`)).status).toBe(204);
    expect((await api('GET /servers?tags=drill')).body.servers).toHaveLength(1);
    expect((await api('GET /servers?not-tags=drill')).body.servers).toEqual([]);
    const many = Array.from({ length: 51 }, (_, index) => `t${index}`);
    expect((await api(`PUT ${TAGS}`, { tags: many })).status).toBe(400);
    expect((await api(`DELETE ${TAGS}/drill`)).status).toBe(204);
    expect((await api(`GET ${TAGS}/drill`)).status).toBe(404);
  });

  it('keeps key pairs per user; from 2.92 it makes none itself', async () => {
    const rig = metro();
    const [api, member] = [await rig.as('admin'), await rig.as('minsu')];
    const key = { name: 'ops', public_key: 'ssh-ed25519 AAAAC3 ops@bank' };
    expect((await api('POST /os-keypairs', { keypair: key })).status).toBe(201);
    expect((await api('POST /os-keypairs', { keypair: key })).status).toBe(409);
    expect((await member('GET /os-keypairs/ops')).status).toBe(404);
    const bare = { keypair: { name: 'new' } };
    expect((await api('POST /os-keypairs', bare, 92)).status).toBe(400);
    expect((await api('POST /os-keypairs', bare)).body.keypair.private_key).toBeDefined();
    expect((await api('DELETE /os-keypairs/ops')).status).toBe(204);
  });

  it('shows flavors short and long, and extra specs that only administrators write', async () => {
    const rig = metro();
    const [api, member] = [await rig.as('admin'), await rig.as('minsu')];
    expect(Object.keys((await member('GET /flavors', undefined, 1)).body.flavors[0])).toEqual([
      'id',
      'name',
      'links',
    ]);
    expect((await member('GET /flavors/detail?minRam=4096')).body.flavors).toHaveLength(1);
    const specs = { extra_specs: { 'hw:cpu_policy': 'dedicated' } };
    expect((await member('POST /flavors/large/os-extra_specs', specs)).status).toBe(403);
    expect((await api('POST /flavors/large/os-extra_specs', specs)).status).toBe(200);
    const { flavor } = (await member('GET /flavors/large')).body;
    expect(flavor.extra_specs).toEqual(specs.extra_specs);
    expect((await member('GET /flavors/nope')).status).toBe(404);
    const quota = { quota_set: { instances: 0 } };
    const path = '/os-quota-sets/aaaaaaaa000040008000000000000001';
    expect((await member(`PUT ${path}`, quota)).status).toBe(403);
    expect((await api(`PUT ${path}`, quota)).status).toBe(400);
    expect((await api(`PUT ${path}`, { quota_set: { instances: 1 } })).status).toBe(200);
    expect((await api('POST /servers', serverBody({}))).status).toBe(403);
  });
});
