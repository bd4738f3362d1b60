/** Replication, split and resync, judged from both arrays. */
import { JOB_LIMIT_MS } from '../../lib/actions/judging.ts';
import { type Lab, lost, openLab, type Seat, START, sent, verdict } from './lab.ts';

const split = (lab: Lab) =>
  Object.assign(lab, { copyStatus: ['PSUS', 'SSUS'] as [string, string] });
const plan = await openLab().plan();
const resync = await openLab().plan('copies-resync');

describe('replication/assert', () => {
  const judge = (change: Partial<Lab>, seat: Seat = {}) =>
    verdict(Object.assign(openLab(), change), plan, 'healthy', seat);
  const kept = { healthy: { marker: '1000', t0: START } };

  test('a lag below the limit is measured from one look to a later one', async () => {
    expect(await judge({})).toEqual({
      state: 'pending',
      reason: 'DR works towards marker 1000.',
      reading: { marker: '1000', t0: START },
    });
    const later = { now: START + 4_000, readings: kept };
    expect(await judge({ masterMarker: '2000', restoreMarker: '1000' }, later)).toMatchObject({
      state: 'done',
      reading: { lagMsAtMost: 4_000, states: ['main PAIR', 'dr PAIR'] },
    });
  });

  test('a lag above the limit, and a marker that was set anew, are refused', async () => {
    const late = { now: START + 301_000, readings: kept };
    expect(await judge({ masterMarker: '2000', restoreMarker: '1000' }, late)).toMatchObject({
      state: 'refuse',
    });
    expect(
      await judge({ masterMarker: '3', restoreMarker: '2' }, { ...late, now: START + 1 }),
    ).toMatchObject({
      state: 'refuse',
      reason: expect.stringContaining('set anew'),
    });
  });

  test('a marker of an earlier attempt is not measured with', async () => {
    const again = { now: START + 900_000, startedAt: START + 899_000, readings: kept };
    expect(await judge({}, again)).toMatchObject({
      state: 'pending',
      reading: { t0: START + 900_000 },
    });
  });

  test.each(['PSUS', 'PSUE', 'PFUS', 'SSWS', 'SMPL'])(
    '%s at either half is refused',
    async (state) => {
      expect(await judge({ svolStatus: state })).toMatchObject({ state: 'refuse' });
      expect(await judge({ pvolStatus: state })).toMatchObject({ state: 'refuse' });
    },
  );

  test.each(['PFUL', 'COPY'])('%s waits', async (state) => {
    expect(await judge({ svolStatus: state })).toMatchObject({ state: 'pending' });
  });

  test('a half that does not answer is unknown, never healthy', async () => {
    expect(await judge({ silent: new Set(['main array:900000040014']) })).toMatchObject({
      state: 'pending',
    });
    expect(await judge({ silent: new Set(['dr array:900000040015']) })).toMatchObject({
      state: 'pending',
    });
  });
});

describe('clone/assert', () => {
  test('copies left split: since when, left alone, the command that helps', async () => {
    const unknown = await verdict(split(openLab()), plan, 'copies');
    expect(unknown?.state).toBe('refuse');
    expect(unknown?.reason).toContain('not split by Drillbook, time unknown');
    expect(unknown?.reason).toContain('/dr run copies-resync payments');
    expect(unknown?.reason).toContain('npm run dr -- --as <person> resync payments');
    const marks = { 'clone:PAY01-DRILL': { run: 'r-old', drill: 'DR-2026-003', at: START } };
    const known = await verdict(split(openLab()), plan, 'copies', { marks });
    expect(known?.reason).toContain(
      'split by drill DR-2026-003 (run r-old) at 2026-11-22T01:00:00.000Z',
    );
  });

  test.each<[string, string, string]>([
    ['PAIR', 'PAIR', 'done'],
    ['COPY', 'COPY', 'pending'],
    ['PSUE', 'PSUE', 'refuse'],
    ['PSUS', 'PAIR', 'refuse'],
  ])('%s/%s: %s', async (p, s, wanted) => {
    const lab = Object.assign(openLab(), { copyStatus: [p, s] as [string, string] });
    expect((await verdict(lab, plan, 'copies'))?.state).toBe(wanted);
  });
});

