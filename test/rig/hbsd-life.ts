/** A volume's life under Hitachi's driver; each step is looked at from Cinder and from the array. */
import assert from 'node:assert/strict';
import { BLOCKS_PER_GIB, type LdevView, labelOf } from './hbsd-array.ts';
import { pause, type Report } from './hbsd-report.ts';
import type { Centre } from './hbsd-stage.ts';

export async function lifeOfVolumes(report: Report, centre: Centre): Promise<void> {
  const { cloud, array } = centre;
  const made: Made = { volume: '', ldevId: -1, snapshot: '', copies: [] };
  await report.check('create', () => create(centre, made));
  await report.check('extend', async () => {
    await cloud.act(made.volume, { 'os-extend': { new_size: 5 } });
    await cloud.reaches(made.volume, 'available');
    assert.equal((await cloud.volume(made.volume))?.size, 5);
    assert.equal((await array.ldev(made.ldevId)).blockCapacity, 5 * BLOCKS_PER_GIB);
    return undefined;
  });
  await report.check('snapshot', () => snapshot(centre, made));
  await report.check('volume from the snapshot', () =>
    copy(centre, made, { snapshot_id: made.snapshot }),
  );
  await report.check('volume from the volume', () =>
    copy(centre, made, { source_volid: made.volume }),
  );
  await report.check('attach and detach through Nova', () => attach(centre, made));
  await report.check('unmanage, manage by number, manage by label', () => adopt(centre, made));
  await report.check('delete', () => removeAll(centre, made));
}

interface Made {
  volume: string;
  ldevId: number;
  snapshot: string;
  copies: string[];
}

/** The one LDEV that carries the volume's id, or a failure that says what is there instead. */
async function ldevOf({ array }: Centre, volumeId: string): Promise<LdevView> {
  const [ldev, ...others] = await array.labelled(volumeId);
  assert.ok(ldev !== undefined && others.length === 0, `one LDEV has the label of ${volumeId}`);
  return ldev;
}

async function create(centre: Centre, made: Made) {
  made.volume = await centre.cloud.create({ size: 2 });
  const ldev = await ldevOf(centre, made.volume);
  made.ldevId = ldev.ldevId;
  assert.equal(ldev.blockCapacity, 2 * BLOCKS_PER_GIB);
  assert.deepEqual([...ldev.attributes].sort(), ['CVS', 'HDP']);
  assert.equal(ldev.numOfPorts, 0);
  assert.equal(ldev.status, 'NML');
  return undefined;
}

async function snapshot({ cloud, array }: Centre, made: Made) {
  made.snapshot = await cloud.snapshot(made.volume);
  assert.equal(await cloud.rest(() => cloud.snapshotState(made.snapshot)), 'available');
  const [pair, ...others] = await array.snapshotsOf(made.ldevId);
  assert.ok(pair?.svolLdevId !== undefined && others.length === 0, 'the array has one snapshot');
  assert.equal(pair.status, 'PSUS');
  const svol = await array.ldev(pair.svolLdevId);
  assert.equal(svol.blockCapacity, 5 * BLOCKS_PER_GIB);
  assert.ok(svol.attributes.includes('HTI'), `attributes ${svol.attributes}`);
  assert.notEqual(svol.label, labelOf(made.snapshot));
  return `the LDEV of a snapshot has no label (${JSON.stringify(svol.label)})`;
}

async function copy(centre: Centre, made: Made, source: object) {
  const id = await centre.cloud.create({ size: 5, ...source });
  made.copies.push(id);
  const ldev = await ldevOf(centre, id);
  assert.equal(ldev.blockCapacity, 5 * BLOCKS_PER_GIB);
  // A clone dissolves its pair by itself, when all is copied.
  for (let polls = 0; (await centre.array.ldev(ldev.ldevId)).attributes.includes('HTI'); ) {
    assert.ok(polls++ < 200, `LDEV ${ldev.ldevId} stays in a pair`);
    await pause(200);
  }
  return undefined;
}

/** In the target that the driver made for the host. */
const HOST_PATH = /^CL3-B\/HBSD-/;
const pathsOf = ({ ports }: LdevView) =>
  ports.map(({ portId, hostGroupName }) => `${portId}/${hostGroupName}`);

