import { lostRecords } from '../../../lib/twin/array/data/contents.ts';
import { isWhole } from '../../../lib/twin/array/data/history.ts';
import { countOf } from '../../../lib/twin/array/data/spans.ts';
import {
  fail as failed,
  hold,
  overflowed,
  writeBehind,
} from '../../../lib/twin/array/remote/strikes.ts';
import { act, groupId, journal, plan, type Rig, remoteOf, rig, state, states } from './support.ts';

const UR = { replicationType: 'UR' };
const TC = { replicationType: 'TC' };
const quiet = (r: Rig) => r.writers.stop('app', 'quiet', r.clock.now());
const cut = (r: Rig, down: boolean) => {
  r.fabric.link('main', 'dr').cut(down, r.clock.now());
  r.fabric.link('dr', 'main').cut(down, r.clock.now());
};
/** The main site is gone: its array, and the hosts that wrote to it. */
const mainDies = (r: Rig) => {
  r.fabric.alive('main', false, r.clock.now());
  r.main.parts.faults.add('array-dead');
  r.writers.stop('app', 'dead', r.clock.now());
};
const mainReturns = (r: Rig) => {
  r.main.parts.faults.delete('array-dead');
  r.fabric.alive('main', true, r.clock.now());
};
const lost = (r: Rig, site: 'main' | 'dr' = 'dr') => {
  const first = site === 'main' ? 1000 : 2000;
  const survivors = [0, 1, 2].map((i) => r.history(site, first + i));
  return lostRecords('app', survivors, { writers: r.writers, now: r.clock.now() });
};
const holds = (r: Rig, site: 'main' | 'dr', ldevId: number) => r[site].port.contents(ldevId);
const half = async (r: Rig) => {
  const path = `remote-mirror-copygroups/${groupId('dr', 'local')}`;
  const { body } = await r.admin.dr.get(path);
  return body.copyPairs.map((pair: { svolStatus: string }) => pair.svolStatus);
};

describe('a planned switch loses nothing', () => {
  it('by draining first: markers and counts say when everything is over', async () => {
    const r = await rig();
    expect(lost(r)).toBeGreaterThan(0);
    quiet(r);
    r.pass(5);
    const [main, dr] = [await journal(r, 'main'), await journal(r, 'dr')];
    expect([main['qCount'], dr['qCount']]).toEqual([0, 0]);
    expect(main['qMarker']).toBe(dr['qMarker']);
    expect(lost(r)).toBe(0);
  });

  it('by takeover auto: the P-VOLs are closed, the rest is brought over, the roles change', async () => {
    const r = await rig();
    hold(r.fabric.group('CG') ?? fail(), { flow: 'transfer', on: true }, r.clock.now());
    r.pass(30);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    expect(r.writers.runs('app')).toBe(false);
    expect(() => r.main.port.write(1000)).toThrow(/write protected/);
    r.pass(10);
    expect(await state(r)).toBe('PAIR/PAIR');
    expect(r.fabric.group('CG')?.direction.from).toBe('main');
    hold(r.fabric.group('CG') ?? fail(), { flow: 'transfer', on: false }, r.clock.now());
    r.pass(30);
    const { body } = await r.admin.dr.get(
      `remote-mirror-copygroups/${groupId('dr')}`,
      remoteOf(r, 'dr'),
    );
    expect(body.copyPairs[0]).toMatchObject({
      pvolLdevId: 2000,
      svolLdevId: 1000,
      pvolStatus: 'PAIR',
      svolStatus: 'PAIR',
    });
    expect(lost(r)).toBe(0);
    r.dr.port.write(2000);
    r.pass(5);
    expect(holds(r, 'main', 1000).drillWrites).toBe(1);
    expect(() => r.main.port.write(1000)).toThrow(/S-VOL/);
  });

  it('by split, swap split, swap resync, and the same way back', async () => {
    const r = await rig();
    quiet(r);
    r.pass(5);
    await act(r, ['main', 'split'], UR);
    r.pass(5);
    await act(r, ['dr', 'split'], { ...UR, svolOperationMode: 'SSWS' });
    r.pass(5);
    expect(await state(r)).toBe('PSUS/SSWS');
    r.dr.port.write(2001);
    const wrong = await act(r, ['main', 'resync'], UR);
    expect(wrong.body.state).toBe('Failed');
    await act(r, ['dr', 'resync'], { ...UR, doSwapSvol: true });
    expect(await state(r)).toBe('COPY/COPY');
    r.pass(70);
    expect(await state(r)).toBe('PAIR/PAIR');
    expect(holds(r, 'main', 1001).drillWrites).toBe(1);
    expect([lost(r), lost(r, 'main')]).toEqual([0, 0]);
    await act(r, ['dr', 'split'], UR);
    r.pass(5);
    await act(r, ['main', 'split'], { ...UR, svolOperationMode: 'SSWS' });
    r.pass(5);
    await act(r, ['main', 'resync'], { ...UR, doSwapSvol: true });
    r.pass(70);
    expect(r.fabric.group('CG')?.direction.from).toBe('main');
    const before = holds(r, 'main', 1000).record;
    r.writers.go('app', 'quiet', r.clock.now());
    r.pass(10);
    expect(holds(r, 'main', 1000).record).toBeGreaterThan(before);
    expect(lost(r, 'main')).toBe(0);
  });
});

