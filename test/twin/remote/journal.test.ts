import fc from 'fast-check';
import { received, restored } from '../../../lib/twin/array/remote/positions.ts';
import { hold } from '../../../lib/twin/array/remote/strikes.ts';
import { act, DR, journal, plan, type Rig, remoteOf, rig, state } from './support.ts';

const RECORDS_PER_SECOND = 40;

function trackOf(r: Rig) {
  const group = r.fabric.group('CG');
  if (group === undefined) throw new Error('no group CG');
  return group;
}
const turn = (r: Rig, flow: 'transfer' | 'restore', on: boolean) =>
  hold(trackOf(r), { flow, on }, r.clock.now());
const cut = (r: Rig, down: boolean) => {
  r.fabric.link('main', 'dr').cut(down, r.clock.now());
  r.fabric.link('dr', 'main').cut(down, r.clock.now());
};

describe('the write load', () => {
  it('writes a heartbeat to every volume once a second, each other record to one', async () => {
    const { writers } = await rig();
    const at = writers.startedAt + 60_000;
    expect(writers.recordAt('app', at)).toBe(2400);
    expect(writers.heartbeatAt('app', 2400)).toBe(60);
    const volumes = [0, 1, 2];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (record) => {
        const on = volumes.filter((place) => writers.lastRecordOn('app', place, record) === record);
        return on.length === (record % RECORDS_PER_SECOND === 0 ? 3 : 1);
      }),
      { seed: 20261122 },
    );
  });

  it('writes nothing while it is stopped, for whatever reason, and goes on counting', async () => {
    const { writers, clock } = await rig();
    const before = writers.recordAt('app', clock.now());
    writers.stop('app', 'quiet', clock.now());
    writers.stop('app', 'dead', clock.now() + 1000);
    expect(writers.recordAt('app', clock.now() + 60_000)).toBe(before);
    writers.go('app', 'quiet', clock.now() + 60_000);
    expect(writers.runs('app')).toBe(false);
    writers.go('app', 'dead', clock.now() + 70_000);
    expect(writers.recordAt('app', clock.now() + 71_000)).toBe(before + RECORDS_PER_SECOND);
  });
});

describe('positions', () => {
  it('keep the order written, received, restored, and never run backwards', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 40_000 }),
      what: fc.constantFrom('', 'transfer', 'restore', 'paths'),
      on: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const r = await rig();
        let [last, done] = [0, 0];
        for (const { ms, what, on } of steps) {
          r.pass(ms / 1000);
          if (what === 'transfer' || what === 'restore') turn(r, what, on);
          if (what === 'paths') cut(r, on);
          const group = trackOf(r);
          if (!group.following) return;
          const now = r.clock.now();
          const [there, restoredTo] = [received(group.track, now), restored(group.track, now)];
          expect(there).toBeLessThanOrEqual(now);
          expect(restoredTo).toBeLessThanOrEqual(there);
          expect(there).toBeGreaterThanOrEqual(last);
          expect(restoredTo).toBeGreaterThanOrEqual(done);
          [last, done] = [there, restoredTo];
        }
      }),
      { seed: 20261123, numRuns: 60 },
    );
  });

  it('are some hundred milliseconds behind, and the journal is hardly ever empty', async () => {
    const r = await rig();
    for (let i = 0; i < 200; i++) {
      r.pass(0.037);
      const behind = r.clock.now() - restored(trackOf(r).track, r.clock.now());
      expect(behind).toBeGreaterThan(100);
      expect(behind).toBeLessThan(1000);
    }
    expect((await journal(r, 'main'))['qCount']).toBeGreaterThan(0);
  });
});

