import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../lib/canonical.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import {
  approved,
  ended,
  type Fixture,
  filesUnder,
  fixture,
  keep,
  opened,
  passedRun,
  planned,
  splitDone,
  verifySh,
  write,
} from './fixture.ts';

async function bothVerify(world: Fixture, path: string) {
  const own = await verifyPack(path, world);
  expect(own.checks.filter(({ ok }) => !ok)).toEqual([]);
  const shell = await verifySh(path, join(world.folder, 'key.pem'));
  expect(shell.out).not.toMatch(/FAIL/);
  expect(shell.code).toBe(0);
}

test('a passed run gives a pack that both verifiers accept', async () => {
  const world = fixture();
  const pack = await sealRun(world.order(await passedRun(world)));
  expect(pack.drill).toBe('DR-2026-001');
  expect(pack.result).toBe('passed');
  expect(pack.manifestHash).toBe(sha256(readFileSync(join(pack.path, 'MANIFEST.sha256'))));
  await bothVerify(world, pack.path);
  const files = filesUnder(pack.path);
  expect(files).toEqual(
    expect.arrayContaining(['README.txt', 'report/report.ko.pdf', 'verify.sh']),
  );
  const journal = readFileSync(join(pack.path, 'runs/r-passed/events.jsonl'), 'utf8');
  const stored = await world.store.chain('run:r-passed');
  expect(journal).toBe(stored.map(({ line }) => `${line}\n`).join(''));
});

const endings: [string, (world: Fixture) => Promise<void>, string][] = [
  [
    'failed before there was a plan',
    async (world) =>
      write(world, 'r', [await opened(world, 'r'), ended('failed', ['RBK-UNKNOWN: no such step'])]),
    'failed',
  ],
  [
    'denied',
    async (world) => write(world, 'r', [...(await planned(world, 'r')), ended('denied', ['no'])]),
    'denied',
  ],
  [
    'expired',
    async (world) => write(world, 'r', [...(await planned(world, 'r')), ended('expired')]),
    'expired',
  ],
  [
    'aborted in mid-step with residue',
    async (world) =>
      write(world, 'r', [
        ...(await approved(world, 'r')),
        ...(await splitDone(world)),
        ended('aborted', ['operator'], ['resync (Resync copies) did not finish']),
      ]),
    'aborted',
  ],
];

test.each(endings)('a run that ended %s gets a signed pack too', async (_, script, result) => {
  const world = fixture();
  await script(world);
  const pack = await sealRun(world.order('r'));
  expect(pack.result).toBe(result);
  await bothVerify(world, pack.path);
});

test('what a killed process left is removed, what another one writes is not', async () => {
  const world = fixture();
  const order = world.order(await passedRun(world));
  const draft = (name: string) => {
    mkdirSync(join(order.folder, name), { recursive: true });
    writeFileSync(join(order.folder, name, 'MANIFEST.sha256'), 'half');
    return name;
  };
  // No process has a number this high.
  const dead = draft(`.draft-${hostname()}-4194304-aB3dE9`);
  const writing = draft(`.draft-${hostname()}-${process.ppid}-aB3dE9`);
  const elsewhere = draft('.draft-another-machine-4194304-aB3dE9');
  const { drill } = await sealRun(order);
  const left = readdirSync(order.folder);
  expect(left).toEqual(expect.arrayContaining([drill, writing, elsewhere]));
  expect(left).not.toContain(dead);
  expect(left.filter((name) => name.startsWith('.draft-'))).toHaveLength(2);
});

test('a run that has not ended gets none', async () => {
  const world = fixture();
  await write(world, 'r', await planned(world, 'r'));
  await expect(sealRun(world.order('r'))).rejects.toMatchObject({ code: 'EV-RUN-OPEN' });
  expect(filesUnder(world.folder)).toEqual(['key.pem']);
});

test('lines behind run.ended stay outside', async () => {
  const world = fixture();
  await passedRun(world);
  const late = {
    type: 'note',
    actor: { id: 'p-1', kind: 'human' },
    data: { person: 'p-1', text: 'late' },
  };
  await write(world, 'r-passed', [late as never]);
  const pack = await sealRun(world.order('r-passed'));
  expect(readFileSync(join(pack.path, 'runs/r-passed/events.jsonl'), 'utf8')).not.toContain('late');
  await bothVerify(world, pack.path);
});

