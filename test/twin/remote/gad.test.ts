import { act, groupId, plan, type Rig, remoteOf, rig, state } from './support.ts';

const GAD = { replicationType: 'GAD' };
const cut = (r: Rig, down: boolean) => {
  r.fabric.link('main', 'dr').cut(down, r.clock.now());
  r.fabric.link('dr', 'main').cut(down, r.clock.now());
};

/** Status and I/O mode of both halves of the first pair. */
async function modes(r: Rig, site: 'main' | 'dr' = 'main'): Promise<string[]> {
  const path = `remote-mirror-copygroups/${groupId(site)}`;
  const { body } = await r.admin[site].get(path, remoteOf(r, site));
  const [{ pvolStatus, pvolIOMode, svolStatus, svolIOMode }] = body.copyPairs;
  return [`${pvolStatus} ${pvolIOMode}`, `${svolStatus} ${svolIOMode}`];
}
const writable = (r: Rig) =>
  (['main', 'dr'] as const).map((site) => {
    try {
      r[site].port.write(site === 'main' ? 1000 : 2000);
      return true;
    } catch {
      return false;
    }
  });

it('both volumes are written, and each write is on both', async () => {
  const r = await rig(plan({ type: 'GAD' }));
  expect(await modes(r)).toEqual(['PAIR L/M', 'PAIR L/M']);
  r.dr.port.write(2000);
  r.dr.port.write(2000);
  const both = [r.main.port.contents(1000), r.dr.port.contents(2000)];
  expect(both[0]).toEqual(both[1]);
  expect(both[0]?.drillWrites).toBe(2);
  const { body } = await r.admin.main.get(
    `remote-mirror-copygroups/${groupId('main')}`,
    remoteOf(r, 'main'),
  );
  expect(body.copyPairs[0]).toMatchObject({ quorumDiskId: 1, isAluaEnabled: false });
});

it('split at the P-VOL leaves the P-VOL, swap-split leaves the S-VOL', async () => {
  const r = await rig(plan({ type: 'GAD' }));
  await act(r, ['main', 'split'], GAD);
  expect(await modes(r)).toEqual(['PSUS L/L', 'SSUS B/B']);
  expect(writable(r)).toEqual([true, false]);
  await act(r, ['main', 'resync'], GAD);
  expect(await modes(r)).toEqual(['COPY L/M', 'COPY B/B']);
  expect(writable(r)).toEqual([true, false]);
  r.pass(70);
  expect(writable(r)).toEqual([true, true]);
  await act(r, ['dr', 'split'], { ...GAD, svolOperationMode: 'SSWS' });
  expect(await modes(r)).toEqual(['PSUS B/B', 'SSWS L/L']);
  expect(writable(r)).toEqual([false, true]);
  const low = await r.admin.dr.get('remote-copypairs?replicationType=GAD&headLdevId=2000&count=1');
  expect(low.body.data[0]).toMatchObject({ status: 'SSUS', isSSWS: true, quorumDiskId: 1 });
  const before = r.dr.port.contents(2000).drillWrites;
  await act(r, ['dr', 'resync'], { ...GAD, doSwapSvol: true });
  r.pass(70);
  expect(r.fabric.group('CG')?.direction.from).toBe('dr');
  expect(await modes(r, 'dr')).toEqual(['PAIR L/M', 'PAIR L/M']);
  expect(r.main.port.contents(1000).drillWrites).toBe(before);
});

