/** Splits, resyncs and restores of ShadowImage groups, and what the copies then hold. */
import { cut, HOST, TORN } from '../../../lib/twin/array/data/history.ts';
import { cloneRoom, clonesOf } from '../../../lib/twin/array/local/clones.ts';
import { historyOf } from '../../../lib/twin/array/parts.ts';
import { cloneSchema } from '../../../lib/twin/topology.ts';
import {
  CG,
  GROUP,
  type LocalBench,
  localBench,
  mainWrites,
  pace,
  pairId,
  refusedWrite,
  states,
} from './support.ts';

const SPLIT = { parameters: { quickMode: true } };
const COPIES = [3000, 3001, 3002];
const split = `${CG}/actions/split/invoke`;
const resync = `${CG}/actions/resync/invoke`;
const restore = `${CG}/actions/restore/invoke`;

const held = ({ dr, clock }: LocalBench, ldevId: number) => {
  dr.settle(clock.now());
  return historyOf(dr.parts, ldevId, clock.now());
};

/** Up to which instant a copy holds what main wrote. */
const upTo = (bench: LocalBench, ldevId: number) => held(bench, ldevId)[0]?.until;

describe('a split in a consistency group', () => {
  it('waits until the writes of before the order are restored, then holds exactly them', async () => {
    const bench = await localBench();
    const ordered = bench.clock.now();
    expect((await bench.order('PUT', split, SPLIT)).state).toBe('Succeeded');
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    bench.clock.advance(299);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    bench.clock.advance(1);
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
    bench.clock.advance(3_600_000);
    for (const copy of COPIES) {
      expect(held(bench, copy)).toEqual(cut(mainWrites(copy - 1000, bench.since), ordered));
    }
  });

  it('waits as long as restoring stands still, and is no later in data for it', async () => {
    const bench = await localBench();
    bench.mirror.heldAt = bench.clock.now();
    bench.clock.advance(5000);
    const ordered = bench.clock.now();
    await bench.order('POST', split, SPLIT);
    bench.clock.advance(240_000);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    bench.mirror.heldAt = null;
    bench.clock.advance(1000);
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
    expect(COPIES.map((copy) => upTo(bench, copy))).toEqual([ordered, ordered, ordered]);
  });

  it('takes what is there when the mirror is suspended meanwhile', async () => {
    const bench = await localBench();
    bench.mirror.heldAt = bench.clock.now();
    const reached = bench.clock.now();
    bench.clock.advance(5000);
    await bench.order('POST', split, SPLIT);
    for (const ldevId of [2000, 2001, 2002]) {
      bench.dr.parts.histories.set(ldevId, cut(mainWrites(ldevId, bench.since), reached));
    }
    bench.mirror.status = 'PSUE';
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
    expect(COPIES.map((copy) => upTo(bench, copy))).toEqual([reached, reached, reached]);
  });

  it('is a no-op on split pairs: they keep the first instant', async () => {
    const bench = await localBench();
    const ordered = bench.clock.now();
    await bench.order('POST', split, SPLIT);
    bench.clock.advance(20_000);
    expect((await bench.order('POST', split, SPLIT)).state).toBe('Succeeded');
    bench.clock.advance(20_000);
    expect(COPIES.map((copy) => upTo(bench, copy))).toEqual([ordered, ordered, ordered]);
  });

  it('is refused while the mirror copies, and when the P-VOLs differ in state', async () => {
    const bench = await localBench();
    bench.mirror.status = 'COPY';
    expect((await bench.order('POST', split, SPLIT)).cause).toContain('COPY');
    bench.mirror.status = 'PAIR';
    bench.mirror.ldevs = [2000];
    expect((await bench.order('POST', split, SPLIT)).cause).toContain('same state');
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
  });

  it('copies in the background with progress, in quick mode; first, in steady mode', async () => {
    const bench = await localBench();
    await bench.order('POST', split, SPLIT);
    bench.clock.advance(2000);
    const rates = async () => {
      const { body } = await bench.client.get(CG);
      return body.copyPairs.map((pair: { copyProgressRate: number }) => pair.copyProgressRate);
    };
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
    for (const rate of await rates()) expect(rate).toBeLessThan(50);
    bench.clock.advance(8000);
    expect(await rates()).toEqual([100, 100, 100]);

    const steady = await localBench();
    await steady.order('POST', split, {});
    steady.clock.advance(2000);
    expect(await states(steady.client)).toEqual(['COPY/COPY']);
    expect(refusedWrite(steady, 3000)).toContain('COPY(SP)');
    steady.clock.advance(8000);
    expect(await states(steady.client)).toEqual(['PSUS/SSUS']);
  });
});