describe('clone/split', () => {
  const key = 'split.split';
  const judge = (lab: Lab, seat: Seat = {}) => verdict(lab, plan, key, seat);

  test('ready only when the gateway would let it through', async () => {
    expect(await judge(openLab())).toMatchObject({ state: 'ready', reading: { before: '0fff' } });
    for (const change of [{ svolStatus: 'PFUL' }, { usageRate: 21 }, { restoreStatus: 'SJSE' }]) {
      expect((await judge(Object.assign(openLab(), change)))?.state).toBe('pending');
    }
  });

  test('done when all are split by this run; markers before and after are kept', async () => {
    const lab = Object.assign(split(openLab()), { restoreMarker: '1234', copyProgress: 5 });
    const seat = { mine: { [key]: sent() }, readings: { [key]: { before: '0fff' } } };
    expect(await judge(lab, seat)).toEqual({
      state: 'done',
      reading: {
        before: '0fff',
        after: '1234',
        state: 'PSUS/SSUS',
        replication: ['main PAIR', 'dr PAIR'],
      },
    });
  });

  test('split before this run is preexisting, never done', async () => {
    expect(await judge(split(openLab()))).toMatchObject({
      state: 'preexisting',
      reason: expect.stringContaining('time unknown'),
    });
    const some = Object.assign(openLab(), { copyStatus: ['PSUS', 'SSUS'] as [string, string] });
    expect((await judge(some, { mine: { [key]: { attempt: 1, state: 'void' } } }))?.state).toBe(
      'preexisting',
    );
  });

  test('waits while the array works off its journal', async () => {
    expect(
      (await judge(openLab(), { mine: { [key]: sent() }, now: START + 3_600_000 }))?.state,
    ).toBe('pending');
  });

  test('lost: done if it shows, a person if it does not, ready after a retry', async () => {
    const late = START + JOB_LIMIT_MS;
    expect((await judge(split(openLab()), { mine: { [key]: lost() } }))?.state).toBe('done');
    expect((await judge(openLab(), { mine: { [key]: lost() } }))?.state).toBe('pending');
    expect((await judge(openLab(), { mine: { [key]: lost() }, now: late }))?.state).toBe('refuse');
    const retried = { mine: { [key]: { ...lost(), retry: true } }, now: late };
    expect((await judge(openLab(), retried))?.state).toBe('ready');
  });

  test('a job that failed, pairs in error and suspended replication stop it', async () => {
    const lab = openLab();
    lab.jobs.set(9, {
      jobId: 9,
      status: 'Completed',
      state: 'Failed',
      error: { message: 'KART30000-E' },
    });
    const seat = {
      mine: { [key]: { ...sent(), answer: { jobId: 9, status: 'Initializing', state: 'Queued' } } },
    };
    expect(await judge(lab, seat)).toMatchObject({
      state: 'refuse',
      reason: expect.stringContaining('KART30000-E'),
    });
    const suspended = Object.assign(split(openLab()), { svolStatus: 'SSUS' });
    expect((await judge(suspended, { mine: { [key]: sent() } }))?.state).toBe('refuse');
  });

  test('other pairs than those of the plan are never split or called split', async () => {
    const lab = split(openLab());
    lab.pairs = lab.pairs.slice(1);
    expect((await judge(lab, { mine: { [key]: sent() } }))?.state).toBe('pending');
    expect((await judge(Object.assign(lab, { copyStatus: ['PAIR', 'PAIR'] })))?.state).toBe(
      'pending',
    );
  });

  test('a silent array proves nothing', async () => {
    const lab = split(openLab());
    lab.silent.add('dr array:900000040015');
    expect((await judge(lab, { mine: { [key]: sent() } }))?.state).toBe('pending');
  });
});

describe('clone/resync', () => {
  const key = 'resync.resync';
  const judge = (lab: Lab, seat: Seat = {}) => verdict(lab, resync, key, seat);

  test('ready when the copies are whole and free', async () => {
    expect((await judge(split(openLab())))?.state).toBe('ready');
    expect((await judge(Object.assign(split(openLab()), { copyProgress: 99 })))?.state).toBe(
      'pending',
    );
    expect((await judge(Object.assign(split(openLab()), { paths: 2 })))?.reason).toContain(
      '2 paths',
    );
    const used = split(openLab());
    used.volumes.set(used.pairs[0]?.copyVolume ?? '', {
      status: 'in-use',
      attachments: [{ server_id: 's' }],
    });
    expect((await judge(used))?.reason).toContain('in-use');
  });

  test('a user that stays is a question to a person, one that cannot be read is waited for', async () => {
    const late = { startedAt: START, now: START + 11 * 60_000 };
    const used = Object.assign(split(openLab()), { paths: 2 });
    expect((await judge(used, { startedAt: START, now: START + 60_000 }))?.state).toBe('pending');
    const stays = await judge(used, late);
    expect(stays?.state).toBe('refuse');
    expect(stays?.reason).toContain('2 paths');
    used.silent.add('dr cinder:dr');
    expect((await judge(used, late))?.state).toBe('pending');
  });

  test('PAIR already is accepted in a run of its own', async () => {
    expect((await judge(openLab()))?.state).toBe('preexisting');
  });

  test('done when PAIR again, refused as success while replication is suspended', async () => {
    expect((await judge(openLab(), { mine: { [key]: sent() } }))?.state).toBe('done');
    const suspended = Object.assign(openLab(), { svolStatus: 'PSUE' });
    expect((await judge(suspended, { mine: { [key]: sent() } }))?.state).toBe('refuse');
    expect((await judge(Object.assign(split(openLab()), { svolStatus: 'PSUE' })))?.state).toBe(
      'ready',
    );
  });

  test('a split of this run that may still come true is waited for', async () => {
    const mine = { 'split.split': lost() };
    const first = await verdict(openLab(), plan, key, { mine, now: START + 1_000 });
    expect(first).toMatchObject({ state: 'pending', reading: { marker: '1000' } });
    const readings = { [key]: { marker: '1000' } };
    const behind = { mine, readings, now: START + JOB_LIMIT_MS };
    expect((await verdict(openLab(), plan, key, behind))?.state).toBe('pending');
    const drained = Object.assign(openLab(), { restoreMarker: '1000' });
    expect((await verdict(drained, plan, key, behind))?.state).toBe('preexisting');
    expect((await verdict(split(openLab()), plan, key, behind))?.state).toBe('ready');
  });
});