async function attach(centre: Centre, made: Made) {
  const { cloud, array } = centre;
  const root = await cloud.create();
  made.copies.push(root);
  const server = await cloud.boot(root);
  await cloud.attach(server, made.volume);
  const ldevs = [await ldevOf(centre, root), await ldevOf(centre, made.volume)];
  for (const ldev of ldevs) {
    assert.equal(ldev.ports.length, 1);
    assert.match(pathsOf(ldev)[0] ?? '', HOST_PATH);
  }
  const [{ portId = '', hostGroupNumber = -1 } = {}] = ldevs[0]?.ports ?? [];
  const initiators = await array.initiators(portId, hostGroupNumber);
  assert.ok(initiators.some((name) => name.startsWith('iqn.')));
  await cloud.detach(server, made.volume);
  assert.deepEqual(pathsOf(await ldevOf(centre, made.volume)), []);
  assert.equal((await ldevOf(centre, root)).ports.length, 1);
  await cloud.removeServer(server);
  await cloud.reaches(root, 'available');
  assert.deepEqual(pathsOf(await ldevOf(centre, root)), []);
  const name = ldevs[0]?.ports[0]?.hostGroupName;
  return `target ${name} with ${initiators.join(', ')} stays when its last path is gone`;
}

async function adopt(centre: Centre, made: Made) {
  const { cloud, array } = centre;
  const first = made.copies.shift() ?? '';
  const { ldevId } = await ldevOf(centre, first);
  const unmanaged = async (id: string) => {
    await cloud.act(id, { 'os-unmanage': {} });
    await cloud.reaches(id, 'gone');
    assert.equal((await array.ldev(ldevId)).label, labelOf(id));
  };
  await unmanaged(first);
  const second = await cloud.managed({ 'source-id': String(ldevId) });
  assert.equal(second.status, 'available');
  assert.equal((await cloud.volume(second.id))?.size, 5);
  assert.equal((await array.ldev(ldevId)).label, labelOf(second.id));
  await unmanaged(second.id);
  const third = await cloud.managed({ 'source-name': second.id });
  assert.equal(third.status, 'available');
  assert.equal((await array.ldev(ldevId)).label, labelOf(third.id));
  made.copies.push(third.id);
  return undefined;
}

async function removeAll(centre: Centre, made: Made) {
  const { cloud, array } = centre;
  await cloud.ask(`DELETE /snapshots/${made.snapshot}`);
  while ((await cloud.snapshotState(made.snapshot)) === 'deleting') await pause(200);
  assert.equal(await cloud.snapshotState(made.snapshot), 'gone');
  assert.deepEqual(await array.snapshotsOf(made.ldevId), []);
  const ids = [made.volume, ...made.copies];
  await Promise.all(ids.map((id) => cloud.remove(id)));
  assert.equal((await array.ldev(made.ldevId)).emulationType, 'NOT DEFINED');
  assert.deepEqual(await ownLdevs(centre), []);
  return undefined;
}

/** All LDEVs but those of the scenario. */
export async function ownLdevs({ array }: Centre): Promise<LdevView[]> {
  return (await array.ldevs()).filter(({ label }) => label !== 'HBSD-JNL');
}

/** The answers of fifty creates come back before the first of them is made. */
export async function fiftyAtOnce(report: Report, centre: Centre): Promise<void> {
  const { cloud, array } = centre;
  let ids: string[] = [];
  await report.check('50 volumes at once', async () => {
    ids = await Promise.all(Array.from({ length: 50 }, () => cloud.order()));
    const states = await Promise.all(ids.map((id) => cloud.rest(() => cloud.state(id))));
    assert.deepEqual([...new Set(states)], ['available']);
    const labels = (await ownLdevs(centre)).map(({ label }) => label);
    assert.deepEqual(labels.sort(), ids.map(labelOf).sort());
    return undefined;
  });
  await report.check('all 50 deleted at once', async () => {
    await Promise.all(ids.map((id) => cloud.remove(id)));
    assert.deepEqual(await ownLdevs(centre), []);
    assert.equal((await array.ldevs()).length, 1);
    return undefined;
  });
}
