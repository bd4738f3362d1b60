/** Drills of several runs, forks, and numbers given while cut off. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical, sha256 } from '../../lib/canonical.ts';
import { manualClock } from '../../lib/clock.ts';
import { keepBranch } from '../../lib/evidence/branches.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { joinLedger } from '../../lib/evidence/offline.ts';
import { GENESIS, readLedger } from '../../lib/evidence/records.ts';
import { sealIfLast, sealRun } from '../../lib/evidence/seal.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { seededRandom } from '../../lib/random.ts';
import type { NewEvent } from '../../lib/run/events.ts';
import { type LocalDatabase, startDynalite } from '../../lib/store/dynalite.ts';
import { dynamoStore } from '../../lib/store/dynamo.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store } from '../../lib/store/store.ts';
import { ended, type Fixture, filesUnder, fixture, opened, verifySh, write } from './fixture.ts';

const tenant = 'hanbit';
const bot = { id: 'drillbook', kind: 'system' } as const;
const opening = (run: string) => ({
  ...{ run, service: 'payments', runbook: 'drill-copy', requester: 'p-1' },
});

async function joined(world: Fixture, run: string, drill: string): Promise<void> {
  const first = await opened(world, 'r1');
  const { hash } = await world.ledger.openDrill({ ...opening(run), drill });
  world.clock.advance(1_000);
  const line = canonical({
    ...{ v: 1, run, seq: 1, id: world.random(8), prev: hash, evidence: [], ...first },
    ts: new Date(world.clock.now()).toISOString(),
    data: { ...first.data, drill },
  });
  await world.store.append(`run:${run}`, { seq: 1, id: world.random(8), line });
}

async function bothVerify(world: Fixture, path: string): Promise<string[]> {
  const { checks } = await verifyPack(path, { publicKeyPem: world.publicKeyPem });
  const { code, out } = await verifySh(path, join(world.folder, 'key.pem'));
  const shell = out.split('\n').filter((line) => line.startsWith('FAIL'));
  expect(code).toBe(shell.length === 0 ? 0 : 1);
  const ours = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return [...ours.map((name) => `ts ${name}`), ...shell.map((line) => `sh ${line.split(' ')[1]}`)];
}

test('a drill of two runs: one pack when the last has ended, the worst result, both checked', async () => {
  const world = fixture('two runs');
  await write(world, 'r1', [await opened(world, 'r1')]);
  await joined(world, 'r2', 'DR-2026-001');
  await write(world, 'r1', [ended('passed')]);
  expect(await sealIfLast(world.order('r1'))).toBeUndefined();
  await expect(sealRun(world.order('r1'))).rejects.toMatchObject({ code: 'EV-DRILL-OPEN' });
  await write(world, 'r2', [ended('failed', ['disk full'], ['a server'])]);
  const pack = await sealRun(world.order('r2'));
  expect(pack).toMatchObject({ drill: 'DR-2026-001', result: 'failed' });
  // Whichever run asks: the same pack.
  expect((await sealRun(world.order('r1'))).manifestHash).toBe(pack.manifestHash);
  const files = filesUnder(pack.path);
  expect(files).toEqual(expect.arrayContaining(['runs/r1/events.jsonl', 'runs/r2/events.jsonl']));
  const result = JSON.parse(readFileSync(join(pack.path, 'result.json'), 'utf8'));
  expect(result.runs).toMatchObject([{ run: 'r1', result: 'passed' }, { result: 'failed' }]);
  const report = readFileSync(join(pack.path, 'report/report.en.html'), 'utf8');
  expect(report).toMatch(/Runs of this drill/);
  expect(report).toMatch(/disk full/);
  expect(await bothVerify(world, pack.path)).toEqual([]);
  const types = (await readLedger(world.store, tenant)).map(({ record }) => record.type);
  expect(types.filter((type) => type === 'drill.closed')).toHaveLength(1);

  // Who makes a failed run look passed is found by both verifiers.
  const file = join(pack.path, 'result.json');
  const forged = readFileSync(file, 'utf8').replaceAll('"result":"failed"', '"result":"passed"');
  writeFileSync(file, forged);
  expect(await bothVerify(world, pack.path)).toEqual(
    expect.arrayContaining(['ts result', 'sh result', 'ts manifest-files', 'sh manifest-files']),
  );
});

test('nobody joins a drill whose runs are closed: it gets a number of its own', async () => {
  const world = fixture('late');
  await write(world, 'r1', [await opened(world, 'r1'), ended('passed')]);
  await sealRun(world.order('r1'));
  const late = await world.ledger.openDrill({ ...opening('r2'), drill: 'DR-2026-001' });
  expect(late.drill).toBe('DR-2026-002');
});

const continued: NewEvent = {
  type: 'plane.continued',
  actor: bot,
  data: { site: 'dr', people: ['p-1', 'p-2'], reason: 'the cloud is gone', epoch: 2 },
};
const note = (text: string): NewEvent => ({
  type: 'note',
  actor: bot,
  data: { person: 'p-1', text },
});

test('a run with two continuations: one counts, the other is a fork that both verifiers check', async () => {
  const world = fixture('fork');
  const elsewhere = { ...world, store: memoryStore() };
  await write(world, 'r1', [await opened(world, 'r1'), note('before')]);
  for (const item of await world.store.chain('run:r1')) {
    await elsewhere.store.append('run:r1', item);
  }
  await write(elsewhere, 'r1', [continued, ended('passed')]);
  await write(world, 'r1', [note('written by the plane that was left')]);
  const lines = (await elsewhere.store.chain('run:r1')).map(({ line }) => line);
  await keepBranch(world.store, { run: 'r1', plane: 'dr', lines });
  await keepBranch(world.store, { run: 'r1', plane: 'dr', lines });
  const pack = await sealRun(world.order('r1'));
  expect(pack.result).toBe('passed');
  const fork = join(pack.path, 'runs/r1/fork-control-plane.jsonl');
  expect(readFileSync(fork, 'utf8')).toMatch(/written by the plane that was left/);
  expect(readFileSync(join(pack.path, 'report/report.en.html'), 'utf8')).toMatch(
    /fork-control-plane\.jsonl: 1 lines after event 2: note/,
  );
  expect(await bothVerify(world, pack.path)).toEqual([]);
  writeFileSync(fork, readFileSync(fork, 'utf8').replace('was left', 'was lost'));
  expect(await bothVerify(world, pack.path)).toEqual(
    expect.arrayContaining(['ts forks', 'sh forks']),
  );
});

test('a branch that is no journal of the run is refused', async () => {
  const world = fixture('no branch');
  await write(world, 'r1', [await opened(world, 'r1'), note('one'), note('two')]);
  const lines = (await world.store.chain('run:r1')).map(({ line }) => line);
  const bad = [lines.toSpliced(1, 1), lines.map((line) => line.replace('"r1"', '"r2"'))];
  for (const wrong of bad) {
    const kept = keepBranch(world.store, { run: 'r1', plane: 'dr', lines: wrong });
    await expect(kept).rejects.toMatchObject({ code: 'EV-BRANCH' });
  }
});

test('numbers given while cut off are joined once, in their order, without gaps', async () => {
  const away = { store: memoryStore(), tenant, clock: manualClock(), random: seededRandom('away') };
  const cut = createLedger({ ...away, offline: 'dr' });
  const numbers = [await cut.openDrill(opening('x1')), await cut.openDrill(opening('x2'))];
  expect(numbers.map(({ drill }) => drill)).toEqual(['OFF-dr-001', 'OFF-dr-002']);
  await cut.continueDrill({ ...opening('r1'), drill: 'DR-2026-001', opened: GENESIS });
  const here = { store: memoryStore(), tenant, clock: manualClock(), random: seededRandom('here') };
  await createLedger(here).openDrill(opening('r1'));
  const lines = (await away.store.chain(`ledger:${tenant}`)).map(({ line }) => line);
  const join3 = () => joinLedger(here, { site: 'dr', lines });
  const [once] = await Promise.all([join3(), join3()]);
  expect(once.map(({ drill }) => drill)).toEqual(['DR-2026-002', 'DR-2026-003']);
  expect(await join3()).toEqual(once);
  const types = (await readLedger(here.store, tenant)).map(({ record }) => record.type);
  expect(types.slice(2)).toEqual(['drill.joined', 'drill.joined', 'ledger.joined']);
  expect((await createLedger(here).openDrill(opening('r9'))).drill).toBe('DR-2026-004');
  const torn = lines.toSpliced(1, 1);
  await expect(joinLedger(here, { site: 'dr', lines: torn })).rejects.toMatchObject({
    code: 'EV-LEDGER-BROKEN',
  });
});

test('a gateway with a new disk numbers anew: its drills get numbers of their own', async () => {
  const here = { store: memoryStore(), tenant, clock: manualClock(), random: seededRandom('here') };
  const bring = async (run: string) => {
    const away = { store: memoryStore(), tenant, clock: manualClock(), random: seededRandom(run) };
    const { drill } = await createLedger({ ...away, offline: 'dr' }).openDrill(opening(run));
    expect(drill).toBe('OFF-dr-001');
    const lines = (await away.store.chain(`ledger:${tenant}`)).map(({ line }) => line);
    return (await joinLedger(here, { site: 'dr', lines })).map((joined) => joined.drill);
  };
  expect(await bring('x1')).toEqual(['DR-2026-001']);
  expect(await bring('x2')).toEqual(['DR-2026-002']);
  expect(await bring('x1')).toEqual(['DR-2026-001']);
});

test('a branch is kept once; other words under the same name are refused', async () => {
  const world = fixture('twice');
  await write(world, 'r1', [await opened(world, 'r1'), note('one'), note('two')]);
  const lines = (await world.store.chain('run:r1')).map(({ line }) => line);
  const keep = (given: readonly string[]) =>
    keepBranch(world.store, { run: 'r1', plane: 'dr', lines: given });
  await keep(lines.slice(0, 2));
  await keep(lines);
  await keep(lines);
  const last = lines.at(-1) ?? '';
  const changed = lines.with(-1, last.replace('"two"', '"six"'));
  await expect(keep(changed)).rejects.toMatchObject({ code: 'EV-BRANCH' });
});

test('a run continued elsewhere is packed there, linked to the ledger it was opened in', async () => {
  const world = fixture('alone');
  await write(world, 'r1', [await opened(world, 'r1')]);
  const lines = await world.store.chain('run:r1');
  const store = memoryStore();
  for (const item of lines) await store.append('run:r1', item);
  const ledger = createLedger({ ...world, tenant, store, offline: 'dr' });
  const prev = String(JSON.parse(lines[0]?.line ?? '{}').prev);
  await ledger.continueDrill({ ...opening('r1'), drill: 'DR-2026-001', opened: prev });
  await write({ ...world, store }, 'r1', [continued, ended('passed')]);
  const pack = await sealRun({ ...world.order('r1'), store, ledger });
  expect(await bothVerify(world, pack.path)).toEqual([]);
  expect(sha256(lines[0]?.line ?? '')).toHaveLength(64);
});

describe('many workers open drills at once', () => {
  let database: LocalDatabase;
  beforeAll(async () => {
    database = await startDynalite();
  });
  afterAll(() => database.close());
  const stores: [string, () => Store][] = [
    ['memory', () => memoryStore()],
    ['dynamo', () => dynamoStore(database.address)],
  ];

  test.each(stores)('%s: numbers without gaps, every run linked', async (name, make) => {
    const [one, two] = name === 'memory' ? [make()] : [make(), make()];
    const on = (seed: string, store: Store) =>
      createLedger({ store, tenant: name, clock: manualClock(), random: seededRandom(seed) });
    const done = await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const store = i % 2 === 0 ? one : (two ?? one);
        // Every second one is a member of one wave, and all are opened twice at once.
        const wave = i % 4 < 2 ? {} : { wave: 'w1' };
        return on(`${i}`, store ?? make()).openDrill({ ...opening(`r${i >> 1}`), ...wave });
      }),
    );
    const lines = await readLedger(one ?? make(), name);
    const drills = lines.flatMap(({ record }) =>
      record.type === 'drill.opened' ? [record.data.drill] : [],
    );
    expect(drills).toEqual(drills.map((_, i) => `DR-2026-${String(i + 1).padStart(3, '0')}`));
    expect(drills).toHaveLength(4);
    for (const { drill, hash } of done) {
      const line = lines.find((found) => found.hash === hash);
      expect(line?.record).toMatchObject({ type: 'run.opened', data: { drill } });
    }
    expect(lines.filter(({ record }) => record.type === 'run.opened')).toHaveLength(5);
  });
});
