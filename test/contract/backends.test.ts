/**
 * Cinder's services: what is shown of them, failover of a backend and back, freeze and thaw, and
 * what they do to volumes on the way that nobody would expect.
 */
import { type Caller, eventually, openSite, type Site, sessionOf } from './site.ts';
import { makeVolume, removeVolume, statusOf } from './volume.ts';
import { type Answer, at, fault, fields, listAt, ZONELESS } from './wire.ts';

let site: Site;
let cinder: Caller;
let host: string;
const made: string[] = [];
beforeAll(async () => {
  site = await openSite();
  cinder = (await sessionOf(site)).service('cinder', 'volume 3.70');
  host = site.backend.split('#')[0] ?? '';
});
afterEach(async () => {
  // Whatever a test left: back at home, thawed, enabled.
  const before = at(await service(), '/services/0') as Record<string, unknown>;
  if (before['frozen'] === true) await put('thaw', { host });
  if (before['replication_status'] === 'failed-over') await failTo('default');
  await put('enable', { host, binary: 'cinder-volume' });
  for (const id of made.splice(0)) await removeVolume(site, cinder, id);
});
afterAll(() => site.close());

const service = () => cinder(`GET /os-services?binary=cinder-volume&host=${host}`);
const put = (what: string, body: object) => cinder(`PUT /os-services/${what}`, { body });
const is = (wanted: object) => (answer: Answer) => {
  const found = at(answer, '/services/0') as Record<string, unknown>;
  return Object.entries(wanted).every(([name, value]) => found[name] === value);
};
const becomes = (wanted: object) => eventually(site, service, is(wanted));

async function failTo(backend: string): Promise<Answer> {
  const answer = await put('failover_host', { host, backend_id: backend });
  const wanted = backend === 'default' ? 'enabled' : 'failed-over';
  await becomes({ replication_status: wanted });
  return answer;
}
async function volume(type: 'plain' | 'replicated'): Promise<string> {
  const id = await makeVolume(site, cinder, { volume_type: type });
  made.push(id);
  return id;
}
const shown = async (id: string) =>
  at(await cinder(`GET /volumes/${id}`), '/volume') as Record<string, unknown>;

describe('what is shown', () => {
  test('cinder-volume with its backend, in fields that grow with the version', async () => {
    const answer = await becomes({ backend_state: 'up' });
    expect(answer.status).toBe(200);
    expect(at(answer, '/services/0')).toEqual({
      ...{ binary: 'cinder-volume', host, zone: expect.any(String), status: 'enabled' },
      ...{ state: 'up', backend_state: 'up', cluster: null, replication_status: 'enabled' },
      ...{ frozen: false, updated_at: expect.stringMatching(ZONELESS) },
      // Null on the first day, empty ones after any change.
      active_backend_id: at(answer, '/services/0/active_backend_id') === '' ? '' : null,
      disabled_reason: at(answer, '/services/0/disabled_reason') === '' ? '' : null,
    });
    const session = await sessionOf(site);
    const old = await session.service('cinder')(`GET /os-services?binary=cinder-volume`);
    const names = fields(listAt(old, '/services')[0]);
    expect(names).toEqual(
      [
        'active_backend_id binary disabled_reason frozen host replication_status state status',
        'updated_at zone',
      ]
        .join(' ')
        .split(' '),
    );
    const middle = await session.service('cinder', 'volume 3.48')('GET /os-services');
    expect(fields(listAt(middle, '/services')[0])).not.toContain('backend_state');
  });

  test('the scheduler has neither backend nor replication', async () => {
    const [scheduler] = listAt(
      await cinder('GET /os-services?binary=cinder-scheduler'),
      '/services',
    );
    expect(fields(scheduler)).toEqual(
      'binary cluster disabled_reason host state status updated_at zone'.split(' '),
    );
  });

  test('pools, with capacities and what they replicate to', async () => {
    const answer = await cinder('GET /scheduler-stats/get_pools?detail=True');
    expect(answer.status).toBe(200);
    const pools = listAt(answer, '/pools') as { name: string; capabilities: object }[];
    const pool = pools.find(({ name }) => name === site.backend);
    expect(pool?.capabilities).toMatchObject({
      ...{ replication_enabled: true, replication_targets: [site.backendId] },
      ...{ total_capacity_gb: expect.any(Number), free_capacity_gb: expect.any(Number) },
      ...{ volume_backend_name: expect.any(String), allocated_capacity_gb: expect.any(Number) },
    });
    const brief = await cinder('GET /scheduler-stats/get_pools');
    expect(listAt(brief, '/pools')).toContainEqual({ name: site.backend });
  });

  test('a member may see and do none of it', async () => {
    const member = (await sessionOf(site, site.member)).service('cinder', 'volume 3.70');
    const refused = (rule: string) =>
      fault('forbidden', 403, `Policy doesn't allow ${rule} to be performed.`);
    const list = await member('GET /os-services');
    expect([list.status, list.body]).toEqual([403, refused('volume_extension:services:index')]);
    for (const what of ['failover_host', 'failover', 'freeze', 'thaw', 'enable', 'disable']) {
      const answer = await member(`PUT /os-services/${what}`, { body: { host } });
      const rule = 'volume_extension:services:update';
      expect([what, answer.status, answer.body]).toEqual([what, 403, refused(rule)]);
    }
    const pools = await member('GET /scheduler-stats/get_pools');
    expect([pools.status, pools.body]).toEqual([
      403,
      refused('scheduler_extension:scheduler_stats:get_pools'),
    ]);
  });
});