describe('a journal of 1 GiB, with 10 MiB written a second', () => {
  it('shows PFUL above 80 %, and PAIR again after catching up', async () => {
    const r = await rig();
    turn(r, 'transfer', true);
    r.pass(80);
    expect(await state(r)).toBe('PAIR/PAIR');
    r.pass(4);
    expect(await state(r)).toBe('PFUL/PFUL');
    expect(await journal(r, 'main')).toMatchObject({ journalStatus: 'PJNF', usageRate: 82 });
    turn(r, 'transfer', false);
    r.pass(30);
    expect(await state(r)).toBe('PAIR/PAIR');
    expect((await journal(r, 'main'))['qCount']).toBeLessThan(40);
  });

  it('is given up a minute after it is full, also when nobody looked for hours', async () => {
    const [looked, asleep] = [await rig(), await rig()];
    for (const r of [looked, asleep]) turn(r, 'transfer', true);
    for (let s = 0; s < 3600; s += 5) looked.pass(5);
    asleep.pass(3600);
    for (const r of [looked, asleep]) {
      expect(await state(r)).toBe('PFUS/PFUS');
      expect((await journal(r, 'dr'))['journalStatus']).toBe('SJSF');
    }
    expect(looked.history('dr', 2000)).toEqual(asleep.history('dr', 2000));
  });

  it('has a watch that PATCH sets: with none it is given up at once', async () => {
    const r = await rig();
    const wish = { dataOverflowWatchInSeconds: 0 };
    const set = await r.admin.main.done('PATCH', 'journals/1', wish);
    expect(set.body.state).toBe('Succeeded');
    turn(r, 'transfer', true);
    r.pass(101);
    expect(await state(r)).toBe('PFUL/PFUL');
    r.pass(3);
    expect(await state(r)).toBe('PFUS/PFUS');
  });

  it('fills at DR when nothing is restored, then at main', async () => {
    const r = await rig();
    turn(r, 'restore', true);
    r.pass(60);
    expect(await journal(r, 'dr')).toMatchObject({ usageRate: 58 });
    r.pass(90);
    expect((await journal(r, 'dr'))['usageRate']).toBeGreaterThanOrEqual(99);
    expect((await journal(r, 'main'))['usageRate']).toBeGreaterThan(40);
    turn(r, 'restore', false);
    r.pass(60);
    expect((await journal(r, 'dr'))['qCount']).toBeLessThan(40);
  });

  it('starts a new row of markers after a resync', async () => {
    const r = await rig();
    const marker = async (site: 'main' | 'dr') =>
      Number.parseInt((await journal(r, site))['qMarker'] ?? '', 16);
    r.writers.stop('app', 'quiet', r.clock.now());
    r.pass(5);
    const drained = await marker('main');
    expect(await marker('dr')).toBe(drained);
    await act(r, ['main', 'split'], { replicationType: 'UR' });
    await act(r, ['main', 'resync'], { replicationType: 'UR' });
    r.pass(70);
    expect(await marker('main')).not.toBe(drained);
    expect(await marker('dr')).toBe(await marker('main'));
  });
});

describe('paths that are down', () => {
  it('leave journals normal without paths, then suspend all pairs after the watch', async () => {
    const r = await rig();
    r.writers.stop('app', 'slower', r.clock.now());
    cut(r, true);
    r.pass(299);
    expect(await state(r)).toBe('PAIR/PAIR');
    expect(await journal(r, 'dr')).toMatchObject({ journalStatus: 'SJNN', numOfActivePaths: 0 });
    r.pass(2);
    expect(await state(r)).toBe('PSUE/PSUE');
    expect(await journal(r, 'main')).toMatchObject({ journalStatus: 'PJSE' });
    expect(await journal(r, 'dr')).toMatchObject({ journalStatus: 'SJSE', numOfActivePaths: 0 });
    cut(r, false);
    r.pass(600);
    expect(await state(r)).toBe('PSUE/PSUE');
  });

  it('that come back within the watch lose nothing', async () => {
    const r = await rig();
    cut(r, true);
    r.pass(50);
    expect((await journal(r, 'main'))['qCount']).toBeGreaterThan(1900);
    cut(r, false);
    r.pass(30);
    expect(await state(r)).toBe('PAIR/PAIR');
    expect((await journal(r, 'main'))['qCount']).toBeLessThan(40);
  });

  it('make a full journal give up first', async () => {
    const r = await rig();
    cut(r, true);
    r.pass(170);
    expect(await state(r)).toBe('PFUS/PAIR');
    cut(r, false);
    expect(await state(r)).toBe('PFUS/PFUS');
  });

  it('pause a copy, which goes on where it was', async () => {
    const r = await rig();
    await act(r, ['main', 'split'], { replicationType: 'UR' });
    r.pass(5);
    await act(r, ['main', 'resync'], { replicationType: 'UR' });
    r.pass(30);
    cut(r, true);
    r.pass(100);
    expect(await state(r)).toBe('COPY/COPY');
    cut(r, false);
    r.pass(20);
    expect(await state(r)).toBe('COPY/COPY');
    r.pass(20);
    expect(await state(r)).toBe('PAIR/PAIR');
  });

  it('that are too slow fill the journal', async () => {
    const r = await rig();
    r.fabric.link('main', 'dr').bandwidth(1, r.clock.now());
    r.pass(95);
    expect(await state(r)).toBe('PFUL/PFUL');
    r.fabric.link('main', 'dr').bandwidth(1000, r.clock.now());
    r.pass(60);
    expect(await state(r)).toBe('PAIR/PAIR');
  });
});

