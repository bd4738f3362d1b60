/** One contract, two stores: what memory promises, DynamoDB keeps, and the other way round. */
import { type LocalDatabase, startDynalite } from '../../lib/store/dynalite.ts';
import { dynamoStore } from '../../lib/store/dynamo.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { HeadItem, InboxItem, Store } from '../../lib/store/store.ts';

let database: LocalDatabase;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

const stores: [string, () => Store][] = [
  ['memory', () => memoryStore()],
  ['dynamo', () => dynamoStore(database.address)],
];

/** Each test has names of its own, so that tests share a table without meeting. */
let names = 0;
const fresh = (word: string) => `${word}-${names++}`;

const item = (run: string, over: Partial<InboxItem> = {}): InboxItem => ({
  run,
  delivery: 'trigger 1',
  at: 1_795_000_000_000,
  person: 'p-3ce3094d',
  body: '{"말":"지급결제 계정계 — 훈련"}',
  ...over,
});
const headOf = (run: string, seq: number, openedAt: number): HeadItem => ({
  run,
  seq,
  json: JSON.stringify({ run, seq, openedAt, name: '한빛 은행 긴 이름 🙂' }),
});

describe.each(stores)('%s', (_name, open) => {
  test('50 racing writers: each seq has one winner, and the chain holds the winners', async () => {
    const chain = fresh('run:race');
    const [one, two] = [open(), open()];
    const won: string[] = [];
    for (let seq = 1; seq <= 3; seq++) {
      const racers = Array.from({ length: 50 }, async (_, i) => {
        const id = `${seq}-${i}`;
        // Memory has one owner per process; DynamoDB is raced through two separate models.
        const store = i % 2 === 0 || _name === 'memory' ? one : two;
        const said = await store.append(chain, { seq, id, line: `{"n":"줄 ${id}"}` });
        return said === 'stored' ? [id] : [];
      });
      const winners = (await Promise.all(racers)).flat();
      expect(winners).toHaveLength(1);
      won.push(...winners);
    }
    expect((await one.chain(chain)).map((line) => line.id)).toEqual(won);
  });

  test('a line whose acknowledgement was lost is put again and counts as stored', async () => {
    const store = open();
    const chain = fresh('run:lost');
    const line = { seq: 1, id: 'aa', line: '{"a":1}' };
    expect(await store.append(chain, line)).toBe('stored');
    expect(await store.append(chain, line)).toBe('stored');
    expect(await store.append(chain, { ...line, id: 'bb', line: '{"b":1}' })).toBe('taken');
    expect(await store.chain(chain)).toEqual([line]);
  });

  test('a line of 380,000 bytes comes back; one that no item holds is refused, nothing is kept', async () => {
    const store = open();
    const chain = fresh('run:large');
    const line = '가'.repeat(126_666);
    expect(await store.append(chain, { seq: 1, id: 'aa', line })).toBe('stored');
    const larger = { seq: 2, id: 'bb', line: 'x'.repeat(420_000) };
    await expect(store.append(chain, larger)).rejects.toThrow(/maximum allowed size/);
    expect((await store.chain(chain)).map((one) => one.line === line)).toEqual([true]);
  });

  test('a chain is read whole, in order of number, from where one asks', async () => {
    const store = open();
    const chain = fresh('run:order');
    for (const seq of [10, 2, 1, 9, 11]) {
      await store.append(chain, { seq, id: `e${seq}`, line: `${seq}` });
    }
    expect((await store.chain(chain)).map((line) => line.seq)).toEqual([1, 2, 9, 10, 11]);
    expect((await store.chain(chain, 10)).map((line) => line.seq)).toEqual([10, 11]);
    expect(await store.chain(fresh('run:none'))).toEqual([]);
  });

  test('a chain longer than one page comes back complete and byte for byte', async () => {
    const store = open();
    const chain = fresh('run:pages');
    const wide = '가'.repeat(100_000);
    for (let seq = 1; seq <= 6; seq++) {
      await store.append(chain, { seq, id: `${seq}`, line: `${seq}${wide}` });
    }
    const lines = await store.chain(chain);
    expect(lines.map((line) => line.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines.every((line) => line.line === `${line.seq}${wide}`)).toBe(true);
  });

  test('one delivery enters the inbox once, even after it was taken', async () => {
    const store = open();
    const run = fresh('run');
    const racers = Array.from({ length: 20 }, () => store.putInbox(item(run)));
    expect((await Promise.all(racers)).filter(Boolean)).toHaveLength(1);
    expect(await store.inbox(run)).toEqual([item(run)]);
    await store.takeInbox(run, 'trigger 1');
    expect(await store.inbox(run)).toEqual([]);
    expect(await store.putInbox(item(run))).toBe(false);
    expect(await store.inbox(run)).toEqual([]);
  });

  test('the inbox is handed out in order of arrival, each run its own', async () => {
    const store = open();
    const [run, other] = [fresh('run'), fresh('run')];
    await store.putInbox(item(run, { delivery: 'a', at: 30 }));
    await store.putInbox(item(run, { delivery: 'c', at: 10 }));
    await store.putInbox(item(run, { delivery: 'b', at: 10 }));
    await store.putInbox(item(other, { delivery: 'z', at: 1 }));
    expect((await store.inbox(run)).map((it) => it.delivery)).toEqual(['b', 'c', 'a']);
  });

  test('taking what was never put leaves nothing behind', async () => {
    const store = open();
    const run = fresh('run');
    await store.takeInbox(run, 'ghost');
    expect(await store.inbox(run)).toEqual([]);
    expect(await store.putInbox(item(run, { delivery: 'ghost' }))).toBe(true);
    expect(await store.inbox(run)).toHaveLength(1);
  });

  test('a head is never replaced by an older one, whoever is late', async () => {
    const store = open();
    const run = fresh('run');
    expect(await store.head(run)).toBeUndefined();
    const writes = [3, 9, 1, 7, 9, 2].map((seq) => store.putHead(headOf(run, seq, 5)));
    await Promise.all(writes);
    expect(await store.head(run)).toEqual(headOf(run, 9, 5));
    await store.putHead(headOf(run, 4, 5));
    expect((await store.head(run))?.seq).toBe(9);
  });

  test('runs are listed newest first, as they are now', async () => {
    const store = open();
    const far = 80_000_000_000_000;
    const [a, b, c] = [fresh('run'), fresh('run'), fresh('run')];
    await store.putHead(headOf(b, 1, far + 20));
    await store.putHead(headOf(c, 1, far + 30));
    await store.putHead(headOf(a, 1, far + 10));
    await store.putHead(headOf(a, 8, far + 10));
    expect(await store.heads(2)).toEqual([headOf(c, 1, far + 30), headOf(b, 1, far + 20)]);
    expect((await store.heads(3)).at(2)).toEqual(headOf(a, 8, far + 10));
  });

  test('of 30 claimants one holds the claim and all are told who', async () => {
    const store = open();
    const name = fresh('service:payments');
    const told = await Promise.all(
      Array.from({ length: 30 }, (_, i) => store.claim(name, `run-${i}`)),
    );
    expect(new Set(told).size).toBe(1);
    const owner = await store.holder(name);
    expect(told[0]).toBe(owner);
    expect(await store.claim(name, String(owner))).toBe(owner);
  });

  test('only its owner releases a claim', async () => {
    const store = open();
    const name = fresh('service:loans');
    expect(await store.holder(name)).toBeUndefined();
    await store.claim(name, 'run-a');
    await store.release(name, 'run-b');
    expect(await store.holder(name)).toBe('run-a');
    await store.release(name, 'run-a');
    await store.release(name, 'run-a');
    expect(await store.holder(name)).toBeUndefined();
    expect(await store.claim(name, 'run-b')).toBe('run-b');
  });

  test('a wish marks its run due, once; what the engine says counts, until nobody is needed', async () => {
    const store = open();
    const [run, other] = [fresh('run'), fresh('run')];
    const dues = async () => (await store.dues()).filter((due) => [run, other].includes(due.run));
    await store.putInbox(item(run, { at: 500 }));
    await store.putInbox(item(run, { at: 700, delivery: 'another' }));
    expect(await dues()).toEqual([{ run, at: 500 }]);
    await store.putDue(run, 9_000);
    await store.putInbox(item(run, { at: 800, delivery: 'a third' }));
    await store.putDue(other, 2_000);
    expect(await dues()).toEqual([
      { run: other, at: 2_000 },
      { run, at: 9_000 },
    ]);
    await store.clearDue(other);
    await store.clearDue(other);
    expect(await dues()).toEqual([{ run, at: 9_000 }]);
  });

  test('a note is what was written last', async () => {
    const store = open();
    const run = fresh('run');
    expect(await store.note(run, 'slack')).toBeUndefined();
    await store.putNote(run, 'slack', '{"ts":"1"}');
    await store.putNote(run, 'slack', '{"ts":"2"}');
    await store.putNote(run, 'other', '{}');
    expect(await store.note(run, 'slack')).toBe('{"ts":"2"}');
  });

  test('a lock passes by its epoch: of many takers of one epoch one wins, and it never falls', async () => {
    const [one, two] = [open(), open()];
    const unit = fresh('PAY01+PAY01-DRILL');
    expect(await one.lock(unit)).toBeUndefined();
    let before = await one.lock(unit);
    for (let epoch = 1; epoch <= 3; epoch++) {
      const takers = Array.from({ length: 12 }, async (_, i) => {
        const store = i % 2 === 0 || _name === 'memory' ? one : two;
        const next = { epoch, run: `run-${i}`, rank: i % 2 };
        return (await store.putLock(unit, next, before)) ? [next] : [];
      });
      const won = (await Promise.all(takers)).flat();
      expect(won).toHaveLength(1);
      before = await one.lock(unit);
      expect(before).toEqual(won[0]);
    }
    // Given back: nobody's, and the epoch stays.
    expect(await one.putLock(unit, { epoch: 3, run: '', rank: 0 }, before)).toBe(true);
    expect(await one.lock(unit)).toEqual({ epoch: 3, run: '', rank: 0 });
    expect(await one.putLock(unit, { epoch: 4, run: 'x', rank: 0 }, before)).toBe(false);
  });
});