describe('failover_host', () => {
  test('202 at once; then failed-over and disabled, with words for it; and home again', async () => {
    const id = await volume('replicated');
    const answer = await failTo(site.backendId);
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    expect(at(await service(), '/services/0')).toMatchObject({
      ...{ status: 'disabled', disabled_reason: 'failed-over', backend_state: null },
      ...{ active_backend_id: site.backendId, replication_status: 'failed-over', state: 'up' },
    });
    expect(await shown(id)).toMatchObject({
      ...{ status: 'available', replication_status: 'failed-over' },
    });
    const again = await put('failover_host', { host, backend_id: site.backendId });
    expect(again.status).toBe(202);
    await becomes({ replication_status: 'failed-over' });

    const home = await failTo('default');
    expect([home.status, home.body]).toEqual([202, undefined]);
    expect(at(await service(), '/services/0')).toMatchObject({
      ...{ status: 'enabled', disabled_reason: '', active_backend_id: '' },
    });
    expect(await shown(id)).toMatchObject({ status: 'available', replication_status: 'enabled' });
  });

  test('it puts volumes without replication to error, and their way back is by hand', async () => {
    const id = await volume('plain');
    expect(await shown(id)).toMatchObject({ replication_status: 'disabled' });
    await failTo(site.backendId);
    const failed = { status: 'error', replication_status: 'not-capable' };
    expect(await shown(id)).toMatchObject(failed);
    await failTo('default');
    expect(await shown(id)).toMatchObject(failed);
    const body = { 'os-reset_status': { status: 'available' } };
    await cinder(`POST /volumes/${id}/action`, { body });
    expect(await shown(id)).toMatchObject({
      ...{ status: 'available', replication_status: 'not-capable' },
    });
  });

  test('an unknown target: 202, nothing comes of it, but volumes are in error all the same', async () => {
    const id = await volume('plain');
    const answer = await put('failover_host', { host, backend_id: 'nowhere' });
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    await statusOf(site, cinder, id, 'error');
    await becomes({ replication_status: 'enabled', status: 'enabled' });
    expect(at(await service(), '/services/0/active_backend_id')).not.toBe('nowhere');
  });

  test.each([
    ['no host', {}, 'badRequest', 400],
    ['an unknown host', { host: 'cinder-dr@nowhere' }, 'badRequest', 400],
  ])('%s: 400', async (_, body, key, status) => {
    for (const what of ['failover_host', 'freeze', 'thaw']) {
      const answer = await put(what, body);
      expect([what, answer.status, fields(answer.body)]).toEqual([what, status, [key]]);
    }
  });

  test('the words of those refusals', async () => {
    expect((await put('failover_host', {})).body).toEqual(
      fault('badRequest', 400, 'Invalid input received: Host field is missing.'),
    );
    const answer = await put('failover_host', { host: 'cinder-dr@nowhere' });
    expect(at(answer, '/badRequest/message')).toBe('No service found with host=cinder-dr@nowhere');
  });

  test('the same by its newer name', async () => {
    const answer = await put('failover', { host, backend_id: site.backendId });
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    await becomes({ replication_status: 'failed-over', status: 'disabled' });
    const old = (await sessionOf(site)).service('cinder', 'volume 3.25');
    const refused = await old('PUT /os-services/failover', { body: { host } });
    expect([refused.status, fields(refused.body)]).toEqual([400, ['badRequest']]);
  });
});

