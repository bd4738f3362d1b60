/**
 * Volumes that a Cinder made and that were then paired: what Hitachi's driver does to the pairs, to
 * their paths and to the LDEVs. Each check says what was found; docs/hbsd.md draws the conclusions.
 */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { BLOCKS_PER_GIB, labelOf } from './hbsd-array.ts';
import { PREFIX } from './hbsd-cloud.ts';
import {
  addPath,
  clone,
  dropPaths,
  mirror,
  PAIR_ISCSI,
  pathsOf,
  resyncClone,
  splitClone,
  type Twin,
  twin,
  unclone,
  unmirror,
  untilMirrored,
} from './hbsd-pairs.ts';
import type { Report } from './hbsd-report.ts';
import type { Centre, Stage } from './hbsd-stage.ts';

const PAIR_PATH = 'CL1-A/DRILLBOOK-PAIR';
const HOST_PATH = 'CL3-B/HBSD-127.0.0.2';

export async function conditions(report: Report, stage: Stage): Promise<void> {
  const { main, dr } = stage;
  let [pvol, svol, copy] = [nothing, nothing, nothing];
  await report.check('volumes of both clouds, paired: UR to DR and a copy there', async () => {
    [pvol, svol, copy] = await Promise.all([twin(main), twin(dr), twin(dr)]);
    await mirror(stage, { pvol, svol });
    await clone(dr, svol, copy);
    return undefined;
  });
  await report.check('1a: detach of a paired volume, with its host', () => detached(main, pvol));
  await report.check('1b: without a host, pair path on FC', () => hostless(main, pvol));
  await report.check('1c: without a host, pair path in an iSCSI target', () => hostlessIscsi(main));
  await report.check('1d: a server is deleted while its host is lost', () => hostLost(main, pvol));
  await report.check('2: label changed by somebody, then delete', () => relabelled(main));
  await report.check('3a: a parked volume is refused everything', () => parked(dr, svol));
  await report.check('3b: force-delete of a parked S-VOL', () => forced(stage, svol));
  await report.check('3c: extend of the P-VOL', () => extended(stage, pvol));
  await report.check('3d: delete of the P-VOL', () => deleted(stage, pvol));
  await report.check('manage of an S-VOL, and of a copy in a pair', () =>
    refused(dr, [svol, copy]),
  );
  await report.check('10: a resync under an attached copy', () => resynced(dr, copy));
  await report.check('6: the server of a drill deletes its volume', () => terminated(dr, copy));
  await report.check('pairs deleted: manage mapped, unmapped, twice', () =>
    adopted(stage, [svol, copy]),
  );
  await report.check('4: bootable flag and image metadata', () => metadata(dr));
  await report.check('5: a type that Cinder encrypts', () => encrypted(dr));
  await report.check('7: quota', () => quota(dr));
  await report.check('8: data reduction', () => reduced(stage));
  await report.check('9: GAD reserve attribute', () => reserved(dr));
}

const nothing: Twin = { id: '', ldevId: -1 };

/** What the driver said since the last time, as the ids of its messages. */
function said({ log }: Centre): string {
  const ids = log.said();
  log.forget();
  return ids.length === 0 ? 'it says nothing' : ids.join(', ');
}

async function attached(centre: Centre, volume: Twin): Promise<{ server: string; root: Twin }> {
  const root = await twin(centre);
  const server = await centre.cloud.boot(root.id);
  await centre.cloud.attach(server, volume.id);
  return { server, root };
}

async function detached(centre: Centre, volume: Twin) {
  const { cloud, array } = centre;
  const { server, root } = await attached(centre, volume);
  assert.deepEqual(await pathsOf(array, volume.ldevId), [PAIR_PATH, HOST_PATH]);
  await cloud.detach(server, volume.id);
  assert.deepEqual(await pathsOf(array, volume.ldevId), [PAIR_PATH]);
  await cloud.removeServer(server);
  await cloud.remove(root.id);
  return 'the path of the host goes, the pair path stays';
}