describe('when the arrays do not see each other', () => {
  it('the P-VOL goes on at the first write, and nothing changes before', async () => {
    const r = await rig(plan({ type: 'GAD' }));
    r.writers.stop('app', 'quiet', r.clock.now());
    cut(r, true);
    r.pass(600);
    expect(await state(r)).toBe('PAIR/PAIR');
    r.writers.go('app', 'quiet', r.clock.now());
    r.pass(1);
    expect(await modes(r)).toEqual(['PSUE L/L', 'PSUE B/B']);
    expect(writable(r)).toEqual([true, false]);
    cut(r, false);
    expect((await act(r, ['main', 'resync'], GAD)).body.state).toBe('Succeeded');
  });

  it('the S-VOL goes on when the array of the P-VOL is dead', async () => {
    const r = await rig(plan({ type: 'GAD' }));
    r.writers.stop('app', 'dead', r.clock.now());
    r.fabric.alive('main', false, r.clock.now());
    r.pass(10);
    r.dr.port.write(2000);
    r.pass(1);
    const { body } = await r.admin.dr.get(`remote-mirror-copygroups/${groupId('dr', 'local')}`);
    expect(body.copyPairs[0]).toMatchObject({ svolStatus: 'SSWS', svolIOMode: 'L/L' });
    r.dr.port.write(2000);
    expect(r.dr.port.contents(2000).drillWrites).toBe(2);
    r.fabric.alive('main', true, r.clock.now());
    expect(await state(r)).toBe('PSUE/SSWS PAIR/PAIR');
    expect(() => r.main.port.write(1000)).toThrow(/P-VOL of pair p0 in PSUE/);
  });

  it('a split at the P-VOL leaves it to its own hosts, before any of them has written', async () => {
    const r = await rig(plan({ type: 'GAD' }));
    r.writers.stop('app', 'quiet', r.clock.now());
    r.fabric.alive('dr', false, r.clock.now());
    r.pass(5);
    await act(r, ['main', 'split'], GAD, { form: 'local' });
    const { body } = await r.admin.main.get(`remote-mirror-copygroups/${groupId('main', 'local')}`);
    expect(body.copyPairs[0]).toMatchObject({ pvolStatus: 'PSUS', pvolIOMode: 'L/L' });
  });

  it('nobody goes on without the quorum disk: blocked', async () => {
    const r = await rig(plan({ type: 'GAD' }));
    const disk = async () => (await r.admin.main.get('quorum-disks/1')).body.status;
    expect(await disk()).toBe('NORMAL');
    r.main.parts.faults.add('quorum-lost');
    r.pass(60);
    expect(await disk()).toBe('BLOCKED');
    expect(await modes(r)).toEqual(['PAIR L/M', 'PAIR L/M']);
    cut(r, true);
    r.pass(1);
    expect(await modes(r)).toEqual(['PSUE B/B', 'PSUE B/B']);
    expect(writable(r)).toEqual([false, false]);
    expect(r.writers.runs('app')).toBe(false);
  });
});

it('pairs of a consistency group are not swap-split one by one', async () => {
  const r = await rig(plan({ type: 'GAD', consistencyGroupId: 3 }));
  const wish = { ...GAD, svolOperationMode: 'SSWS' };
  const one = await act(r, ['dr', 'split'], wish, { pair: 'p0' });
  expect(one.body.error.cause).toContain('consistency group');
  expect((await act(r, ['dr', 'split'], wish)).body.state).toBe('Succeeded');
});

describe('quorum disks over REST', () => {
  it('are listed, made and deleted, but not under pairs', async () => {
    const r = await rig(plan({ type: 'GAD' }));
    const { main } = r.admin;
    expect((await main.get('quorum-disks')).body.data).toEqual([
      {
        quorumDiskId: 1,
        remoteSerialNumber: '40015',
        remoteStorageTypeId: 'R9',
        ldevId: 901,
        readResponseGuaranteedTime: 40,
        status: 'NORMAL',
      },
    ]);
    const wish = { quorumDiskId: 2, remoteSerialNumber: '40015', remoteStorageTypeId: 'R9' };
    const make = async (body: object) => (await main.done('POST', 'quorum-disks', body)).body.state;
    expect(await make({ ...wish, ldevId: 902 })).toBe('Succeeded');
    expect(await make(wish)).toBe('Failed');
    expect(await make({ ...wish, quorumDiskId: 3, remoteSerialNumber: '1' })).toBe('Failed');
    expect(await make({ ...wish, quorumDiskId: 3, remoteSerialNumber: '40014' })).toBe('Failed');
    expect(await make({ ...wish, quorumDiskId: 3, remoteStorageTypeId: 'M8' })).toBe('Failed');
    // Used by another quorum, reached by hosts, not there.
    for (const ldevId of [901, 1000, 77]) {
      expect(await make({ ...wish, quorumDiskId: 3, ldevId })).toBe('Failed');
    }
    expect((await main.send('POST', 'quorum-disks', { quorumDiskId: 40 })).status).toBe(400);
    expect((await main.done('DELETE', 'quorum-disks/1')).body.state).toBe('Failed');
    expect((await main.done('DELETE', 'quorum-disks/2')).body.state).toBe('Succeeded');
    expect((await main.get('quorum-disks/2')).status).toBe(404);
  });
});

it('hosts write on while a path to one of the two volumes is left', async () => {
  const r = await rig(plan({ type: 'GAD' }));
  r.main.port.addPath(1000, 'host');
  r.dr.port.addPath(2000, 'host');
  r.main.port.use(1000, { guest: 'guest', host: 'host' });
  r.main.port.removePath(1000, 'host');
  expect(r.writers.runs('app')).toBe(true);
  r.main.port.write(1000, 'host');
  r.dr.port.removePath(2000, 'host');
  expect(r.writers.runs('app')).toBe(false);
  expect(() => r.main.port.write(1000, 'host')).toThrow('no path');
  r.dr.port.addPath(2000, 'host');
  expect(r.writers.runs('app')).toBe(true);
});