describe('without consistency group', () => {
  it('pairs split one after the other and hold different instants', async () => {
    const bench = await localBench({ consistencyGroupId: null });
    const { body } = await bench.client.get(CG);
    expect(body.copyPairs[0]).not.toHaveProperty('consistencyGroupId');
    const ordered = bench.clock.now();
    await bench.order('POST', split, SPLIT);
    bench.clock.advance(800);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR', 'PSUS/SSUS']);
    bench.clock.advance(60_000);
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
    const at = [0, 700, 1400].map((later) => ordered + later - bench.mirror.lagMs);
    expect(COPIES.map((copy) => upTo(bench, copy))).toEqual(at);
  });

  it('one pair of a group splits alone, at once', async () => {
    const bench = await localBench();
    await bench.order('PUT', `${pairId('D-02')}/actions/split/invoke`, SPLIT);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR', 'PSUS/SSUS']);
    expect(upTo(bench, 3001)).toBe(bench.clock.now() - bench.mirror.lagMs);
  });
});

async function splitAll(bench: LocalBench): Promise<void> {
  await bench.order('POST', split, SPLIT);
  bench.clock.advance(20_000);
  expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
}

describe('resync', () => {
  it('gives up what was written to the copy and follows the P-VOL again', async () => {
    const bench = await localBench();
    await splitAll(bench);
    bench.dr.port.write(3000);
    expect(held(bench, 3000).map(({ writer }) => writer)).toEqual(['main', HOST]);
    await bench.order('POST', resync, {});
    expect(await states(bench.client)).toEqual(['COPY/COPY']);
    expect(refusedWrite(bench, 3000)).toContain('COPY');
    bench.clock.advance(20_000);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    expect(held(bench, 3000)).toEqual(held(bench, 2000));
  });

  it('in quick mode shows PAIR at once', async () => {
    const bench = await localBench();
    await splitAll(bench);
    await bench.order('POST', resync, SPLIT);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    const { body } = await bench.client.get(pairId('D-01'));
    expect(body.copyProgressRate).toBe(0);
  });

  it('lasts as long as its job, unless the request does not wait', async () => {
    const bench = await localBench();
    await splitAll(bench);
    const { body } = await bench.client.send('POST', resync, {});
    bench.clock.advance(9000);
    expect((await bench.client.get(`jobs/${body.jobId}`)).body.status).toBe('Running');
    bench.clock.advance(11_000);
    expect((await bench.client.get(`jobs/${body.jobId}`)).body.state).toBe('Succeeded');
  });

  it('under a host path is allowed and counted', async () => {
    const bench = await localBench();
    await splitAll(bench);
    const count = () => clonesOf(bench.dr.parts).resyncUnderPath;
    bench.dr.port.addPath(3001, 'compute-1');
    await bench.order('POST', `${pairId('D-01')}/actions/resync/invoke`, {});
    expect(count()).toBe(0);
    await bench.order('POST', resync, {});
    expect(count()).toBe(1);
    await bench.order('POST', resync, {});
    expect(count()).toBe(1);
  });
});

describe('restore', () => {
  it.each([
    ['S-VOL', 'PAIR'],
    ['S-VOL', 'COPY'],
    ['P-VOL', 'PFUL'],
  ] as const)('is refused while its P-VOL is %s of a mirror in %s', async (role, status) => {
    const bench = await localBench();
    await splitAll(bench);
    Object.assign(bench.mirror, { role, status });
    expect((await bench.order('POST', restore, {})).cause).toContain(`${role} of a remote mirror`);
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
  });

  it.each(['PSUS', 'SSUS', 'SSWS', 'PSUE'])(
    'is carried out while the mirror is %s',
    async (status) => {
      const bench = await localBench();
      await splitAll(bench);
      bench.mirror.status = status;
      expect((await bench.order('POST', restore, {})).state).toBe('Succeeded');
      expect(await states(bench.client)).toEqual(['RCPY/RCPY']);
    },
  );

  it('overwrites the P-VOL with the copy, in quick mode soon', async () => {
    const bench = await localBench({ mirrored: false });
    await splitAll(bench);
    bench.dr.port.write(3000);
    const copy = held(bench, 3000);
    await bench.order('POST', restore, { parameters: { quickMode: true } });
    expect(refusedWrite(bench, 2000)).toContain('RCPY');
    bench.clock.advance(1500);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    const restored = held(bench, 2000);
    expect(restored.slice(0, copy.length)).toEqual(copy);
    expect(restored.at(-1)).toMatchObject({
      writer: 'main',
      until: null,
      since: bench.clock.now(),
    });
  });

  it('waits for other copies of the same P-VOL to be split', async () => {
    const bench = await localBench({ mirrored: false });
    await splitAll(bench);
    await bench.order('POST', 'local-clone-copypairs', {
      copyGroupName: 'OTHER',
      copyPairName: 'O-1',
      replicationType: 'SI',
      pvolLdevId: 2000,
      svolLdevId: 3003,
      isNewGroupCreation: true,
    });
    expect((await bench.order('POST', restore, {})).cause).toContain('O-1 copies the same P-VOL');
  });
});

