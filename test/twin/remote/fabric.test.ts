/** Three centres, state that outlives the process, and many pairs. */
import { manualClock } from '../../../lib/clock.ts';
import { hold } from '../../../lib/twin/array/remote/strikes.ts';
import { type Topology, topologySchema } from '../../../lib/twin/topology.ts';
import { login } from '../array-support.ts';
import {
  act,
  DR,
  FAR,
  journal,
  plan,
  type Rig,
  remoteOf,
  rig,
  state,
  threeCentres,
} from './support.ts';

const waiting = `remote-mirror-copygroups/${FAR},WAIT,WAITP_,WAITS_`;

async function centres() {
  const r = await rig(threeCentres());
  const array = r.arrays.get('far');
  if (array === undefined) throw new Error('no far array');
  const far = await login(array);
  const toFar = { 'remote-authorization': far.token };
  return { r, far, toFar, look: async () => (await r.admin.dr.get(waiting, toFar)).body.copyPairs };
}

const mainDies = (r: Rig) => {
  r.fabric.alive('main', false, r.clock.now());
  r.writers.stop('app', 'dead', r.clock.now());
};

describe('three centres', () => {
  it('wait in HOLD, and only differences are sent after the near one took over', async () => {
    const { r, far, toFar, look } = await centres();
    expect((await look())[0]).toMatchObject({ pvolStatus: 'HOLD', svolStatus: 'HOLD' });
    expect(await journal(r, 'dr')).toMatchObject({ muNumber: 2, journalStatus: 'PJNS' });
    const detailed = await r.admin.dr.get(`${waiting}?detailInfoType=class`, toFar);
    expect(detailed.body.copyPairs[0].deltaStatus).toBe('HOLD');
    const wish = { parameters: { replicationType: 'UR' } };
    const early = await r.admin.dr.done('POST', `${waiting}/actions/resync/invoke`, wish, toFar);
    expect(early.body).toMatchObject({ state: 'Failed' });
    expect(early.body.error.cause).toContain('S-VOL of p0 in PAIR');
    expect((await look())[0]).toMatchObject({ pvolStatus: 'HOLD', svolStatus: 'HOLD' });
    mainDies(r);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    r.dr.port.write(2000);
    const sent = await r.admin.dr.done('POST', `${waiting}/actions/resync/invoke`, wish, toFar);
    expect(sent.body.state).toBe('Succeeded');
    r.pass(8);
    expect((await look())[0]).toMatchObject({ pvolStatus: 'PAIR', svolStatus: 'PAIR' });
    r.pass(5);
    expect(r.arrays.get('far')?.port.contents(3000)).toEqual(r.dr.port.contents(2000));
    const local = await far.get('remote-mirror-copygroups/NotSpecified,FAR,FARS_,NotSpecified');
    expect(local.status).toBe(404);
  });

  it('give the differences up when the near journal would be too full, and copy everything', async () => {
    const { r, toFar, look } = await centres();
    const group = r.fabric.group('FAR');
    if (group === undefined) throw new Error('no group FAR');
    hold(group, { flow: 'transfer', on: true }, r.clock.now());
    r.pass(70);
    expect((await look())[0].pvolStatus).toBe('HOLD');
    r.pass(5);
    expect((await look())[0].pvolStatus).toBe('HLDE');
    expect((await journal(r, 'dr'))['journalStatus']).toBe('PJES');
    mainDies(r);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    const wish = { parameters: { replicationType: 'UR' } };
    await r.admin.dr.done('POST', `${waiting}/actions/resync/invoke`, wish, toFar);
    r.pass(20);
    expect((await look())[0].pvolStatus).toBe('COPY');
    r.pass(50);
    expect((await look())[0].pvolStatus).toBe('PAIR');
  });

  it('cannot send differences to a far volume that was resynchronised', async () => {
    const { r, toFar, look } = await centres();
    const path = `remote-mirror-copygroups/${FAR},FAR,FARP_,FARS_/actions`;
    const wish = { parameters: { replicationType: 'UR' } };
    await r.admin.main.done('POST', `${path}/split/invoke`, wish, toFar);
    r.pass(5);
    await r.admin.main.done('POST', `${path}/resync/invoke`, wish, toFar);
    expect((await look())[0].pvolStatus).toBe('HLDE');
  });
});