describe('freeze and thaw', () => {
  test('200 without a body; frozen and disabled, then enabled; twice: 400', async () => {
    const freeze = await put('freeze', { host });
    expect([freeze.status, freeze.body]).toEqual([200, undefined]);
    expect(at(await service(), '/services/0')).toMatchObject({
      ...{ frozen: true, status: 'disabled', disabled_reason: 'frozen', backend_state: null },
    });
    const twice = await put('freeze', { host });
    expect([twice.status, fields(twice.body)]).toEqual([400, ['badRequest']]);
    const thaw = await put('thaw', { host });
    expect([thaw.status, thaw.body]).toEqual([200, undefined]);
    expect(at(await service(), '/services/0')).toMatchObject({
      ...{ frozen: false, status: 'enabled', disabled_reason: '' },
    });
    const warm = await put('thaw', { host });
    expect([warm.status, fields(warm.body)]).toEqual([400, ['badRequest']]);
  });

  test('while frozen a delete is refused; an extend is accepted and quietly comes to nothing', async () => {
    const id = await volume('plain');
    await put('freeze', { host });
    const refused = await cinder(`DELETE /volumes/${id}`);
    expect(refused.status).toBe(400);
    const words = 'Modification operations are not allowed on frozen storage backends.';
    expect(refused.body).toEqual(fault('badRequest', 400, expect.stringContaining(words)));
    const extend = await cinder(`POST /volumes/${id}/action`, {
      body: { 'os-extend': { new_size: 2 } },
    });
    expect(extend.status).toBe(202);
    expect(at(await statusOf(site, cinder, id, 'available'), '/volume/size')).toBe(1);
    const look = () => cinder(`GET /messages?resource_uuid=${id}`);
    const said = await eventually(site, look, (one) => listAt(one, '/messages').length > 0);
    expect(at(said, '/messages/0')).toMatchObject({
      ...{ event_id: 'VOLUME_VOLUME_007_003', message_level: 'ERROR' },
      user_message: 'extend volume:Could not find any available weighted backend.',
    });
    await put('thaw', { host });
  });

  test('frozen while failed over and thawed: enabled, and still failed over', async () => {
    await failTo(site.backendId);
    expect((await put('freeze', { host })).status).toBe(200);
    expect((await put('thaw', { host })).status).toBe(200);
    expect(at(await service(), '/services/0')).toMatchObject({
      ...{ status: 'enabled', replication_status: 'failed-over', frozen: false },
      active_backend_id: site.backendId,
    });
  });

  test('disabled and enabled by hand: 200 with a body', async () => {
    const body = { host, binary: 'cinder-volume' };
    const off = await put('disable', body);
    expect([off.status, off.body]).toEqual([
      200,
      { ...body, service: '', disabled: true, status: 'disabled' },
    ]);
    const said = await put('disable-log-reason', { ...body, disabled_reason: '점검' });
    expect(at(said, '/disabled_reason')).toBe('점검');
    expect(at(await service(), '/services/0')).toMatchObject({
      ...{ status: 'disabled', disabled_reason: '점검', backend_state: null },
    });
    const on = await put('enable', body);
    expect([on.status, on.body]).toEqual([
      200,
      { ...body, service: '', disabled: false, status: 'enabled' },
    ]);
  });
});