/** Attached by hand: what Nova attached, Cinder lets nobody else detach (409). */
async function byHand({ cloud, array }: Centre, { id, ldevId }: Twin): Promise<void> {
  const initiator = 'iqn.2026-01.example.drillbook:by-hand';
  const connector = { ip: '127.0.0.2', host: 'by-hand', initiator, multipath: false };
  await cloud.act(id, { 'os-initialize_connection': { connector } });
  assert.ok((await pathsOf(array, ldevId)).includes(HOST_PATH));
}

/** A detach that does not say from which host. */
async function terminate({ cloud }: Centre, { id }: Twin): Promise<number> {
  const action = { 'os-terminate_connection': { connector: {} } };
  return (await cloud.act(id, action, [202, 400, 409, 500])).status;
}

async function hostless(centre: Centre, volume: Twin) {
  const { array } = centre;
  await byHand(centre, volume);
  centre.log.forget();
  const status = await terminate(centre, volume);
  const trace = centre.log.lines().some(({ text }) => text.includes('IndexError'));
  const left = await pathsOf(array, volume.ldevId);
  await dropPaths(array, volume.ldevId, HOST_PATH);
  assert.deepEqual([status, trace], [500, true]);
  assert.deepEqual(left, [PAIR_PATH, HOST_PATH]);
  return `${status}, IndexError in the driver, and no path is removed`;
}

async function hostlessIscsi(centre: Centre) {
  const { array, cloud } = centre;
  const volume = await twin(centre);
  await addPath(array, volume.ldevId, PAIR_ISCSI);
  await byHand(centre, volume);
  const target = 'CL1-B/DRILLBOOK-PAIR';
  const empty = await terminate(centre, volume);
  const afterEmpty = await pathsOf(array, volume.ldevId);
  const iscsiName = 'iqn.2026-01.example.drillbook:nobody';
  await array.change('POST host-iscsis', { body: { ...PAIR_ISCSI, iscsiName } });
  const dummy = await terminate(centre, volume);
  const afterDummy = await pathsOf(array, volume.ldevId);
  await array.change(`DELETE host-iscsis/CL1-B,1,${iscsiName}`);
  await dropPaths(array, volume.ldevId, target);
  const alone = await terminate(centre, volume);
  const afterAlone = await pathsOf(array, volume.ldevId);
  await cloud.remove(volume.id);
  assert.deepEqual([empty, afterEmpty], [500, [target, HOST_PATH]]);
  assert.deepEqual([dummy, afterDummy], [202, [target, HOST_PATH]]);
  assert.deepEqual([alone, afterAlone], [202, []]);
  return (
    `empty target: ${empty}; with a dummy initiator: ${dummy}, yet no path is removed; ` +
    `without any pair path: ${alone} and the path goes`
  );
}

/** Nova deletes without the host's help; the connector comes from Cinder's own record. */
async function hostLost(centre: Centre, volume: Twin) {
  const { cloud, array } = centre;
  const { server, root } = await attached(centre, volume);
  const foreign = await terminate(centre, volume);
  const services = z.object({
    services: z.array(z.object({ id: z.string(), binary: z.string() })),
  });
  const { body } = await cloud.askNova('GET /os-services?binary=nova-compute');
  const [compute] = services.parse(body).services;
  const down = (forced_down: boolean) =>
    cloud.askNova(`PUT /os-services/${compute?.id}`, { forced_down });
  await down(true);
  try {
    await cloud.removeServer(server);
    await cloud.reaches(volume.id, 'available');
  } finally {
    await down(false);
  }
  const left = await pathsOf(array, volume.ldevId);
  await cloud.remove(root.id);
  assert.deepEqual([foreign, left], [409, [PAIR_PATH]]);
  return 'the path of the host goes, the pair path stays; others than Nova may not detach (409)';
}

async function relabelled(centre: Centre) {
  const { cloud, array } = centre;
  const volume = await twin(centre);
  await array.change(`PUT ldevs/${volume.ldevId}`, { body: { label: 'PAY01-DATA' } });
  assert.deepEqual(await array.labelled(volume.id), []);
  await cloud.remove(volume.id);
  assert.equal((await array.ldev(volume.ldevId)).emulationType, 'NOT DEFINED');
  return 'this release deletes by number: the LDEV is gone, whatever its label says';
}