describe('journals over REST', () => {
  const made = { journalId: 7, ldevIds: [901] };

  it('are listed in three views, and the view must be named', async () => {
    const { admin } = await rig();
    expect((await admin.main.get('journals')).status).toBe(400);
    expect((await admin.main.get('journals?journalInfo=all')).status).toBe(400);
    const view = async (info: string) =>
      (await admin.main.get(`journals?journalInfo=${info}`)).body.data[0];
    expect(await view('basic')).toMatchObject({
      journalId: 1,
      muNumber: 1,
      journalStatus: 'PJNN',
      numOfActivePaths: 2,
      byteFormatCapacity: '1.00 G',
      blockCapacity: 2_097_152,
      numOfLdevs: 1,
      firstLdevId: 900,
    });
    expect(await view('timer')).toMatchObject({ dataOverflowWatchInSeconds: 60 });
    expect((await view('detail')).mirrorUnits).toEqual([
      expect.objectContaining({ muNumber: 1, journalStatus: 'PJNN', copyPace: 'M' }),
    ]);
    expect((await admin.main.get('journals/1')).body.journalStatus).toBe('PJNN');
    expect((await admin.main.get('journals/9')).status).toBe(404);
  });

  it('are made, set, grown, shrunk and deleted', async () => {
    const { admin } = await rig();
    const ends = async (...[method, path, body]: [string, string, unknown?]) =>
      (await admin.main.done(method, path, body)).body;
    expect(await ends('POST', 'journals', made)).toMatchObject({ state: 'Succeeded' });
    const basic = async () => (await admin.main.get('journals/7')).body;
    expect(await basic()).toMatchObject({ journalStatus: 'SMPL', numOfLdevs: 1 });
    const again = await ends('POST', 'journals', { ...made, ldevIds: [902] });
    expect(again.error.messageId).toBe('KART40054-E');
    const taken = await ends('POST', 'journals', { journalId: 8, ldevIds: [901] });
    expect(taken.error.cause).toContain('in a journal');
    const mapped = await ends('POST', 'journals', { journalId: 8, ldevIds: [1005] });
    expect(mapped.error.cause).toContain('LU path');
    const unit = { muNumber: 2, copyPace: 'H', pathBlockadeWatchInMinutes: 10 };
    const wish = { copySpeed: 100, mirrorUnit: unit };
    expect(await ends('PUT', 'journals/7', wish)).toMatchObject({ state: 'Succeeded' });
    expect((await admin.main.send('PATCH', 'journals/7', { copySpeed: 50 })).status).toBe(400);
    const more = { parameters: { ldevIds: [902] } };
    expect((await ends('POST', 'journals/7/actions/expand/invoke', more)).state).toBe('Succeeded');
    expect(await basic()).toMatchObject({ numOfLdevs: 2, byteFormatCapacity: '6.00 G' });
    expect((await ends('POST', 'journals/7/actions/shrink/invoke', more)).state).toBe('Succeeded');
    const all = { parameters: { ldevIds: [901] } };
    expect((await ends('POST', 'journals/7/actions/shrink/invoke', all)).state).toBe('Failed');
    expect((await ends('DELETE', 'journals/1')).state).toBe('Failed');
    expect((await ends('DELETE', 'journals/7')).state).toBe('Succeeded');
    expect((await admin.main.get('journals/7')).status).toBe(404);
  });

  it('with several mirrors are several entries of the list', async () => {
    const r = await rig();
    const pair = {
      copyGroupName: 'SECOND',
      copyPairName: 'x',
      replicationType: 'UR',
      remoteStorageDeviceId: DR,
      pvolLdevId: 1004,
      svolLdevId: 2004,
      isNewGroupCreation: true,
      muNumber: 2,
      pvolJournalId: 1,
      svolJournalId: 1,
    };
    await r.admin.main.done('POST', 'remote-mirror-copypairs', pair, remoteOf(r, 'main'));
    const { body } = await r.admin.main.get('journals?journalInfo=basic');
    expect(body.data.map(({ muNumber }: { muNumber: number }) => muNumber)).toEqual([1, 2]);
  });
});

it('a plan without pairs has idle journals', async () => {
  expect(await journal(await rig(plan({ pairs: 0 })), 'main')).toMatchObject({
    journalStatus: 'SMPL',
    qCount: 0,
  });
});