function fail(): never {
  throw new Error('no group CG');
}

describe('a disaster', () => {
  it('loses what had not been received, to the record, and nothing else', async () => {
    const r = await rig();
    hold(r.fabric.group('CG') ?? fail(), { flow: 'transfer', on: true }, r.clock.now());
    const reached = r.writers.recordAt('app', r.clock.now());
    r.pass(30);
    mainDies(r);
    const written = r.writers.recordAt('app', r.clock.now());
    r.pass(100);
    expect(await half(r)).toEqual(['PAIR', 'PAIR', 'PAIR']);
    await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' });
    r.pass(5);
    expect(await half(r)).toEqual(['SSWS', 'SSWS', 'SSWS']);
    expect(lost(r)).toBeGreaterThanOrEqual(written - reached);
    expect(lost(r)).toBeLessThan(written - reached + 40);
    const beats = [2000, 2001, 2002].map((ldevId) => holds(r, 'dr', ldevId).heartbeat);
    expect(new Set(beats).size).toBe(1);
  });

  it('loses nothing that DR had received and not yet restored', async () => {
    const r = await rig();
    hold(r.fabric.group('CG') ?? fail(), { flow: 'restore', on: true }, r.clock.now());
    r.pass(30);
    mainDies(r);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    r.pass(60);
    expect(await half(r)).toEqual(['PAIR', 'PAIR', 'PAIR']);
    // Repeated while it waits it does no harm.
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    hold(r.fabric.group('CG') ?? fail(), { flow: 'restore', on: false }, r.clock.now());
    r.pass(30);
    expect(await half(r)).toEqual(['SSWS', 'SSWS', 'SSWS']);
    expect(lost(r)).toBeLessThan(60);
    r.dr.port.write(2000);
  });

  it('leaves a main that returns with P-VOLs that can still be written, until DR is copied back', async () => {
    const r = await rig();
    mainDies(r);
    await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' });
    r.pass(5);
    r.dr.port.write(2000);
    r.pass(3600);
    const swap = { ...UR, doSwapSvol: true };
    const early = await act(r, ['dr', 'resync'], swap);
    expect(early.status).toBe(500);
    mainReturns(r);
    expect(await state(r)).toBe('PSUS/SSWS');
    r.main.port.write(1000);
    r.main.port.write(1000);
    expect((await act(r, ['main', 'resync'], UR)).body.state).toBe('Failed');
    expect((await act(r, ['dr', 'resync'], swap)).body.state).toBe('Succeeded');
    r.pass(70);
    expect(await state(r)).toBe('PAIR/PAIR');
    expect(holds(r, 'main', 1000).drillWrites).toBe(1);
  });

  it('in the middle of a copy leaves volumes that nobody can use', async () => {
    const r = await rig();
    await act(r, ['main', 'split'], UR);
    r.pass(5);
    await act(r, ['main', 'resync'], UR);
    mainDies(r);
    await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' });
    expect(await half(r)).toEqual(['SSWS', 'SSWS', 'SSWS']);
    expect(isWhole(r.history('dr', 2000))).toBe(false);
    expect(lost(r)).toBe(r.writers.recordAt('app', r.clock.now()));
  });

  it('without management shows the last states, and goes on underneath', async () => {
    const r = await rig();
    r.main.parts.faults.add('management-cut');
    r.pass(3600);
    expect(await half(r)).toEqual(['PAIR', 'PAIR', 'PAIR']);
    expect(lost(r)).toBeLessThan(60);
  });

  it('that is none, only paths that are cut, gives two copies that both write', async () => {
    const r = await rig();
    cut(r, true);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    r.pass(5);
    r.dr.port.write(2000);
    r.main.port.write(1000);
    expect(await state(r)).toBe('PAIR/SSWS');
    cut(r, false);
    expect(await state(r)).toBe('PSUS/SSWS');
  });
});

