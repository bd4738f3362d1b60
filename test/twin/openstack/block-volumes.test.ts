/** Volumes from creation to deletion, with the LDEVs they lie on. */
import { act, cinder, cinderUnderTest, shown, volume } from './block-support.ts';
import { IMAGE, OTHER_PROJECT, V1 } from './support.ts';

const size = (gib: number) => ({ 'os-extend': { new_size: gib } });

it('makes an LDEV labelled with the id without dashes, and removes it again', async () => {
  const rig = await cinderUnderTest();
  const { api, array, clock } = rig;
  const made = await api('POST /volumes', { volume: { size: 3, name: 'a', metadata: { k: 'v' } } });
  expect([made.status, made.body.volume.status]).toEqual([202, 'creating']);
  expect(made.body.volume.created_at).toBe('2026-11-22T01:00:00.000000');
  const { id } = made.body.volume;
  clock.advance(900);
  expect((await shown(api, id)).status).toBe('creating');
  clock.advance(100);
  expect(await shown(api, id)).toMatchObject({
    status: 'available',
    size: 3,
    metadata: { k: 'v' },
    volume_type: 'hitachi-vsp',
    'os-vol-host-attr:host': 'cinder-dr@hbsd#pool0',
    replication_status: null,
  });
  const label = id.replaceAll('-', '');
  expect([...array.ldevs.values()]).toContainEqual(expect.objectContaining({ label, sizeGiB: 3 }));
  const gone = await api(`DELETE /volumes/${id}`);
  expect([gone.status, gone.body, gone.headers['content-type']]).toEqual([
    202,
    undefined,
    'text/html; charset=UTF-8',
  ]);
  expect((await shown(api, id)).status).toBe('deleting');
  clock.advance(2_000);
  expect((await api(`GET /volumes/${id}`)).body.itemNotFound.code).toBe(404);
  expect([...array.ldevs.values()].some((one) => one.label === label)).toBe(false);
});

it('copies on the array from a snapshot and from a volume, and boots from an image', async () => {
  const rig = await cinderUnderTest();
  const { api, array, clock } = rig;
  const source = await volume(rig, { size: 2 });
  expect((await shown(api, source)).status).toBe('available');
  const ldev = Math.max(...array.ldevs.keys());
  const snap = await api('POST /snapshots', { snapshot: { volume_id: source, name: 's' } });
  expect([snap.status, snap.body.snapshot.status]).toEqual([202, 'creating']);
  clock.advance(1_000);
  expect((await api(`GET /snapshots/${snap.body.snapshot.id}`)).body.snapshot).toMatchObject({
    status: 'available',
    'os-extended-snapshot-attributes:progress': '100%',
  });
  const clone = await volume(rig, { size: undefined, source_volid: source });
  const restored = await volume(rig, { size: undefined, snapshot_id: snap.body.snapshot.id });
  expect([(await shown(api, clone)).size, (await shown(api, restored)).size]).toEqual([2, 2]);
  expect([...array.ldevs.values()].slice(-3).map(({ from }) => from)).toEqual([
    ldev,
    ldev,
    ldev + 1,
  ]);
  const small = await api('POST /volumes', { volume: { size: 1, source_volid: source } });
  expect(small.body.badRequest.message).toContain('cannot be smaller than original volume size');
  expect((await api('POST /volumes', { volume: { size: 5, imageRef: IMAGE } })).status).toBe(400);
  const booted = await shown(api, await volume(rig, { size: 10, imageRef: IMAGE }));
  expect([booted.bootable, booted.volume_image_metadata.hw_disk_bus]).toEqual(['true', 'scsi']);
  expect((await api(`DELETE /volumes/${source}`)).body.badRequest.message).toContain(
    'have snapshots',
  );
  expect((await api(`DELETE /volumes/${source}?cascade=true`)).status).toBe(202);
  clock.advance(2_000);
  expect((await api('GET /snapshots')).body.snapshots).toEqual([]);
});

it('refuses what Cinder refuses, in its envelope', async () => {
  const { api } = await cinderUnderTest();
  const message = async (wish: object, minor?: number) =>
    (await api('POST /volumes', { volume: wish }, minor)).body;
  expect((await message({ size: 0 })).badRequest.code).toBe(400);
  expect((await message({})).badRequest.message).toContain('must be an integer');
  expect((await message({ size: 1, surprise: 1 })).badRequest.code).toBe(400);
  expect((await message({ size: 1, surprise: 1 }, 52)).volume.status).toBe('creating');
  expect((await message({ size: 1, volume_type: 'x' })).itemNotFound.message).toBe(
    'Volume type with name x could not be found.',
  );
  expect((await message({ size: 1, availability_zone: 'x' })).badRequest.message).toBe(
    "Invalid input received: Availability zone 'x' is invalid.",
  );
  expect((await message({ size: 1, source_volid: 'x' })).itemNotFound.code).toBe(404);
  expect((await act(api, V1, { 'os-wish': {} })).body.badRequest.code).toBe(400);
});

