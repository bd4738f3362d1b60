/** Spans of records against the plainest thing there is: sets of single records. */
import fc from 'fast-check';
import type { History } from '../../../lib/twin/array/data/history.ts';
import {
  acknowledged,
  countOf,
  intersection,
  keptBy,
  lastBeat,
  type Span,
  spansOf,
  union,
  without,
} from '../../../lib/twin/array/data/spans.ts';
import { createWriters } from '../../../lib/twin/array/data/writers.ts';
import { topologySchema } from '../../../lib/twin/topology.ts';
import { topology } from '../array-support.ts';

const spans = fc.array(
  fc
    .record({ writer: fc.constantFrom('a', 'b'), after: fc.nat(30), length: fc.nat(9) })
    .map(({ writer, after, length }): Span => ({ writer, after, upTo: after + length })),
  { maxLength: 6 },
);

const records = (some: readonly Span[]): Set<string> =>
  new Set(
    some.flatMap(({ writer, after, upTo }) =>
      Array.from({ length: upTo - after }, (_, i) => `${writer}${after + i + 1}`),
    ),
  );

test('union, intersection and difference are those of sets', () => {
  fc.assert(
    fc.property(spans, spans, (some, others) => {
      const [one, other] = [records(some), records(others)];
      const both = [...one].filter((record) => other.has(record));
      const rest = [...one].filter((record) => !other.has(record));
      expect(records(union(some))).toEqual(one);
      expect(records(intersection(some, others))).toEqual(new Set(both));
      expect(records(without(some, others))).toEqual(new Set(rest));
      expect(countOf(without(some, others))).toBe(rest.length);
      expect(countOf(union(some))).toBe(one.size);
    }),
  );
});

const START = 1_000_000;

function writers() {
  const plan = topologySchema.parse({
    ...topology,
    writers: [
      { name: 'home', array: 'main', ldevs: [1000, 1001], recordsPerSecond: 10 },
      {
        name: 'away',
        array: 'dr',
        ldevs: [2000, 2001],
        recordsPerSecond: 10,
        guestsOnly: true,
      },
    ],
  });
  return createWriters(plan.writers, START);
}

const until = (seconds: number) => START + seconds * 1000;

test('a history that changed hands contains both, and each only as far as it was there', () => {
  const all = writers();
  all.stop('home', 'x', until(10));
  for (const ldevId of [2000, 2001]) all.go('away', `quiet ${ldevId}`, until(20));
  const at = { writers: all, now: until(30) };
  const history: History = [
    { writer: 'home', place: 0, since: START, until: until(8) },
    { writer: 'away', place: 0, since: until(20), until: null },
  ];
  expect(spansOf(history, at)).toEqual([
    { writer: 'away', after: 0, upTo: 100 },
    { writer: 'home', after: 0, upTo: 80 },
  ]);
  const lost = without(acknowledged(['home', 'away'], at), spansOf(history, at));
  expect(lost).toEqual([{ writer: 'home', after: 80, upTo: 100 }]);
  expect(lastBeat(spansOf(history, at), all)).toBe(until(30));
  expect(lastBeat([{ writer: 'home', after: 0, upTo: 80 }], all)).toBe(until(8));
  expect(lastBeat([{ writer: 'home', after: 81, upTo: 89 }], all)).toBeNull();
});

test('volumes hold together what each of them holds; torn data is nothing', () => {
  const at = { writers: writers(), now: until(10) };
  const whole: History = [{ writer: 'home', since: START, until: null, place: 0 }];
  const shorter: History = [{ writer: 'home', since: START, until: until(4), place: 1 }];
  const torn: History = [...whole, { writer: 'torn', since: until(9), until: until(9) }];
  expect(countOf(keptBy([whole, shorter], at))).toBe(40);
  expect(keptBy([whole, torn], at)).toEqual([]);
  expect(keptBy([], at)).toEqual([]);
});

test('a record has its instant, and those that were not written have none', () => {
  const all = writers();
  all.stop('home', 'x', until(5));
  all.go('home', 'x', until(60));
  expect([1, 50, 51].map((record) => all.instantOf('home', record))).toEqual([
    START + 100,
    until(5),
    until(60) + 100,
  ]);
  for (const record of [1, 50, 51, 500]) {
    const at = all.instantOf('home', record) ?? 0;
    expect([all.recordAt('home', at), all.recordAt('home', at - 1)]).toEqual([record, record - 1]);
  }
  expect(all.instantOf('away', 1)).toBeUndefined();
});