describe('an array that is dead', () => {
  it('notices neither a full journal nor a failure; the other one does', async () => {
    const r = await rig();
    const group = r.fabric.group('CG') ?? fail();
    mainDies(r);
    overflowed(group, r.clock.now());
    expect(await half(r)).toEqual(['PAIR', 'PAIR', 'PAIR']);
    failed(group, r.clock.now());
    expect(await half(r)).toEqual(['PSUE', 'PSUE', 'PSUE']);
    mainReturns(r);
    expect(await state(r)).toBe('PSUE/PSUE');
  });

  it('with the other one dead, too, is found as it was', async () => {
    const r = await rig();
    mainDies(r);
    r.fabric.alive('dr', false, r.clock.now());
    failed(r.fabric.group('CG') ?? fail(), r.clock.now());
    r.pass(3600);
    mainReturns(r);
    r.fabric.alive('dr', true, r.clock.now());
    r.pass(60);
    expect(await state(r)).toBe('PAIR/PAIR');
  });
});

describe('splits', () => {
  it('wait until what was written before is over', async () => {
    const r = await rig();
    hold(r.fabric.group('CG') ?? fail(), { flow: 'transfer', on: true }, r.clock.now());
    r.pass(20);
    const written = r.writers.recordAt('app', r.clock.now());
    await act(r, ['main', 'split'], UR);
    expect(await journal(r, 'main')).toMatchObject({ journalStatus: 'PJSN' });
    expect(await state(r)).toBe('PAIR/PAIR');
    hold(r.fabric.group('CG') ?? fail(), { flow: 'transfer', on: false }, r.clock.now());
    r.pass(30);
    expect(await state(r)).toBe('PSUS/SSUS');
    expect(await journal(r, 'dr')).toMatchObject({ journalStatus: 'SJSN', qCount: 0 });
    expect(r.writers.recordAt('app', r.history('dr', 2000).at(-1)?.until ?? 0)).toBe(written);
  });

  it('open the S-VOL only when told to; a resync then overwrites what was written', async () => {
    const r = await rig();
    await act(r, ['main', 'split'], UR);
    r.pass(5);
    expect(() => r.dr.port.write(2000)).toThrow(/SSUS/);
    await act(r, ['main', 'resync'], UR);
    r.pass(70);
    await act(r, ['main', 'split'], { ...UR, svolAccessMode: 'rw' });
    r.pass(5);
    r.dr.port.write(2000);
    expect(holds(r, 'dr', 2000).drillWrites).toBe(1);
    // A split of what is split is done without applying its body.
    await act(r, ['main', 'split'], { ...UR, svolAccessMode: 'r' });
    r.dr.port.write(2000);
    await act(r, ['main', 'resync'], UR);
    r.pass(70);
    expect(holds(r, 'dr', 2000).drillWrites).toBe(0);
  });

  it('that give up the journal keep what was restored', async () => {
    const r = await rig();
    hold(r.fabric.group('CG') ?? fail(), { flow: 'restore', on: true }, r.clock.now());
    const reached = r.writers.recordAt('app', r.clock.now());
    r.pass(30);
    await act(r, ['main', 'split'], { ...UR, doDataSuspend: true });
    expect(await state(r)).toBe('PSUS/SSUS');
    const held = r.writers.recordAt('app', r.history('dr', 2000).at(-1)?.until ?? 0);
    expect(held).toBeLessThanOrEqual(reached);
  });

  it('of one pair leave the others; a mirror changes roles only as a whole', async () => {
    const r = await rig();
    mainDies(r);
    const one = await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local', pair: 'p1' });
    expect(one.body.error.cause).toContain('by copy group');
    await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local', pair: 'p1' });
    r.pass(5);
    expect(await half(r)).toEqual(['PAIR', 'SSWS', 'PAIR']);
    await act(r, ['dr', 'takeover'], { mode: 'forceSplit' }, { form: 'local' });
    r.pass(5);
    expect(await half(r)).toEqual(['SSWS', 'SSWS', 'SSWS']);
  });

  it('of somebody else can leave newer data behind, which a resync destroys', async () => {
    const r = await rig();
    writeBehind(r.fabric.group('CG') ?? fail(), r.clock.now());
    expect(await state(r)).toBe('PSUS/SSUS');
    expect(holds(r, 'dr', 2000).drillWrites).toBe(1);
    expect((await act(r, ['main', 'resync'], UR)).body.state).toBe('Succeeded');
  });
});

