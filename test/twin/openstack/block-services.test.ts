/** Services, failover, freeze: the traps of a real Cinder, one test each. */
import { act, cinderUnderTest, shown, volume } from './block-support.ts';

type Rig = Awaited<ReturnType<typeof cinderUnderTest>>;

const REPL = 'cinder-dr@repl';
const HBSD = 'cinder-dr@hbsd';

const row = async ({ api }: Rig, host = REPL, minor = 70) =>
  (await api('GET /os-services?binary=cinder-volume', undefined, minor)).body.services.find(
    (one: { host: string }) => one.host === host,
  );
const put = ({ api }: Rig, action: string, body: object) => api(`PUT /os-services/${action}`, body);
const failover = (rig: Rig, backend_id?: string) =>
  put(rig, 'failover_host', { host: REPL, ...(backend_id === undefined ? {} : { backend_id }) });

/** One volume of each kind on the back end with replication. */
async function replicated() {
  const rig = await cinderUnderTest();
  const good = await volume(rig, { volume_type: 'replicated' });
  const plain = await volume(rig, { volume_type: 'unreplicated' });
  expect((await shown(rig.api, good)).replication_status).toBe('enabled');
  return { ...rig, good, plain };
}

it('shows the fields of each microversion, and no replication of the scheduler', async () => {
  const rig = await cinderUnderTest();
  expect(await row(rig)).toEqual({
    binary: 'cinder-volume',
    host: REPL,
    zone: 'nova',
    status: 'enabled',
    state: 'up',
    updated_at: '2026-11-22T01:00:00.000000',
    backend_state: 'up',
    cluster: null,
    disabled_reason: null,
    replication_status: 'enabled',
    active_backend_id: null,
    frozen: false,
  });
  expect(await row(rig, REPL, 48)).not.toHaveProperty('backend_state');
  expect(await row(rig, REPL, 6)).not.toHaveProperty('cluster');
  const scheduler = (await rig.api('GET /os-services?binary=cinder-scheduler')).body.services[0];
  expect(scheduler).not.toHaveProperty('frozen');
});

it('trap 1: what is not replicated ends in error, before the driver is asked', async () => {
  const rig = await replicated();
  const { api, clock, good, plain } = rig;
  const answer = await failover(rig, 'nowhere');
  expect([answer.status, answer.body]).toEqual([202, undefined]);
  expect((await row(rig)).replication_status).toBe('failing-over');
  expect(await shown(api, plain)).toMatchObject({
    status: 'error',
    replication_status: 'not-capable',
  });
  clock.advance(1_000);
  // An unknown target: the service quietly goes back, and the damage is done.
  expect(await row(rig)).toMatchObject({ replication_status: 'enabled', active_backend_id: null });
  await act(api, plain, { 'os-reset_status': { status: 'available' } });
  expect(await shown(api, plain)).toMatchObject({
    status: 'available',
    replication_status: 'not-capable',
  });
  expect((await shown(api, good)).status).toBe('available');
});

it('fails over and back', async () => {
  const rig = await replicated();
  const { api, clock, good } = rig;
  await failover(rig, 'far');
  clock.advance(1_000);
  expect(await row(rig)).toMatchObject({
    status: 'disabled',
    disabled_reason: 'failed-over',
    replication_status: 'failed-over',
    active_backend_id: 'far',
  });
  expect((await shown(api, good)).replication_status).toBe('failed-over');
  expect((await failover(rig, 'far')).status).toBe(202);
  clock.advance(1_000);
  await failover(rig, 'default');
  clock.advance(1_000);
  expect(await row(rig)).toMatchObject({
    status: 'enabled',
    disabled_reason: '',
    replication_status: 'enabled',
    active_backend_id: '',
  });
});

it('refuses a failover without host, of a stranger, and without replication', async () => {
  const rig = await cinderUnderTest();
  const why = async (body: object) =>
    (await put(rig, 'failover_host', body)).body.badRequest.message;
  expect(await why({})).toContain('Host field is missing.');
  expect(await why({ host: 'x@y' })).toBe('No service found with host=x@y');
  expect(await why({ host: HBSD, backend_id: 'far' })).toBe(
    'Invalid input received: No service could be changed: ' +
      `replication_status in ['${HBSD}'] must be ['enabled', 'failed-over'] ` +
      'and must be up to failover.',
  );
  const early = await rig.api('PUT /os-services/failover', { host: REPL }, 25);
  expect(early.body.badRequest.message).toContain('Unknown action');
});

it('trap 2: thawed after a freeze during a failover it is enabled, and still failed over', async () => {
  const rig = await replicated();
  await failover(rig, 'far');
  rig.clock.advance(1_000);
  const frozen = await put(rig, 'freeze', { host: REPL });
  expect([frozen.status, frozen.body]).toEqual([200, undefined]);
  expect(await row(rig)).toMatchObject({ frozen: true, disabled_reason: 'frozen' });
  expect((await put(rig, 'freeze', { host: REPL })).status).toBe(400);
  await put(rig, 'thaw', { host: REPL });
  expect(await row(rig)).toMatchObject({ status: 'enabled', replication_status: 'failed-over' });
  expect((await put(rig, 'thaw', { host: REPL })).status).toBe(400);
});