test('made twice at once, by machines that do not know of each other, it is the same pack', async () => {
  const world = fixture();
  const run = await passedRun(world);
  const elsewhere = { ...world.order(run), folder: join(world.folder, 'again') };
  const [first, second] = await Promise.all([sealRun(world.order(run)), sealRun(elsewhere)]);
  expect(second.manifestHash).toBe(first.manifestHash);
  const differing = filesUnder(first.path).filter(
    (file) => !readFileSync(join(first.path, file)).equals(readFileSync(join(second.path, file))),
  );
  expect(differing).toEqual([]);
  const pinned = (await world.store.chain('ledger:hanbit')).map(({ line }) => JSON.parse(line));
  const closed = pinned.filter(({ type }) => type === 'drill.closed');
  expect(closed.map(({ data }) => data.signature)).toEqual([
    sha256(readFileSync(join(second.path, 'MANIFEST.sha256.sig'))),
  ]);
});

test('a closed pack is returned as it is and never written again', async () => {
  const world = fixture();
  const run = await passedRun(world);
  const first = await sealRun(world.order(run));
  const signature = readFileSync(join(first.path, 'MANIFEST.sha256.sig'));
  expect(await sealRun(world.order(run))).toEqual(first);
  expect(readFileSync(join(first.path, 'MANIFEST.sha256.sig')).equals(signature)).toBe(true);
  const ledger = await world.store.chain('ledger:hanbit');
  expect(ledger.map(({ line }) => JSON.parse(line).type)).toEqual([
    'drill.opened',
    'run.opened',
    'run.closed',
    'drill.closed',
    'report.generated',
  ]);
  writeFileSync(join(first.path, 'result.json'), '{}');
  await expect(sealRun(world.order(run))).rejects.toMatchObject({ code: 'EV-PACK-BROKEN' });
  expect(readFileSync(join(first.path, 'result.json'), 'utf8')).toBe('{}');
});

test('on another machine the closed pack is laid out again, signature included', async () => {
  const world = fixture();
  const run = await passedRun(world);
  const first = await sealRun(world.order(run));
  const second = await sealRun({ ...world.order(run), folder: join(world.folder, 'other') });
  for (const file of filesUnder(first.path)) {
    const there = readFileSync(join(second.path, file));
    expect(there.equals(readFileSync(join(first.path, file)))).toBe(true);
  }
  await bothVerify(world, second.path);
});

test('two builders at once leave one whole pack', async () => {
  const world = fixture();
  const run = await passedRun(world);
  const packs = await Promise.all([sealRun(world.order(run)), sealRun(world.order(run))]);
  expect(packs[0]).toEqual(packs[1]);
  expect(filesUnder(join(world.folder, 'packs')).some((file) => file.startsWith('.'))).toBe(false);
  await bothVerify(world, packs[0]?.path ?? '');
});

test('a lost blob is said, and no pack is made', async () => {
  const world = fixture();
  const evidence = [{ label: 'gone', sha256: sha256('gone'), bytes: 4, media: 'text/plain' }];
  await write(world, 'r', [await opened(world, 'r'), { ...ended('failed'), evidence } as never]);
  await expect(sealRun(world.order('r'))).rejects.toMatchObject({ code: 'EV-BLOB-LOST' });
});

test('a broken receipt and a file that is no JSON do not keep a run from its pack', async () => {
  const world = fixture();
  const evidence = [
    await keep(world, 'broken', '{"gateway":"dr","signature":"x"}'),
    await keep(world, 'page', '<html>'),
  ];
  await write(world, 'r', [await opened(world, 'r'), { ...ended('failed'), evidence } as never]);
  const pack = await sealRun(world.order('r'));
  const { checks } = await verifyPack(pack.path, world);
  expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['receipts']);
});

test('no secret and no name of a person is in any file', async () => {
  const world = fixture();
  const pack = await sealRun(world.order(await passedRun(world)));
  for (const file of filesUnder(pack.path)) {
    const text = readFileSync(join(pack.path, file), 'latin1');
    expect(text).not.toMatch(/PRIVATE KEY|X-Auth-Token|authorization:|password|xox[bp]-/i);
    const utf8 = Buffer.from(text, 'latin1').toString('utf8');
    expect(utf8).not.toMatch(/김하늘|Kim Haneul|U01KIM/);
  }
});
