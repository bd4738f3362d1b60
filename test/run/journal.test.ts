import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../../lib/canonical.ts';
import { iso, manualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { JournalMoved } from '../../lib/run/errors.ts';
import type { NewEvent } from '../../lib/run/events.ts';
import {
  appendEvent,
  journalChain,
  readBehind,
  readJournal,
  type Tail,
} from '../../lib/run/journal.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store } from '../../lib/store/store.ts';

const RUN = 'r-0123456789';
const START: Tail = { seq: 0, hash: sha256('the ledger record that opened the run') };
const note = (text: string): NewEvent => ({
  type: 'note',
  actor: { id: 'p-1', kind: 'human' },
  data: { person: 'p-1', text },
});

function writer(store: Store, seed: string) {
  const deps = { store, clock: manualClock(), random: seededRandom(seed) };
  return (tail: Tail, text: string) => appendEvent(deps, RUN, { tail, event: note(text) });
}

describe('the journal of a run', () => {
  it('gives one place to one of many writers; the others wrote nothing', async () => {
    const store = memoryStore();
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => writer(store, `w${i}`)(START, `from ${i}`)),
    );
    const lost = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(lost).toHaveLength(19);
    for (const why of lost) expect(why).toBeInstanceOf(JournalMoved);
    expect((await readJournal(store, RUN)).events).toHaveLength(1);
  });

  it('writers who read again and go on make one chain without gaps', async () => {
    const store = memoryStore();
    await Promise.all(
      Array.from({ length: 6 }, async (_, i) => {
        const append = writer(store, `w${i}`);
        for (let written = 0; written < 10; ) {
          const { tail } = await readJournal(store, RUN);
          const done = await append(tail ?? START, `${i}/${written}`).catch(() => undefined);
          if (done !== undefined) written++;
        }
      }),
    );
    const { events, tail } = await readJournal(store, RUN);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(tail?.seq).toBe(60);
    const texts = events.map((event) => (event.type === 'note' ? event.data.text : ''));
    expect(new Set(texts).size).toBe(60);
  });

  it('a line that was stored though the answer was lost is our line', async () => {
    const store = memoryStore();
    let lost = 0;
    const forgetful: Store = {
      ...store,
      append: async (chain, item) => {
        const stored = await store.append(chain, item);
        if (lost++ > 0) return stored;
        throw new Error('reset');
      },
    };
    const { event, tail } = await writer(forgetful, 'a')(START, 'once');
    expect(event.seq).toBe(1);
    const read = await readJournal(store, RUN);
    expect(read.events).toHaveLength(1);
    expect(read.tail).toEqual(tail);
  });

  it('a store that stays silent is no success', async () => {
    const silent: Store = {
      ...memoryStore(),
      append: () => Promise.reject(new Error('no route')),
    };
    await expect(writer(silent, 'a')(START, 'x')).rejects.toThrow('no route');
  });

  it('a line that was changed, dropped or moved is noticed on reading', async () => {
    const store = memoryStore();
    const append = writer(store, 'a');
    let tail = START;
    for (const text of ['one', 'two', 'three']) ({ tail } = await append(tail, text));
    const lines = await store.chain(journalChain(RUN));
    const changed = (line: string, seq: number) => (seq === 2 ? line.replace('two', 'too') : line);
    const versions = [
      lines.map((item) => ({ ...item, line: changed(item.line, item.seq) })),
      lines.filter(({ seq }) => seq !== 2),
      [...lines].reverse(),
    ];
    for (const version of versions) {
      const reader = { ...store, chain: async () => version };
      await expect(readJournal(reader, RUN)).rejects.toThrow(/broken/);
    }
  });

  it('says which line is broken, and where a run is kept', async () => {
    const store = memoryStore();
    expect(journalChain(RUN)).toBe(`run:${RUN}`);
    expect(await readJournal(store, RUN)).toEqual({ events: [], lines: [], tail: undefined });
    const append = writer(store, 'a');
    let tail = START;
    for (const text of ['one', 'two', 'three']) ({ tail } = await append(tail, text));
    const lines = await store.chain(journalChain(RUN));
    const without = (seq: number) => lines.filter((item) => item.seq !== seq);
    for (const [seq, place] of [
      [1, 1],
      [2, 2],
    ] as const) {
      const reader = { ...store, chain: async () => without(seq) };
      await expect(readJournal(reader, RUN)).rejects.toThrow(
        `journal of ${RUN} is broken at line ${place}`,
      );
    }
    expect((await readJournal(store, RUN)).lines).toEqual(lines.map(({ line }) => line));
  });

  it('a written event has its place, its time and the evidence that came with it', async () => {
    const store = memoryStore();
    const { event, line } = await writer(store, 'a')(START, 'one');
    expect(event).toMatchObject({ v: 1, run: RUN, seq: 1, prev: START.hash, evidence: [] });
    expect([event.id.length, event.ts]).toEqual([24, iso(manualClock().now())]);
    expect(sha256(line)).toBe((await readJournal(store, RUN)).tail?.hash);
    const deps = { store, clock: manualClock(), random: seededRandom('e') };
    const tail = { seq: 1, hash: sha256(line) };
    const broken = { ...note('x'), data: { person: 7 } } as never;
    await expect(appendEvent(deps, RUN, { tail, event: broken })).rejects.toThrow();
    expect((await readJournal(store, RUN)).events).toHaveLength(1);
    const evidence = [{ sha256: 'a'.repeat(64), bytes: 1, media: 'text/plain', label: 'x' }];
    const second = await appendEvent(deps, RUN, { tail, event: { ...note('two'), evidence } });
    expect(second.event.evidence).toEqual(evidence);
    await expect(writer(store, 'b')(START, 'again')).rejects.toThrow(`line 1 of ${RUN}`);
  });

  it('takes no line whose evidence nobody could read again', async () => {
    const store = memoryStore();
    const deps = { store, clock: manualClock(), random: seededRandom('evidence') };
    const evidence = [{ label: '../x', sha256: START.hash, bytes: 1, media: 'text/plain' }];
    const event: NewEvent = { ...note('n'), evidence };
    await expect(appendEvent(deps, RUN, { tail: START, event })).rejects.toThrow();
    expect(await store.chain(journalChain(RUN))).toEqual([]);
  });

  it('goes on behind a line that is known, and nowhere else', async () => {
    const store = memoryStore();
    const append = writer(store, 'a');
    const tails: Tail[] = [];
    let tail = START;
    for (const text of ['one', 'two', 'three']) {
      ({ tail } = await append(tail, text));
      tails.push(tail);
    }
    const [first = START, second = START, third = START] = tails;
    const behind = await readBehind(store, RUN, first);
    expect(behind?.events.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(behind?.tail).toEqual(third);
    expect(await readBehind(store, RUN, third)).toEqual({ events: [], lines: [], tail: third });
    expect(await readBehind(store, RUN, { ...second, hash: first.hash })).toBeUndefined();
    expect(await readBehind(store, RUN, { ...third, seq: 9 })).toBeUndefined();
    const later = { ...store, chain: async () => (await store.chain(journalChain(RUN))).slice(1) };
    expect(await readBehind(later, RUN, { ...second, seq: 1 })).toBeUndefined();
    const gap = async () => (await store.chain(journalChain(RUN))).filter(({ seq }) => seq !== 2);
    await expect(readBehind({ ...store, chain: gap }, RUN, first)).rejects.toThrow('at line 2');
  });
});