it('trap 3: a frozen back end refuses a delete, and takes an extend that comes to nothing', async () => {
  const rig = await replicated();
  await put(rig, 'freeze', { host: REPL });
  const kept = await rig.api(`DELETE /volumes/${rig.good}`);
  expect(kept.body.badRequest.message).toContain('not allowed on frozen storage backends');
  expect((await act(rig.api, rig.good, { 'os-extend': { new_size: 2 } })).status).toBe(202);
  rig.clock.advance(1_000);
  expect(await shown(rig.api, rig.good)).toMatchObject({ size: 1, status: 'available' });
  const said = (await rig.api(`GET /messages?resource_uuid=${rig.good}`)).body.messages;
  expect(said[0].event_id).toBe('VOLUME_VOLUME_007_003');
  const fresh = await volume(rig, { volume_type: 'replicated' });
  expect((await shown(rig.api, fresh)).status).toBe('error');
  const { messages } = (await rig.api(`GET /messages?resource_uuid=${fresh}`)).body;
  expect(messages[0]).toMatchObject({
    event_id: 'VOLUME_VOLUME_001_003',
    user_message: expect.stringContaining('Could not find any available weighted backend.'),
  });
});

it('trap 4: out of failover-error only by a restart, and then by enabling it', async () => {
  const rig = await replicated();
  rig.far.state.answers = false;
  await failover(rig, 'far');
  rig.clock.advance(1_000);
  expect(await row(rig)).toMatchObject({
    replication_status: 'failover-error',
    status: 'disabled',
    active_backend_id: null,
  });
  rig.far.state.answers = true;
  expect((await failover(rig, 'far')).status).toBe(400);
  rig.cloud.restart('cinder-volume');
  expect(await row(rig)).toMatchObject({ replication_status: 'enabled', status: 'disabled' });
  const enabled = await put(rig, 'enable', { host: REPL, binary: 'cinder-volume' });
  expect(enabled.body).toMatchObject({ disabled: false, status: 'enabled', host: REPL });
  expect((await row(rig)).status).toBe('enabled');
});

it('trap 5: the pools lag behind by a polling interval', async () => {
  const rig = await cinderUnderTest();
  const free = async () =>
    (await rig.api('GET /scheduler-stats/get_pools?detail=True')).body.pools[0].capabilities;
  rig.clock.advance(60_000);
  const before = (await free()).free_capacity_gb;
  await volume(rig, { size: 7 });
  expect((await free()).free_capacity_gb).toBe(before);
  rig.clock.advance(60_000);
  expect((await free()).free_capacity_gb).toBe(before - 7);
  expect(await free()).toMatchObject({ replication_enabled: false });
});

it('trap 6: after an outage the back end reads down until the scheduler is restarted', async () => {
  const rig = await cinderUnderTest();
  rig.cloud.fault('backend-down', true);
  await row(rig, HBSD);
  rig.clock.advance(60_000);
  // The heartbeat goes on: only the array is gone.
  expect(await row(rig, HBSD)).toMatchObject({ state: 'up', backend_state: 'down' });
  rig.cloud.fault('backend-down', false);
  rig.clock.advance(1_800_000);
  expect(await row(rig, HBSD)).toMatchObject({ state: 'up', backend_state: 'down' });
  const made = await volume(rig);
  expect((await shown(rig.api, made)).status).toBe('available');
  rig.cloud.restart('cinder-scheduler');
  expect((await row(rig, HBSD)).backend_state).toBe('up');
});

it('trap 7: while the array answers 5xx a volume hangs, for ten minutes, and all reads up', async () => {
  const rig = await cinderUnderTest();
  rig.array.state.errs = true;
  const patient = await volume(rig);
  const late = await volume(rig);
  rig.clock.advance(590_000);
  expect((await shown(rig.api, patient)).status).toBe('creating');
  expect(await row(rig, HBSD)).toMatchObject({ state: 'up', backend_state: 'up' });
  rig.clock.advance(2_000);
  expect((await shown(rig.api, patient)).status).toBe('error');
  rig.array.state.errs = false;
  expect((await shown(rig.api, late)).status).toBe('available');
});

it('trap 8: what a dead cinder-volume was asked is done when it returns', async () => {
  const rig = await cinderUnderTest();
  rig.cloud.fault('cinder-down', true);
  const waiting = await volume(rig);
  expect((await row(rig, HBSD)).state).toBe('up');
  rig.clock.advance(60_000);
  expect(await row(rig, HBSD)).toMatchObject({ state: 'down', backend_state: null });
  expect((await shown(rig.api, waiting)).status).toBe('creating');
  expect((await shown(rig.api, await volume(rig))).status).toBe('error');
  const started = rig.clock.now();
  // A freeze waits for an answer that does not come; the row stays frozen.
  expect((await put(rig, 'freeze', { host: HBSD })).status).toBe(500);
  expect(rig.clock.now() - started).toBe(60_000);
  expect((await row(rig, HBSD)).frozen).toBe(true);
  rig.cloud.fault('cinder-down', false);
  expect((await shown(rig.api, waiting)).status).toBe('available');
});
