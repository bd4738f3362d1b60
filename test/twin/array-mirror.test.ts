import fc from 'fast-check';
import { heartbeatAt, type Load, lastRecordOn, recordAt } from '../../lib/twin/array/load.ts';
import { Mirror, type MirrorSpec } from '../../lib/twin/array/mirror.ts';

const START = Date.UTC(2026, 10, 1);
const load: Load = { seed: 7, startedAt: START, perSecond: 40, volumes: 3 };
const spec: MirrorSpec = {
  group: 'CG',
  primary: 'A',
  secondary: 'B',
  muNumber: 1,
  consistencyGroupId: 1,
  masterJournalId: 1,
  restoreJournalId: 2,
  capacityGiB: 1,
  capacityRecords: 4000,
  transferMs: 200,
  copyMs: 10_000,
  load,
};
const volumes = [0, 1, 2];
const fresh = () =>
  new Mirror(
    spec,
    volumes.map((volume) => ({ name: `p${volume}`, pvol: volume, svol: volume, volume })),
  );

describe('the write load', () => {
  it('writes a heartbeat to every volume once a second', () => {
    expect(recordAt(load, START + 60_000)).toBe(2400);
    expect(heartbeatAt(load, 2400)).toBe(60);
    for (const volume of volumes) expect(lastRecordOn(load, volume, 2400)).toBe(2400);
  });

  it('writes each other record to exactly one volume', () => {
    const seed = 20261122;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (record) => {
        const holders = volumes.filter((volume) => lastRecordOn(load, volume, record) === record);
        return holders.length === (record % 40 === 0 ? 3 : 1);
      }),
      { seed },
    );
  });
});

describe('the journals', () => {
  it('keep the order written, received, restored, and never run backwards', () => {
    const seed = 20261123;
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 40_000 }),
      act: fc.constantFrom('', 'hold', 'release', 'hold-link', 'release-link'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const mirror = fresh();
        let now = START + 1_000_000;
        let [received, restored] = [0, 0];
        for (const { ms, act } of steps) {
          now += ms;
          mirror.settle(now);
          if (act.startsWith('hold')) mirror.hold(act === 'hold' ? 'restore' : 'transfer', now);
          if (act.startsWith('release')) {
            mirror.release(act === 'release' ? 'restore' : 'transfer', now);
          }
          expect(mirror.received(now)).toBeLessThanOrEqual(mirror.written(now));
          expect(mirror.restored(now)).toBeLessThanOrEqual(mirror.received(now));
          expect(mirror.received(now)).toBeGreaterThanOrEqual(received);
          expect(mirror.restored(now)).toBeGreaterThanOrEqual(restored);
          [received, restored] = [mirror.received(now), mirror.restored(now)];
        }
      }),
      { seed },
    );
  });

  it('are some hundred milliseconds behind and hardly ever empty', () => {
    const mirror = fresh();
    for (let i = 0; i < 500; i++) {
      const now = START + 5_000_000 + i * 37;
      mirror.settle(now);
      const behindMs = ((mirror.written(now) - mirror.restored(now)) * 1000) / load.perSecond;
      expect(behindMs).toBeGreaterThan(100);
      expect(behindMs).toBeLessThan(1000);
      expect(mirror.journal('master', now).qCount).toBeGreaterThan(0);
    }
  });

  it('show PFUL above 80 % and PAIR again after catching up', () => {
    const mirror = fresh();
    const start = START + 1_000_000;
    mirror.settle(start);
    mirror.hold('transfer', start);
    const at = (seconds: number) => {
      mirror.settle(start + seconds * 1000);
      return mirror.status(start + seconds * 1000);
    };
    expect(at(79)).toBe('PAIR');
    expect(at(82)).toBe('PFUL');
    expect(mirror.journal('master', start + 82_000)).toMatchObject({
      status: 'PJNF',
      usageRate: 82,
    });
    mirror.release('transfer', start + 82_000);
    expect(at(83)).toBe('PAIR');
    expect(at(120)).toBe('PAIR');
    expect(mirror.journal('master', start + 120_000).qCount).toBeLessThan(40);
  });

  it('give up a minute after they are full, also when nobody looked for hours', () => {
    const start = START + 1_000_000;
    const looked = fresh();
    const asleep = fresh();
    for (const mirror of [looked, asleep]) {
      mirror.settle(start);
      mirror.hold('transfer', start);
    }
    for (let s = 0; s <= 7200; s += 5) looked.settle(start + s * 1000);
    asleep.settle(start + 7_200_000);
    const end = start + 7_200_000;
    for (const mirror of [looked, asleep]) {
      expect(mirror.status(end)).toBe('PFUS');
      expect(mirror.journal('restore', end).status).toBe('SJSF');
      expect(mirror.snapshot().since).toBeGreaterThan(start + 158_000);
      expect(mirror.snapshot().since).toBeLessThan(start + 162_000);
    }
  });

  it('start a new row of markers after a resync', () => {
    const mirror = fresh();
    const start = START + 1_000_000;
    const marker = (now: number) => Number.parseInt(mirror.journal('master', now).qMarker, 16);
    const before = marker(start) - mirror.written(start);
    mirror.fail(start);
    expect(mirror.status(start + 1)).toBe('PSUE');
    mirror.resume(start + 5000);
    mirror.settle(start + 6000);
    expect(mirror.status(start + 6000)).toBe('COPY');
    mirror.settle(start + 20_000);
    expect(mirror.status(start + 20_000)).toBe('PAIR');
    expect(marker(start + 20_000) - mirror.written(start + 20_000)).not.toBe(before);
  });
});