async function parked({ cloud }: Centre, { id }: Twin) {
  await cloud.act(id, { 'os-reset_status': { status: 'maintenance' } });
  const refusals = {
    delete: await cloud.ask(`DELETE /volumes/${id}`, undefined, [202, 400]),
    extend: await cloud.act(id, { 'os-extend': { new_size: 2 } }, [202, 400]),
    snapshot: await cloud.ask('POST /snapshots', { snapshot: { volume_id: id } }, [202, 400]),
    attach: await cloud.ask(
      'POST /attachments',
      { attachment: { volume_uuid: id } },
      [200, 400, 404],
    ),
    reserve: await cloud.act(id, { 'os-reserve': {} }, [202, 400]),
  };
  const statuses = Object.entries(refusals).map(([what, { status }]) => `${what} ${status}`);
  assert.deepEqual(
    statuses.filter((text) => !text.endsWith('400')),
    [],
  );
  assert.equal(await cloud.state(id), 'maintenance');
  return statuses.join(', ');
}

/** The row is out of Cinder's hands afterwards, the LDEV is not. */
async function forced(stage: Stage, { id, ldevId }: Twin) {
  const { cloud, array } = stage.dr;
  stage.dr.log.forget();
  await cloud.act(id, { 'os-force_delete': {} });
  const status = await cloud.rest(() => cloud.state(id));
  const left = await array.ldev(ldevId);
  assert.equal(left.label, labelOf(id));
  assert.ok(left.attributes.includes('HORC'));
  assert.deepEqual([status, left.numOfPorts], ['error_deleting', 0]);
  await untilMirrored(stage);
  const words = said(stage.dr);
  await addPath(array, ldevId);
  await cloud.act(id, { 'os-reset_status': { status: 'available' } });
  return `${status}: both pairs live, the LDEV is there, every LU path is gone (${words})`;
}

async function extended(stage: Stage, { id, ldevId }: Twin) {
  const { cloud, array } = stage.main;
  stage.main.log.forget();
  await cloud.act(id, { 'os-extend': { new_size: 2 } });
  const status = await cloud.rest(() => cloud.state(id));
  const { blockCapacity } = await array.ldev(ldevId);
  const size = (await cloud.volume(id))?.size;
  assert.deepEqual([status, size, blockCapacity], ['error_extending', 1, BLOCKS_PER_GIB]);
  await untilMirrored(stage);
  await cloud.act(id, { 'os-reset_status': { status: 'available' } });
  return `${status}, size and LDEV as before (${said(stage.main)})`;
}

async function deleted(stage: Stage, { id, ldevId }: Twin) {
  const { cloud, array } = stage.main;
  stage.main.log.forget();
  await cloud.ask(`DELETE /volumes/${id}`);
  const status = await cloud.rest(() => cloud.state(id));
  const { numOfPorts, label } = await array.ldev(ldevId);
  assert.deepEqual([status, numOfPorts, label], ['error_deleting', 0, labelOf(id)]);
  await untilMirrored(stage);
  return `${status}: the pair lives, the pair path is gone (${said(stage.main)})`;
}

/** Unmanaged first, so that it is the LDEV that is refused and nothing else. */
async function refused(centre: Centre, twins: readonly Twin[]) {
  const { cloud, array } = centre;
  const found: string[] = [];
  for (const { ldevId } of twins) {
    centre.log.forget();
    const { id, status } = await cloud.managed({ 'source-id': String(ldevId) });
    const { attributes } = await array.ldev(ldevId);
    assert.equal(status, 'error');
    found.push(`${attributes.join('+')}: ${status} (${said(centre)})`);
    await cloud.scrap(id);
    assert.notEqual((await array.ldev(ldevId)).emulationType, 'NOT DEFINED');
  }
  return found.join('; ');
}

