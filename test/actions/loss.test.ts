/** What was lost is always within the error that is told; only what is certain is told. */
import fc from 'fast-check';
import {
  lossBetween,
  lossByBeat,
  lossByMarkers,
  type Sample,
} from '../../lib/actions/heartbeat/loss.ts';

const hex = (marker: number): string => marker.toString(16).padStart(8, '0');

/** Writes at these instants; how many of them arrived; when main was looked at; when it ended. */
const disasters = fc
  .record({
    gaps: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 200 }),
    arrived: fc.double({ min: 0, max: 1, noNaN: true }),
    every: fc.integer({ min: 100, max: 20_000 }),
    first: fc.integer({ min: 0, max: 20_000 }),
    tail: fc.integer({ min: 0, max: 5_000 }),
    doubt: fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 30_000 })),
  })
  .map(({ gaps, arrived, every, first, tail, doubt: [before, after] }) => {
    let at = 0;
    const writes = gaps.map((gap) => (at += gap));
    const end = at + tail;
    const samples: Sample[] = [];
    for (let time = first; time <= end; time += every) {
      samples.push({ at: time, marker: hex(writes.filter((write) => write <= time).length) });
    }
    const count = Math.round(arrived * writes.length);
    const missing = writes[count];
    // What could be lost began with the first write that is missing and ended with main.
    const truth = missing === undefined ? 0 : end - missing;
    return {
      samples,
      restored: hex(count),
      ended: { from: Math.max(0, end - before), to: end + after },
      truth,
      end,
    };
  });

test('an estimate from markers contains the truth, or says that there is none', () => {
  fc.assert(
    fc.property(disasters, ({ samples, restored, ended, truth }) => {
      const loss = lossByMarkers(samples, restored, ended);
      const old = samples.some(
        ({ marker }) => Number.parseInt(marker, 16) <= Number.parseInt(restored, 16),
      );
      if (loss === undefined) return expect(old).toBe(false);
      expect(old).toBe(true);
      expect(loss.lossMs - loss.errorMs).toBeLessThanOrEqual(truth);
      expect(loss.lossMs + loss.errorMs).toBeGreaterThanOrEqual(truth);
    }),
    { seed: 6, numRuns: Number(process.env['DRILLBOOK_LOSSES'] ?? 300) },
  );
});

test('finer samples and a known end make the error smaller', () => {
  const marks = (every: number): Sample[] =>
    Array.from({ length: Math.floor(60_000 / every) }, (_, i) => ({
      at: i * every,
      marker: hex((i * every) / 100),
    }));
  const ended = { from: 60_000, to: 60_000 };
  const coarse = lossByMarkers(marks(10_000), hex(425), ended);
  const fine = lossByMarkers(marks(1_000), hex(425), ended);
  expect(coarse).toEqual({ lossMs: 15_000, errorMs: 5_000 });
  expect(fine).toEqual({ lossMs: 17_500, errorMs: 500 });
});

test('a marker that was set anew says nothing of what was before', () => {
  const samples = [
    { at: 0, marker: 'ff' },
    { at: 1_000, marker: '01' },
    { at: 2_000, marker: '05' },
  ];
  const ended = { from: 3_000, to: 3_000 };
  expect(lossByMarkers(samples, '03', ended)).toEqual({ lossMs: 1_500, errorMs: 500 });
  expect(lossByMarkers(samples.slice(0, 2), '00', ended)).toBeUndefined();
});

test('the heartbeat that is there bounds the loss to a second, and to what is known of the end', () => {
  expect(lossByBeat(10_000, { from: 14_000, to: 14_000 })).toEqual({ lossMs: 3_500, errorMs: 500 });
  expect(lossByBeat(10_000, { from: 10_000, to: 10_000 })).toEqual({ lossMs: 0, errorMs: 0 });
  fc.assert(
    fc.property(
      fc.tuple(fc.nat(100_000), fc.nat(999), fc.nat(90_000), fc.nat(30_000), fc.nat(30_000)),
      ([found, rest, lost, before, after]) => {
        // Everything up to somewhere within the second after the heartbeat is there.
        const end = found + rest + lost;
        const loss = lossByBeat(found, { from: Math.max(found, end - before), to: end + after });
        expect(loss.lossMs - loss.errorMs).toBeLessThanOrEqual(lost);
        expect(loss.lossMs + loss.errorMs).toBeGreaterThanOrEqual(lost);
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

test('nothing is ever lost backwards', () => {
  expect(lossBetween({ from: 5_000, to: 9_000 }, { from: 1_000, to: 4_000 })).toEqual({
    lossMs: 0,
    errorMs: 0,
  });
});
