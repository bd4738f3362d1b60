/** What a process remembers of a journal is never more than what the store says. */
import { expect, test } from '@jest/globals';
import { journalChain } from '../../lib/run/journal.ts';
import { DRILLBOOK, openSession } from '../../lib/run/session.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { openSmall, RUN } from '../support/small.ts';

const note = (text: string) => ({
  type: 'note' as const,
  actor: DRILLBOOK,
  data: { person: 'p', text },
});

async function begun() {
  const { engine } = openSmall([]);
  const reads: number[] = [];
  const store = {
    ...engine.store,
    chain: async (chain: string, from = 0) => {
      const lines = await engine.store.chain(chain, from);
      reads.push(lines.length);
      return lines;
    },
  };
  const counted = { ...engine, store };
  const session = await openSession(counted, RUN);
  await session.open('0'.repeat(64), note('1'));
  for (let i = 2; i <= 20; i++) await session.append(note(String(i)));
  session.close();
  reads.length = 0;
  return { engine: counted, reads };
}

test('a second look reads only what came since, by whomever', async () => {
  const { engine, reads } = await begun();
  const other = await openSession({ ...engine }, RUN);
  await other.append(note('from another process'));
  reads.length = 0;
  const session = await openSession(engine, RUN);
  expect(session.events()).toHaveLength(21);
  expect(reads).toEqual([2]);
});

test('two sessions at once share nothing: who was slower may not write', async () => {
  const { engine } = await begun();
  const first = await openSession(engine, RUN);
  const second = await openSession(engine, RUN);
  await first.append(note('first'));
  expect(second.events()).toHaveLength(20);
  await expect(second.append(note('second'))).rejects.toThrow(/line 21/);
  first.close();
  second.close();
  expect((await openSession(engine, RUN)).events()).toHaveLength(21);
});

test('a store with another history is read whole', async () => {
  const { engine } = await begun();
  const old = memoryStore();
  const lines = await engine.store.chain(journalChain(RUN));
  for (const line of lines.slice(0, 5)) await old.append(journalChain(RUN), line);
  Object.assign(engine.store, { chain: old.chain });
  expect((await openSession(engine, RUN)).events()).toHaveLength(5);
});
