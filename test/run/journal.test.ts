import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../../lib/canonical.ts';
import { manualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { JournalMoved } from '../../lib/run/errors.ts';
import type { NewEvent } from '../../lib/run/events.ts';
import { appendEvent, journalChain, readJournal, type Tail } from '../../lib/run/journal.ts';
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
});