async function resynced(centre: Centre, copy: Twin) {
  const { cloud, array } = centre;
  await splitClone(centre);
  const { server, root } = await attached(centre, copy);
  const paths = await pathsOf(array, copy.ldevId);
  await resyncClone(centre);
  const status = await cloud.state(copy.id);
  await cloud.detach(server, copy.id);
  await cloud.removeServer(server);
  await cloud.remove(root.id);
  assert.deepEqual([status, paths], ['in-use', [PAIR_PATH, HOST_PATH]]);
  return `nobody objects, Cinder says ${status}; the array shows ${paths.join(' and ')}`;
}

async function terminated(centre: Centre, copy: Twin) {
  const { cloud, array } = centre;
  await splitClone(centre);
  const server = await cloud.boot(copy.id, { delete_on_termination: true });
  centre.log.forget();
  await cloud.removeServer(server);
  const status = await cloud.rest(() => cloud.state(copy.id));
  const { emulationType, attributes, numOfPorts } = await array.ldev(copy.ldevId);
  assert.deepEqual([status, numOfPorts], ['error_deleting', 0]);
  assert.ok(attributes.includes('MRCF'), emulationType);
  await cloud.act(copy.id, { 'os-reset_status': { status: 'available' } });
  await addPath(array, copy.ldevId);
  return `${status}: only its pair saves the copy, its LU paths are gone (${said(centre)})`;
}

async function adopted(stage: Stage, [svol, copy]: readonly [Twin, Twin]) {
  const { cloud, array } = stage.dr;
  await unclone(stage.dr);
  await unmirror(stage);
  for (const { id } of [svol, copy]) await cloud.act(id, { 'os-unmanage': {} });
  for (const { id } of [svol, copy]) await cloud.reaches(id, 'gone');
  const ref = { 'source-id': String(svol.ldevId) };
  stage.dr.log.forget();
  const mapped = await cloud.managed(ref);
  const words = said(stage.dr);
  await cloud.scrap(mapped.id);
  const kept = await array.ldev(svol.ldevId);
  assert.deepEqual([mapped.status, kept.label], ['error', labelOf(svol.id)]);
  for (const { ldevId } of [svol, copy]) await dropPaths(array, ldevId);
  const [first, second] = [await cloud.managed(ref), await cloud.managed(ref)];
  assert.deepEqual([first.status, second.status], ['available', 'available']);
  assert.equal((await array.ldev(svol.ldevId)).label, labelOf(second.id));
  await cloud.remove(first.id);
  assert.equal((await array.ldev(svol.ldevId)).emulationType, 'NOT DEFINED');
  assert.equal(await cloud.state(second.id), 'available');
  stage.dr.log.forget();
  await cloud.remove(second.id);
  await array.change(`DELETE ldevs/${copy.ldevId}`);
  return (
    `mapped: ${mapped.status} (${words}); unmapped: available, and again available; deleting the ` +
    `first deletes the LDEV of both, deleting the second succeeds (${said(stage.dr)})`
  );
}

async function metadata(centre: Centre) {
  const { cloud } = centre;
  const source = await twin(centre);
  const wish = { hw_firmware_type: 'uefi', hw_disk_bus: 'scsi' };
  await cloud.act(source.id, { 'os-set_bootable': { bootable: true } });
  await cloud.act(source.id, { 'os-set_image_metadata': { metadata: wish } });
  const copied = await cloud.create({ source_volid: source.id });
  await cloud.act(source.id, { 'os-unmanage': {} });
  await cloud.reaches(source.id, 'gone');
  const adopted = await cloud.managed({ 'source-id': String(source.ldevId) });
  const shown = async (id: string) => {
    const volume = await cloud.volume(id);
    return [volume?.bootable, volume?.volume_image_metadata];
  };
  assert.deepEqual(await shown(copied), ['true', wish]);
  assert.deepEqual(await shown(adopted.id), ['false', {}]);
  await Promise.all([copied, adopted.id].map((id) => cloud.remove(id)));
  return 'a clone in Cinder keeps both; what was adopted has neither';
}

