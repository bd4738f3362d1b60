/** Production moves, by the requests a gateway would make; the oracle says what became of the data. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseCentres } from '../../lib/twin/centres.ts';
import { controlDoor } from '../../lib/twin/control.ts';
import { createWorld } from '../../lib/twin/world.ts';
import {
  act,
  bootAtDr,
  clouds,
  half,
  health,
  journal,
  type Production,
  power,
  production,
  SWAP,
  service,
  UR,
} from './moves-support.ts';
import { bench, clones, cloudSession, login, SPLIT } from './world-support.ts';

const moves = ({ world }: Production) => world.oracle.moves('payments');
const states = async (bank: Production, end: 'main' | 'dr', name: 'pvolStatus' | 'svolStatus') => [
  ...new Set((await half(bank, end)).map((pair: Record<string, string>) => pair[name])),
];

describe('a planned switch, work at DR, and back', () => {
  it('keeps every acknowledged record', async () => {
    const bank = await production();
    const { clock } = bank;
    expect(moves(bank)).toMatchObject({ active: 'main', writing: ['main'], lost: { onActive: 0 } });
    await power(bank, 'main', 'os-stop');
    expect(moves(bank).writing).toEqual([]);
    clock.advance(20_000);
    expect((await act(bank, ['dr', 'takeover'], { mode: 'auto' })).body.state).toBe('Succeeded');
    clock.advance(30_000);
    // Nobody writes before a guest runs there.
    expect(moves(bank)).toMatchObject({ primary: 'dr', active: 'dr', writing: [] });
    await bootAtDr(bank);
    expect(moves(bank).writing).toEqual(['dr']);
    expect(await health(bank, 'dr')).toBe(200);
    clock.advance(60_000);
    const worked = moves(bank);
    const [home, away] = worked.writers;
    expect([home?.writer, away?.writer]).toEqual(['payments', 'payments@dr']);
    expect(away?.acknowledged).toBeGreaterThanOrEqual(60 * 120);
    expect(home?.on).toEqual({ main: home?.acknowledged, dr: home?.acknowledged });
    expect(worked.lost).toEqual({ onActive: 0, everywhere: 0 });

    await power(bank, 'dr', 'os-stop');
    clock.advance(20_000);
    await act(bank, ['main', 'takeover'], { mode: 'auto' });
    clock.advance(30_000);
    await power(bank, 'main', 'os-start');
    clock.advance(30_000);
    const back = moves(bank);
    expect(back).toMatchObject({ primary: 'main', active: 'main', writing: ['main'] });
    expect(back.lost).toEqual({ onActive: 0, everywhere: 0 });
    expect([back.openings, back.overwrites, back.twoSided]).toEqual([[], [], []]);
    const [, done] = back.writers;
    expect(done?.on['main']).toBe(done?.acknowledged);
    expect(await health(bank, 'main')).toBe(200);
  });

  it('shows roles, LDEVs and journals at both sides as they are after the swap', async () => {
    const bank = await production();
    await power(bank, 'main', 'os-stop');
    await act(bank, ['dr', 'takeover'], { mode: 'auto' });
    bank.clock.advance(30_000);
    const [{ pvol, svol } = { pvol: 0, svol: 0 }] = service(bank.world).volumes;
    const [there] = await half(bank, 'dr');
    const [here] = await half(bank, 'main');
    expect(there).toMatchObject({ pvolLdevId: svol, pvolStatus: 'PAIR' });
    expect(there).not.toHaveProperty('svolStatus');
    expect(here).toMatchObject({ svolLdevId: pvol, svolStatus: 'PAIR' });
    expect(here).not.toHaveProperty('pvolStatus');
    expect((await journal(bank, 'dr')).journalStatus).toBe('PJNN');
    expect((await journal(bank, 'main')).journalStatus).toBe('SJNN');
  });

  it('goes on with the old side closed: its guests start, and no write is accepted', async () => {
    const bank = await production();
    await power(bank, 'main', 'os-stop');
    await act(bank, ['dr', 'takeover'], { mode: 'auto' });
    bank.clock.advance(30_000);
    await power(bank, 'main', 'os-start');
    expect(await health(bank, 'main')).toBe(503);
    await bootAtDr(bank);
    expect(moves(bank).writing).toEqual(['dr']);
    expect(moves(bank).twoSided).toEqual([]);
  });
});

describe('a takeover while main still writes', () => {
  it('closes the P-VOLs, brings everything over, and leaves one side that writes', async () => {
    const bank = await production();
    await act(bank, ['dr', 'takeover'], { mode: 'auto' });
    bank.clock.advance(10_000);
    expect(await health(bank, 'main')).toBe(503);
    expect(moves(bank)).toMatchObject({
      primary: 'dr',
      writing: [],
      lost: { onActive: 0, everywhere: 0 },
    });
    await bootAtDr(bank);
    bank.clock.advance(10_000);
    expect(moves(bank)).toMatchObject({ writing: ['dr'], twoSided: [], lost: { onActive: 0 } });
  });

  it('by force opens DR with what it has, and the records on their way are lost to it', async () => {
    const bank = await production();
    await act(bank, ['dr', 'takeover'], { mode: 'forceSplit' });
    bank.clock.advance(10_000);
    const { openings, writing, lost } = moves(bank);
    expect(writing).toEqual(['main']);
    expect(openings[0]?.lostRecords).toBeGreaterThan(0);
    expect(lost.onActive).toBeGreaterThan(openings[0]?.lostRecords ?? 0);
    expect(lost.everywhere).toBe(0);
  });
});

describe('a disaster', () => {
  it('costs exactly what had not reached DR, in records and in milliseconds', async () => {
    const bank = await production();
    const { world, clock } = bank;
    world.fault('link-cut', true);
    clock.advance(42_500);
    world.fault('site-dead', true, { site: 'main' });
    clock.advance(20_000);
    await act(bank, ['dr', 'takeover'], { mode: 'forceSplit' }, 'local');
    clock.advance(60_000);
    expect(await states(bank, 'dr', 'svolStatus')).toEqual(['SSWS']);
    const { openings, writers, lost, active } = moves(bank);
    const [home] = writers;
    const [{ pvol, svol } = { pvol: 0, svol: 0 }] = service(world).volumes;
    const beats = [world.oracle.contents('main', pvol), world.oracle.contents('dr', svol)].map(
      ({ heartbeat }) => heartbeat,
    );
    const [written = 0, arrived = 0] = beats;
    expect(openings).toEqual([
      {
        at: expect.any(Number),
        array: 'dr',
        lostRecords: lost.onActive,
        lostMs: expect.any(Number),
      },
    ]);
    expect(openings[0]?.lostMs).toBe((written - arrived) * 1000);
    expect(written - arrived).toBeGreaterThanOrEqual(42);
    expect((home?.acknowledged ?? 0) - (home?.on['dr'] ?? 0)).toBe(lost.onActive);
    // 42.5 seconds of 120 records, and what was on its way when the link went down.
    expect(lost.onActive).toBeGreaterThanOrEqual(42.5 * 120);
    expect(lost.onActive).toBeLessThan(43.5 * 120);
    expect([active, lost.everywhere]).toEqual(['dr', lost.onActive]);
    const record = (home?.acknowledged ?? 0) - (lost.onActive ?? 0);
    const lastKept = world.oracle.writtenAt('payments', record) ?? 0;
    expect((home?.lastAt ?? 0) - lastKept).toBeGreaterThanOrEqual(42_500);
  });

  it('is over when main is protected again, and only what was given up is destroyed', async () => {
    const bank = await production();
    const { world, clock } = bank;
    world.fault('link-cut', true);
    clock.advance(10_000);
    world.fault('site-dead', true, { site: 'main' });
    await act(bank, ['dr', 'takeover'], { mode: 'auto' }, 'local');
    clock.advance(60_000);
    await bootAtDr(bank);
    clock.advance(60_000);
    world.fault('site-dead', false, { site: 'main' });
    world.fault('link-cut', false);
    clock.advance(10_000);
    expect(await states(bank, 'main', 'pvolStatus')).toEqual(['PSUS']);
    // The power had failed: nobody has started the servers at main.
    expect(moves(bank)).toMatchObject({ writing: ['dr'], twoSided: [] });
    expect((await act(bank, ['main', 'resync'], UR)).body.state).toBe('Failed');
    expect((await act(bank, ['dr', 'resync'], SWAP)).body.state).toBe('Succeeded');
    clock.advance(600_000);
    const { openings, overwrites, wrongDirection, lost, primary } = moves(bank);
    expect(primary).toBe('dr');
    expect(overwrites).toMatchObject([
      { array: 'main', records: openings[0]?.lostRecords, unannounced: 0 },
    ]);
    expect(wrongDirection).toEqual([]);
    expect(lost.onActive).toBe(openings[0]?.lostRecords);
    expect(world.oracle.recordsBehind('payments')).toBeLessThan(200);
  });

  it('with servers that return by themselves is two-sided, and their work is destroyed', async () => {
    const bank = await production();
    const { world, clock } = bank;
    world.fault('guests-return', true, { site: 'main' });
    world.fault('site-dead', true, { site: 'main' });
    await act(bank, ['dr', 'takeover'], { mode: 'auto' }, 'local');
    clock.advance(60_000);
    await bootAtDr(bank);
    const back = clock.now();
    world.fault('site-dead', false, { site: 'main' });
    clock.advance(30_000);
    expect(moves(bank)).toMatchObject({
      active: 'dr',
      writing: ['main', 'dr'],
      twoSided: [{ since: back, until: null }],
    });
    await act(bank, ['dr', 'resync'], SWAP);
    clock.advance(600_000);
    const { wrongDirection, twoSided, lost, openings } = moves(bank);
    expect(twoSided).toEqual([{ since: back, until: back + 30_000 }]);
    expect(wrongDirection).toMatchObject([{ array: 'main', unannounced: 30 * 120 }]);
    expect(lost.onActive).toBe((openings[0]?.lostRecords ?? 0) + 30 * 120);
  });

  it('that is none, only a site nobody reaches, leaves both sides writing', async () => {
    const bank = await production();
    const { world, clock } = bank;
    world.fault('site-cut', true, { site: 'main' });
    clock.advance(10_000);
    await expect(act(bank, ['main', 'split'], UR, 'local')).rejects.toThrow('closed');
    await act(bank, ['dr', 'takeover'], { mode: 'auto' }, 'local');
    clock.advance(20_000);
    const before = moves(bank);
    expect(before).toMatchObject({ active: 'dr', writing: ['main'], twoSided: [] });
    await bootAtDr(bank);
    clock.advance(5_000);
    const after = moves(bank);
    expect(after.writing).toEqual(['main', 'dr']);
    expect(after.twoSided).toMatchObject([{ until: null }]);
    expect(after.lost.onActive).toBeGreaterThan(before.lost.onActive ?? 0);
    expect(after.lost.everywhere).toBe(0);
  });
});

describe('in the middle of a swap', () => {
  it('a link that is cut leaves everything at main, and the takeover can be repeated', async () => {
    const bank = await production();
    const { world, clock } = bank;
    world.fault('link-down', true);
    clock.advance(20_000);
    await power(bank, 'main', 'os-stop');
    await act(bank, ['dr', 'takeover'], { mode: 'auto' });
    clock.advance(5_000);
    expect(await states(bank, 'main', 'pvolStatus')).toEqual(['PAIR']);
    world.fault('link-cut', true);
    world.fault('link-down', false);
    clock.advance(600_000);
    expect(await states(bank, 'main', 'pvolStatus')).toEqual(['PSUE']);
    expect(await states(bank, 'dr', 'svolStatus')).toEqual(['PSUE']);
    expect(moves(bank)).toMatchObject({ primary: 'main', lost: { onActive: 0 }, openings: [] });
    world.fault('link-cut', false);
    clock.advance(10_000);
    await act(bank, ['main', 'resync'], UR);
    clock.advance(600_000);
    await act(bank, ['dr', 'takeover'], { mode: 'auto' });
    clock.advance(60_000);
    expect(moves(bank)).toMatchObject({ primary: 'dr', lost: { onActive: 0, everywhere: 0 } });
    expect(moves(bank).overwrites).toEqual([]);
  });
});

describe('a resync the wrong way', () => {
  it('over S-VOLs that were split writable is seen', async () => {
    const bank = await production();
    bank.world.fault('resync-backwards', true);
    bank.clock.advance(5_000);
    await act(bank, ['main', 'resync'], UR);
    expect(moves(bank).wrongDirection).toMatchObject([{ array: 'dr', hostWrites: 1, records: 0 }]);
  });

  it('is seen when somebody dissolved the pairs and made them anew after a takeover', async () => {
    const bank = await production();
    const { world, clock } = bank;
    await power(bank, 'main', 'os-stop');
    clock.advance(10_000);
    await act(bank, ['main', 'split'], UR);
    clock.advance(10_000);
    await act(bank, ['dr', 'split'], { ...UR, svolOperationMode: 'SSWS' });
    clock.advance(10_000);
    await bootAtDr(bank);
    clock.advance(10_000);
    const { openings, writers } = moves(bank);
    expect(openings).toMatchObject([{ lostRecords: 0, lostMs: 0 }]);
    world.fault('pairs-deleted', true);
    expect(moves(bank).active).toBeNull();
    world.fault('pairs-deleted', false);
    const worked = writers[1]?.acknowledged ?? 0;
    expect(worked).toBeGreaterThan(0);
    expect(moves(bank).wrongDirection).toMatchObject([{ array: 'dr', unannounced: worked }]);
  });
});

describe('copies of volumes that became P-VOLs', () => {
  it('are split at one instant, with what was written at DR', async () => {
    const bank = await production();
    const { world, clock } = bank;
    await power(bank, 'main', 'os-stop');
    await act(bank, ['dr', 'takeover'], { mode: 'auto' });
    clock.advance(30_000);
    await bootAtDr(bank);
    clock.advance(30_000);
    const array = await login(world, 'dr');
    await array.send('PUT', clones('PAY01-DRILL', 'split'), { body: SPLIT });
    clock.advance(30_000);
    const instant = world.oracle.copiesEqualOneInstant('payments');
    const [home, away] = moves(bank).writers;
    expect(instant).toBeGreaterThan(home?.acknowledged ?? 0);
    expect(instant).toBeLessThan((home?.acknowledged ?? 0) + (away?.acknowledged ?? 0));
  });
});

it('is remembered by a twin that was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-moves-'));
  const first = bench({ folder });
  const bank = { ...first, cloud: await clouds(first.world) };
  bank.clock.advance(60_000);
  bank.world.fault('site-dead', true, { site: 'main' });
  await act(bank, ['dr', 'takeover'], { mode: 'auto' }, 'local');
  bank.clock.advance(10_000);
  await bootAtDr(bank);
  bank.clock.advance(10_000);
  const before = moves(bank);
  expect(before.openings).toHaveLength(1);
  const { world } = bench({ folder, clock: bank.clock });
  expect(world.oracle.moves('payments')).toEqual(before);
  const url = 'http://twin/twin/v1/oracle?service=payments';
  const { body } = await controlDoor(world)({ method: 'GET', url, headers: {} });
  expect(JSON.parse(body).groups[0].moves).toEqual(before);
  // Its guests are known, too: they stop with their server.
  const cloud = { ...bank.cloud, dr: await cloudSession(world) };
  await power({ ...bank, world, cloud }, 'dr', 'os-stop');
  expect(world.oracle.moves('payments').writing).toEqual([]);
});

it.each(['two-centres', 'three-centres', 'active-active'])(
  'every service of %s begins with all its records on the side that writes',
  (name) => {
    const file = `config/twin/${name}.yml`;
    const centres = parseCentres({ file, text: readFileSync(file, 'utf8') });
    const clock = manualClock();
    const world = createWorld(centres, { clock, random: seededRandom(name) });
    clock.advance(10_000);
    for (const { id, from, writer } of world.units) {
      const seen = world.oracle.moves(id);
      expect(seen).toMatchObject({ primary: from, active: from, lost: { onActive: 0 } });
      expect(seen.writing).toContain(from);
      const own = seen.writers.find((one) => one.writer === writer);
      expect(own?.acknowledged).toBeGreaterThan(0);
      expect(own?.on[from]).toBe(own?.acknowledged);
    }
  },
);