it('extends, renames, keeps metadata, retypes and resets', async () => {
  const rig = await cinderUnderTest();
  const { api, array, clock } = rig;
  const id = await volume(rig);
  expect((await act(api, id, size(1))).body.badRequest.message).toContain('must be greater than');
  expect((await act(api, id, size(4))).status).toBe(202);
  expect((await shown(api, id)).status).toBe('extending');
  clock.advance(1_000);
  expect(await shown(api, id)).toMatchObject({ status: 'available', size: 4 });
  expect([...array.ldevs.values()].at(-1)?.sizeGiB).toBe(4);
  expect((await act(api, V1, size(200))).body.badRequest.message).toContain(
    'currently maintenance',
  );
  await api(`PUT /volumes/${id}`, { volume: { name: '새 이름', metadata: { a: '1' } } });
  await api(`POST /volumes/${id}/metadata`, { metadata: { b: '2' } });
  expect((await api(`DELETE /volumes/${id}/metadata/a`)).status).toBe(200);
  expect(await shown(api, id)).toMatchObject({ name: '새 이름', metadata: { b: '2' } });
  expect((await act(api, id, { 'os-set_bootable': { bootable: 'True' } })).status).toBe(200);
  expect((await act(api, id, { 'os-retype': { new_type: 'replicated' } })).status).toBe(202);
  expect(await shown(api, id)).toMatchObject({ bootable: 'true', volume_type: 'replicated' });
  const reset = (status: string) => act(api, id, { 'os-reset_status': { status } });
  expect((await reset('deleting')).status).toBe(400);
  expect((await reset('in-use')).body.badRequest.message).toContain(
    'does not have any attachments',
  );
  expect((await reset('Maintenance')).status).toBe(202);
  expect((await shown(api, id)).status).toBe('maintenance');
  expect((await api(`DELETE /volumes/${id}?force=true`)).status).toBe(202);
});

it('attaches by hand, read-only too, and lets go of what was never attached', async () => {
  const rig = await cinderUnderTest();
  const { api } = rig;
  const id = await volume(rig);
  expect((await act(api, id, { 'os-detach': {} })).status).toBe(202);
  expect((await act(api, id, { 'os-begin_detaching': {} })).body.badRequest.code).toBe(400);
  await act(api, id, { 'os-update_readonly_flag': { readonly: true } });
  expect((await act(api, id, { 'os-reserve': {} })).status).toBe(202);
  expect((await act(api, id, { 'os-reserve': {} })).body.badRequest.message).toContain(
    'to reserve',
  );
  const attach = (mode: string) =>
    act(api, id, { 'os-attach': { host_name: 'h1', mountpoint: '/dev/vdb', mode } });
  expect((await attach('rw')).status).toBe(400);
  expect((await attach('ro')).status).toBe(202);
  const held = await shown(api, id);
  expect([held.status, held.attachments[0].host_name, held.metadata.readonly]).toEqual([
    'in-use',
    'h1',
    'True',
  ]);
  expect((await act(api, id, { 'os-begin_detaching': {} })).status).toBe(202);
  await act(api, id, { 'os-detach': { attachment_id: held.attachments[0].attachment_id } });
  expect((await shown(api, id)).status).toBe('available');
});

it('shows a member his own, without what is for administrators', async () => {
  const rig = await cinderUnderTest();
  const member = await cinder(rig, { user: 'member' });
  const stranger = await cinder(rig, {
    user: 'member',
    project: 'other',
    projectId: OTHER_PROJECT,
  });
  const seen = await shown(member, V1);
  for (const field of [
    'os-vol-host-attr:host',
    'provider_id',
    'cluster_name',
    'migration_status',
  ]) {
    expect(seen).not.toHaveProperty([field]);
    expect(await shown(rig.api, V1)).toHaveProperty([field]);
  }
  // Asking for all projects is not refused: it is ignored.
  const all = await stranger('GET /volumes/detail?all_tenants=1');
  expect([all.status, all.body.volumes]).toEqual([200, []]);
  expect((await stranger(`GET /volumes/${V1}`)).status).toBe(404);
  expect((await member('GET /os-services')).body.forbidden.message).toBe(
    "Policy doesn't allow volume_extension:services:index to be performed.",
  );
  for (const line of ['GET /scheduler-stats/get_pools', 'PUT /os-services/freeze']) {
    expect((await member(line, {})).status).toBe(403);
  }
  const types = (await member('GET /types')).body.volume_types;
  expect(types.map((one: { extra_specs: object }) => one.extra_specs)).toEqual([
    {},
    { replication_enabled: '<is> True' },
    {},
  ]);
});