describe('TrueCopy', () => {
  it('lacks nothing while it is PAIR', async () => {
    const r = await rig(plan({ type: 'TC', fenceLevel: 'NEVER' }));
    expect(lost(r)).toBe(0);
  });

  it('with fence NEVER goes on alone at the first write, and the S-VOL is not told', async () => {
    const r = await rig(plan({ type: 'TC', fenceLevel: 'NEVER' }));
    quiet(r);
    cut(r, true);
    r.pass(600);
    expect(await state(r)).toBe('PAIR/PAIR');
    r.writers.go('app', 'quiet', r.clock.now());
    r.pass(10);
    expect(await state(r)).toBe('PSUE/PAIR');
    expect(lost(r)).toBeGreaterThan(390);
    cut(r, false);
    expect(await state(r)).toBe('PSUE/PSUE');
  });

  it.each(['DATA', 'STATUS'] as const)('with fence %s stops its hosts: no loss', async (fence) => {
    const r = await rig(plan({ type: 'TC', fenceLevel: fence }));
    cut(r, true);
    r.pass(10);
    expect(await state(r)).toBe('PSUE/PAIR');
    expect(() => r.main.port.write(1000)).toThrow(/write protected/);
    expect(lost(r)).toBe(0);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    expect(await half(r)).toEqual(['SSWS', 'SSWS', 'SSWS']);
    expect(lost(r)).toBe(0);
  });

  it('with fence NEVER loses what main wrote alone, and the takeover knows how much', async () => {
    const r = await rig(plan({ type: 'TC', fenceLevel: 'NEVER' }));
    cut(r, true);
    r.pass(10);
    mainDies(r);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local' });
    const [opening] = r.fabric.chronicle.openings;
    expect(countOf(opening?.lost ?? [])).toBe(lost(r));
    expect(lost(r)).toBeGreaterThanOrEqual(395);
    expect(opening).toMatchObject({ group: 'CG', array: 'dr' });
  });

  it('can be split with the P-VOL protected, and pair by pair', async () => {
    const r = await rig(plan({ type: 'TC' }));
    await act(r, ['main', 'split'], { ...TC, doPvolWriteProtect: true }, { pair: 'p1' });
    expect(await states(r)).toEqual(['PAIR/PAIR', 'PSUS/SSUS', 'PAIR/PAIR']);
    expect(() => r.main.port.write(1001)).toThrow(/write protected/);
    expect(r.writers.runs('app')).toBe(false);
    await act(r, ['main', 'resync'], TC, { pair: 'p1' });
    r.pass(70);
    expect(r.writers.runs('app')).toBe(true);
    await act(r, ['dr', 'takeover'], { mode: 'auto' }, { form: 'local', pair: 'p0' });
    const group = r.fabric.group('CG');
    expect(group?.pairs.map(({ from }) => from)).toEqual(['dr', 'main', 'main']);
  });
});