describe('a restart', () => {
  it('in the middle of anything changes nothing', async () => {
    const r = await rig();
    const group = r.fabric.group('CG');
    if (group === undefined) throw new Error('no group CG');
    hold(group, { flow: 'transfer', on: true }, r.clock.now());
    r.pass(90);
    await act(r, ['main', 'split'], { replicationType: 'UR' });
    const saved = JSON.parse(
      JSON.stringify([
        r.fabric.snapshot(),
        r.writers.snapshot(),
        r.main.snapshot(),
        r.dr.snapshot(),
      ]),
    );
    const again = await rig(plan(), manualClock(r.clock.now()));
    again.writers.restore(saved[1]);
    again.fabric.restore(saved[0]);
    again.main.restore(saved[2]);
    again.dr.restore(saved[3]);
    for (const one of [r, again]) {
      const held = one.fabric.group('CG');
      if (held !== undefined) hold(held, { flow: 'transfer', on: false }, one.clock.now());
      one.fabric.settle(one.clock.now());
    }
    expect(again.fabric.snapshot()).toEqual(r.fabric.snapshot());
    r.pass(60);
    expect(await state(r)).toBe('PSUS/SSUS');
    again.clock.advance(60_000);
    again.fabric.settle(again.clock.now());
    expect(again.fabric.snapshot()).toEqual(r.fabric.snapshot());
    expect(again.dr.port.contents(2000)).toEqual(r.dr.port.contents(2000));
  });
});

/** Groups with 50 pairs each on two arrays; every group has its own journals and hosts. */
function many(groups: number): Topology {
  const each = Array.from({ length: groups }, (_, i) => i);
  const side = (id: string, sid: string, first: number) => ({
    id,
    storageDeviceId: sid,
    users: [{ user: 'admin', password: 'admin-password' }],
    ranges: [{ firstLdevId: first, count: groups * 50, sizeGiB: 10, paths: [] }],
    ldevs: each.map((i) => ({ ldevId: 60_000 + i, sizeGiB: 100 })),
    journals: each.map((i) => ({ journalId: i, ldevIds: [60_000 + i] })),
  });
  return topologySchema.parse({
    seed: 'many',
    arrays: [side('main', '900000040014', 1000), side('dr', '900000040015', 20_000)],
    links: [
      { from: 'main', to: 'dr', megabytesPerSecond: 10_000 },
      { from: 'dr', to: 'main' },
    ],
    groups: each.map((i) => ({
      name: `G${i}`,
      type: 'UR',
      from: 'main',
      to: 'dr',
      journals: { from: i, to: i },
      pairRange: { count: 50, firstPvol: 1000 + i * 50, firstSvol: 20_000 + i * 50 },
    })),
    writers: each.map((i) => ({
      name: `w${i}`,
      array: 'main',
      ldevs: Array.from({ length: 50 }, (_, k) => 1000 + i * 50 + k),
      recordsPerSecond: 40,
    })),
  });
}

describe('10,000 pairs in 200 groups', () => {
  const read = (r: Rig) =>
    r.admin.main.get(`remote-mirror-copygroups/${DR},G0,G0P_,G0S_`, remoteOf(r, 'main'));

  /** The quickest of many: what the work takes when nobody else uses the machine. */
  async function quickest(r: Rig): Promise<number> {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 60; i++) {
      r.pass(1);
      const before = process.hrtime.bigint();
      await read(r);
      best = Math.min(best, Number(process.hrtime.bigint() - before));
    }
    return best;
  }

  it('are no slower to read than 50 alone: no request walks through all of them', async () => {
    const [alone, among] = [await rig(many(1)), await rig(many(200))];
    expect((await read(among)).body.copyPairs).toHaveLength(50);
    await quickest(among);
    expect((await quickest(among)) / (await quickest(alone))).toBeLessThan(4);
  });

  it('are all suspended when the paths are cut', async () => {
    const r = await rig(many(200));
    r.fabric.link('main', 'dr').cut(true, r.clock.now());
    r.pass(400);
    expect(r.fabric.group('G199')?.pairs.every(({ p }) => p === 'PSUE')).toBe(true);
  });
});