it('says 413 with Retry-After when the quota is used up, and lets an admin raise it', async () => {
  const rig = await cinderUnderTest();
  const { api } = rig;
  for (let more = 3; more < 10; more++) await volume(rig);
  const over = await api('POST /volumes', { volume: { size: 1 } });
  expect([over.status, over.headers['retry-after']]).toEqual([413, '0']);
  expect(over.body.overLimit).toEqual({
    code: 413,
    message:
      "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
    retryAfter: '0',
  });
  const { projectId } = { projectId: '6f70656e-0000-4000-8000-000000000001' };
  const set = await api(`PUT /os-quota-sets/${projectId}`, { quota_set: { volumes: 2 } });
  expect(set.body.badRequest.message).toContain('Current usage is 10');
  await api(`PUT /os-quota-sets/${projectId}`, { quota_set: { volumes: 20 } });
  expect((await api('POST /volumes', { volume: { size: 900 } })).body.overLimit.message).toContain(
    'gigabytes quota',
  );
  expect((await api('POST /volumes', { volume: { size: 1 } })).status).toBe(202);
  const usage = await api(`GET /os-quota-sets/${projectId}?usage=True`);
  expect(usage.body.quota_set.volumes).toMatchObject({ limit: 20, in_use: 11 });
});

it('keeps backups, and carries a record from one cloud to another', async () => {
  const rig = await cinderUnderTest();
  const { api, clock } = rig;
  const id = await volume(rig, { size: 2 });
  const made = await api('POST /backups', { backup: { volume_id: id, name: 'b' } });
  expect(made.status).toBe(202);
  expect((await shown(api, id)).status).toBe('backing-up');
  const backup = `/backups/${made.body.backup.id}`;
  expect((await api(`DELETE ${backup}`)).body.badRequest.code).toBe(400);
  clock.advance(20_000);
  expect((await shown(api, id)).status).toBe('available');
  expect((await api(`GET ${backup}`)).body.backup).toMatchObject({ status: 'available', size: 2 });
  const back = await api(`POST ${backup}/restore`, { restore: { volume_id: id } });
  expect([back.status, (await shown(api, id)).status]).toEqual([202, 'restoring-backup']);
  clock.advance(20_000);
  expect((await shown(api, id)).status).toBe('available');
  const record = (await api(`GET ${backup}/export_record`)).body;
  expect((await api('POST /backups/import_record', record)).body.badRequest.message).toContain(
    'already exists',
  );
  const elsewhere = await cinderUnderTest();
  const imported = await elsewhere.api('POST /backups/import_record', record);
  expect([imported.status, imported.body.backup.id]).toEqual([201, made.body.backup.id]);
  expect((await elsewhere.api(`GET ${backup}`)).body.backup.status).toBe('available');
});

it('takes paths with and without a project, and knows calls only from their microversion on', async () => {
  const { api } = await cinderUnderTest();
  expect((await api('GET /messages', undefined, 2)).status).toBe(404);
  expect((await api('GET /messages', undefined, 3)).body.messages).toEqual([]);
  expect((await api('GET /volumes?limit=x')).status).toBe(400);
  expect((await api('GET /volumes?marker=x')).status).toBe(404);
  expect((await api('GET /volumes?with_count=true')).body.count).toBe(3);
  const names = async (sort: string) =>
    (await api(`GET /volumes?sort=${sort}&limit=1`)).body.volumes[0].name;
  expect([await names('name:asc'), await names('name:desc')]).toEqual([
    '계정계 복제본 0',
    '계정계 복제본 2',
  ]);
  const fields = async (minor: number) =>
    Object.keys((await api(`GET /volumes/${V1}`, undefined, minor)).body.volume);
  expect(await fields(62)).not.toContain('volume_type_id');
  expect(await fields(63)).toContain('volume_type_id');
});