async function encrypted({ cloud }: Centre) {
  const volume_type = { name: 'hbsd-luks', extra_specs: { volume_backend_name: 'hbsd' } };
  const { body } = await cloud.ask('POST /types', { volume_type });
  const { id } = z.object({ volume_type: z.object({ id: z.string() }) }).parse(body).volume_type;
  const encryption = { provider: 'luks', control_location: 'front-end', key_size: 256 };
  try {
    await cloud.ask(`POST /types/${id}/encryption`, {
      encryption: { ...encryption, cipher: 'aes-xts-plain64' },
    });
    const seen = await cloud.ask(`GET /types/${id}/encryption`);
    const wish = { volume: { name: PREFIX, size: 1, volume_type: id } };
    const answer = await cloud.ask('POST /volumes', wish, [202, 400, 500]);
    const { provider } = z.object({ provider: z.string() }).parse(seen.body);
    return `the type shows ${provider}; a create without a key manager: ${answer.status}`;
  } finally {
    await cloud.ask(`DELETE /types/${id}`);
  }
}

const usage = z.object({
  quota_set: z.object({ volumes: z.object({ limit: z.number(), in_use: z.number() }) }),
});

async function quota({ cloud }: Centre) {
  const path = `/os-quota-sets/${cloud.projectId}`;
  const used = async () => {
    const { body } = await cloud.ask(`GET ${path}?usage=true`);
    return usage.parse(body).quota_set.volumes;
  };
  const before = await used();
  // The LDEV of the journal: refused for its attributes, after Cinder has counted it.
  const { id, status } = await cloud.managed({ 'source-id': '900' });
  await cloud.scrap(id);
  const after = await used();
  await cloud.ask(`PUT ${path}`, { quota_set: { volumes: after.in_use } });
  try {
    const volume = { name: PREFIX, size: 1, volume_type: 'hbsd' };
    const full = await cloud.ask('POST /volumes', { volume }, [202, 413]);
    const wish = { volume: { host: cloud.pool, ref: { 'source-id': '900' } } };
    const managed = await cloud.ask('POST /manageable_volumes', wish, [202, 413]);
    assert.deepEqual([full.status, managed.status], [413, 413]);
    assert.deepEqual([status, after.in_use - before.in_use], ['error', 1]);
    return (
      `create ${full.status}, manage ${managed.status}; a manage that the driver refuses costs ` +
      'one volume of the quota, also after its row is deleted'
    );
  } finally {
    await cloud.ask(`PUT ${path}`, { quota_set: { volumes: before.limit } });
  }
}

async function reduced(stage: Stage) {
  const { main, dr } = stage;
  const [pvol, svol] = [await twin(main), await twin(dr)];
  const body = { dataReductionMode: 'compression' };
  await main.array.change(`PUT ldevs/${pvol.ldevId}`, { body });
  await dr.array.change(`PUT ldevs/${svol.ldevId}`, { body });
  const copy = await main.cloud.create({ source_volid: pvol.id });
  await assert.rejects(mirror(stage, { pvol, svol }), /isDataReductionForceCopy must be true/);
  await mirror(stage, { pvol, svol }, { isDataReductionForceCopy: true });
  await unmirror(stage);
  await dropPaths(main.array, pvol.ldevId);
  await dropPaths(dr.array, svol.ldevId);
  await Promise.all([pvol.id, copy].map((id) => main.cloud.remove(id)));
  await dr.cloud.remove(svol.id);
  return 'a clone by the driver works, it says so by itself; UR only with isDataReductionForceCopy';
}

async function reserved(centre: Centre) {
  const { cloud, array } = centre;
  const volume = await twin(centre);
  await cloud.act(volume.id, { 'os-unmanage': {} });
  await cloud.reaches(volume.id, 'gone');
  const ldev = `ldevs/${volume.ldevId}`;
  const body = { parameters: { virtualLdevId: RESERVED } };
  await array.change(`POST ${ldev}/actions/assign-virtual-ldevid/invoke`, { body });
  const { virtualLdevId } = z.object({ virtualLdevId: z.number() }).parse(await array.read(ldev));
  const { id, status } = await cloud.managed({ 'source-id': String(volume.ldevId) });
  await cloud.remove(id);
  assert.deepEqual([virtualLdevId, status], [RESERVED, 'available']);
  return `an LDEV with virtual number ${virtualLdevId} is adopted like any other`;
}

/** Marks the S-VOL of a GAD pair to come. */
const RESERVED = 65_535;