describe('what a pair leaves behind', () => {
  it('deleted when split: the copy keeps its data and takes writes', async () => {
    const bench = await localBench();
    await splitAll(bench);
    const copy = held(bench, 3000);
    expect((await bench.order('DELETE', CG, { forceDelete: true })).state).toBe('Succeeded');
    expect((await bench.client.get('local-clone-copygroups')).body).toEqual({ data: [] });
    expect(held(bench, 3000)).toEqual(copy);
    expect(refusedWrite(bench, 3000)).toBeUndefined();
    expect((await bench.client.get('ldevs/3000')).body.attributes).not.toContain('MRCF');
  });

  it('deleted in PAIR: the copy stops where it is', async () => {
    const bench = await localBench();
    await bench.order('DELETE', pairId('D-01'));
    const at = bench.clock.now() - bench.mirror.lagMs;
    bench.clock.advance(60_000);
    expect(upTo(bench, 3000)).toBe(at);
    expect((await bench.client.get(CG)).body.copyPairs).toHaveLength(2);
  });

  it('deleted while it copies, or suspended: the copy is torn', async () => {
    const bench = await localBench();
    await splitAll(bench);
    await bench.order('POST', resync, {});
    bench.clock.advance(100);
    await bench.order('DELETE', pairId('D-01'));
    expect(held(bench, 3000).at(-1)?.writer).toBe(TORN);
    const force = { parameters: { forceSuspend: true } };
    await bench.order('POST', split, force);
    expect(await states(bench.client)).toEqual(['PSUE/PSUE']);
    expect(held(bench, 3001).at(-1)?.writer).toBe(TORN);
    await bench.order('POST', resync, {});
    bench.clock.advance(60_000);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
    expect(held(bench, 3001).at(-1)?.writer).toBe('main');
  });
});

it('survives a restart in the middle of everything', async () => {
  const bench = await localBench();
  await bench.order('POST', split, SPLIT);
  const saved = JSON.parse(JSON.stringify(bench.dr.snapshot()));
  bench.clock.advance(60_000);
  await bench.order('DELETE', CG);
  bench.dr.restore(saved);
  expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
});

describe('faults', () => {
  const faults = ({ dr }: LocalBench) => clonesOf(dr.parts).faults;

  it('leaves copies split and written to, and tidies them up', async () => {
    const bench = await localBench();
    faults(bench).leaveSplit(GROUP, bench.clock.now());
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
    expect(held(bench, 3002).at(-1)?.writer).toBe(HOST);
    faults(bench).resync(GROUP, bench.clock.now());
    expect(await states(bench.client)).toEqual(['COPY/COPY']);
    bench.clock.advance(20_000);
    expect(await states(bench.client)).toEqual(['PAIR/PAIR']);
  });

  it('keeps copies in COPY, in which even a split does not come true', async () => {
    const bench = await localBench();
    faults(bench).keepCopying(GROUP, true, bench.clock.now());
    await bench.order('POST', split, SPLIT);
    bench.clock.advance(240_000);
    const { body } = await bench.client.get(CG);
    expect(body.copyPairs[0]).toMatchObject({ pvolStatus: 'COPY', copyProgressRate: 47 });
    faults(bench).keepCopying(GROUP, false, bench.clock.now());
    bench.clock.advance(1000);
    expect(await states(bench.client)).toEqual(['PSUS/SSUS']);
  });

  it('drops the consistency group, adds and removes a pair, moves a copy', async () => {
    const bench = await localBench();
    faults(bench).setConsistencyGroup(GROUP, null);
    faults(bench).addPair(GROUP, { name: 'D-04', pvol: 2003, svol: 3003 }, bench.clock.now());
    const last = async () => (await bench.client.get(CG)).body.copyPairs.at(-1);
    expect(await last()).toMatchObject({ pvolLdevId: 2003, svolLdevId: 3003, svolStatus: 'PAIR' });
    expect(await last()).not.toHaveProperty('consistencyGroupId');
    faults(bench).removePair(GROUP, 3003);
    faults(bench).moveSvol(GROUP, 3002, 3003);
    expect(await last()).toMatchObject({ copyPairName: 'D-03', svolLdevId: 3003 });
    expect(clonesOf(bench.dr.parts).bound(3002)).toBeUndefined();
    expect(clonesOf(bench.dr.parts).pairs(GROUP, bench.clock.now())).toHaveLength(3);
    expect(() => faults(bench).resync('NONE', 0)).toThrow('TW-NAME-UNKNOWN');
  });
});

it('ten thousand pairs at rest cost a request nothing', async () => {
  const bench = await localBench({ paired: false });
  const specs = Array.from({ length: 200 }, (_, g) =>
    cloneSchema.parse({
      array: 'dr',
      name: `G${g}`,
      pairs: Array.from({ length: 50 }, (_, i) => ({
        name: `P-${i}`,
        pvol: 4000 + g * 50 + i,
        svol: 20_000 + g * 50 + i,
      })),
    }),
  );
  const room = cloneRoom(specs, pace)(bench.dr.parts);
  room.settle(bench.clock.now());
  const began = process.hrtime.bigint();
  for (let i = 0; i < 1000; i++) {
    room.settle(bench.clock.now() + i);
    room.bound(20_000 + i);
  }
  expect(Number(process.hrtime.bigint() - began) / 1e6).toBeLessThan(200);
});
