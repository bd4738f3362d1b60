/** Journals of runs on the gateway's disk: kept where they chain, forks beside, in time for each call. */
import { canonical, sha256 } from '../../lib/canonical.ts';
import type { Gateway } from '../../lib/gateway/protocol.ts';
import { type JournalView, shipping } from '../../lib/gateway/shipping.ts';
import { drillPlan } from './plan.ts';
import { codeOf, type House, openHouse } from './support.ts';

const { run } = drillPlan();

/** `count` lines in a chain; `salt` makes another history. */
function chain(count: number, { salt = '', prev = '0', from = 1 } = {}): string[] {
  const lines: string[] = [];
  let before = prev;
  for (let seq = from; seq < from + count; seq++) {
    const line = canonical({ run, seq, prev: before, salt, type: 'note', evidence: [] });
    lines.push(line);
    before = sha256(line);
  }
  return lines;
}

const kept = (house: House, type: string) =>
  house.disk.lines.map((line) => JSON.parse(line)).filter((entry) => entry.type === type);

function viewOf(lines: string[], texts: string[] = []): JournalView {
  return {
    run,
    matters: () => true,
    named: () => [],
    count: () => lines.length,
    lines: (from) => lines.slice(from - 1),
    text: async (name) => texts.find((text) => sha256(text) === name),
  };
}

test('lines are kept once, in order, and a gap is asked for', async () => {
  const { gateway, ...house } = openHouse();
  const lines = chain(5);
  expect(await gateway.journal({ run, from: 1, lines: lines.slice(0, 2) })).toMatchObject({
    have: 2,
  });
  expect(await gateway.journal({ run, from: 4, lines: lines.slice(3) })).toMatchObject({ have: 2 });
  expect(await gateway.journal({ run, from: 1, lines })).toMatchObject({ have: 5 });
  expect(await gateway.journal({ run, from: 2, lines: lines.slice(1, 3) })).toMatchObject({
    have: 5,
  });
  const stored = house.disk.lines.map((line) => JSON.parse(line));
  expect(stored.flatMap((entry) => (entry.type === 'lines' ? entry.lines : []))).toEqual(lines);
});

test('another history is refused, kept beside, and never over the first', async () => {
  const house = openHouse();
  const lines = chain(4);
  await house.gateway.journal({ run, from: 1, lines });
  const other = chain(2, { salt: 'fork', from: 3, prev: sha256(lines[1] ?? '') });
  for (let i = 0; i < 2; i++) {
    expect(await codeOf(house.gateway.journal({ run, from: 3, lines: other }))).toBe('GW-JOURNAL');
  }
  const unchained = chain(1, { from: 5, prev: 'elsewhere' });
  expect(await codeOf(house.gateway.journal({ run, from: 5, lines: unchained }))).toBe(
    'GW-JOURNAL',
  );
  expect(kept(house, 'fork').map(({ lines: ones }) => ones)).toEqual([other, unchained]);
  house.restart();
  expect(await house.gateway.journal({ run, from: 5, lines: [] })).toMatchObject({ have: 4 });
});

test('what is no line of this run is refused', async () => {
  const { gateway } = openHouse();
  const [line = ''] = chain(1);
  for (const lines of [['x'], ['{}'], [line.replace(run, 'r-other')], [line, line]]) {
    expect(await codeOf(gateway.journal({ run, from: 1, lines }))).toBe('GW-BODY');
  }
  expect(await codeOf(gateway.journal({ run, from: 1, lines: [], blobs: ['secret'] }))).toBe(
    'GW-BODY',
  );
});

/** The order in which a gateway is asked, newest last. */
function listening(gateway: Gateway, asked: string[]): Gateway {
  const { journal, put } = gateway;
  return {
    ...gateway,
    journal: async (body) => {
      asked.push(`journal ${body.from} ${body.lines.length}`);
      return journal(body);
    },
    put: async (key, body) => {
      asked.push('put');
      return put(key, body);
    },
  };
}

test('the intent is on board before its call is put, and nothing is sent twice', async () => {
  const house = openHouse();
  await house.approve();
  const asked: string[] = [];
  const lines = chain(3);
  const gateways = new Map([['dr', listening(house.gateway, asked)]]);
  const shipped = shipping(gateways, viewOf(lines), house.clock).gateways.get('dr');
  await shipped?.put(house.keyOf('split.group'), house.body('split.group'));
  lines.push(...chain(1, { from: 4, prev: sha256(lines[2] ?? '') }));
  await house.running.settled();
  await shipped?.put(house.keyOf('boot.release'), house.body('boot.release'));
  expect(asked).toEqual(['journal 1 3', 'put', 'journal 4 1', 'put']);
  const types = house.disk.lines.map((line) => JSON.parse(line).type);
  expect(types.indexOf('lines')).toBeLessThan(types.indexOf('accepted'));
});

test('an older gateway and a fork do not hold up a call; silence of this gateway does', async () => {
  const house = openHouse();
  await house.approve();
  const refusing = listening(house.gateway, []);
  const { gateway } = house;
  const asked: string[] = [];
  await gateway.journal({ run, from: 1, lines: chain(2, { salt: 'another plane' }) });
  const gateways = new Map([['dr', listening(gateway, asked)]]);
  const put = shipping(gateways, viewOf(chain(2)), house.clock).gateways.get('dr')?.put;
  expect((await put?.(house.keyOf('split.group'), house.body('split.group')))?.state).toBe(
    'accepted',
  );
  const silent = { ...refusing, journal: () => Promise.reject(new Error('power')) };
  const none = shipping(new Map([['dr', silent]]), viewOf(chain(2)), house.clock).gateways.get(
    'dr',
  );
  await expect(none?.put(house.keyOf('boot.port'), house.body('boot.port'))).rejects.toThrow(
    'power',
  );
});

test('texts go with the lines that name them; a large one not before a call, but before the wait', async () => {
  const texts = ['small', 'x'.repeat(200_000)];
  const [line = ''] = chain(1);
  const evidence = texts.map((text) => ({ sha256: sha256(text), bytes: text.length }));
  const lines = [canonical({ ...JSON.parse(line), evidence })];
  const kept = new Map<string, string>();
  const blobs = {
    put: async (text: string | Uint8Array) => {
      kept.set(sha256(text), String(text));
      return sha256(text);
    },
    get: async (name: string) => Buffer.from(kept.get(name) ?? never(name)),
  };
  const house = openHouse({ blobs });
  await house.approve();
  const asked: string[] = [];
  const gateways = new Map([['dr', listening(house.gateway, asked)]]);
  const view = { ...viewOf(lines, texts), named: (from: number) => (from === 1 ? evidence : []) };
  const { gateways: shipped, ship } = shipping(gateways, view, house.clock);
  await shipped.get('dr')?.put(house.keyOf('split.group'), house.body('split.group'));
  expect([...kept.values()]).toEqual(['small']);
  expect(asked).toEqual(['journal 1 1', 'put']);
  await ship();
  expect([...kept.values()]).toEqual(texts);
  await ship();
  expect(asked.slice(2)).toEqual(['journal 2 0', 'journal 2 0']);
});

function never(name: string): never {
  throw new Error(`no ${name}`);
}
