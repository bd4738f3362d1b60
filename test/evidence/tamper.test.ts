/** What somebody adds to a pack or changes in it: both verifiers fail and name a check. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { canonical, sha256 } from '../../lib/canonical.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import {
  ended,
  filesUnder,
  fixture,
  opened,
  pair,
  passedRun,
  receipt,
  verifySh,
  write,
} from './fixture.ts';
import { openTampering } from './tampering.ts';

const { world, good, keyFile, changed, failing, shellFails } = await openTampering('tamper-1');

const additions: [string, (pack: string) => void][] = [
  ['a file', (pack) => writeFileSync(join(pack, 'raw/r/0001-1-more.json'), '{}')],
  ['a dot file', (pack) => writeFileSync(join(pack, '.hidden'), '')],
  ['a name with a line feed', (pack) => writeFileSync(join(pack, 'a\nhead.json'), '')],
  ['a link', (pack) => symlinkSync('head.json', join(pack, 'link.json'))],
  ['an empty folder', (pack) => mkdirSync(join(pack, 'empty'))],
  [
    'a link in the place of a file',
    (pack) => {
      renameSync(join(pack, 'head.json'), `${pack}-outside.json`);
      symlinkSync(`${pack}-outside.json`, join(pack, 'head.json'));
    },
  ],
  [
    'a manifest line',
    (pack) => appendFileSync(join(pack, 'MANIFEST.sha256'), `${'0'.repeat(64)}  x\n`),
  ],
];

test.each(additions)('%s added', async (_, change) => {
  const pack = changed(change);
  expect(await failing(pack)).toContain('manifest-files');
  await shellFails(pack, 'manifest-files');
});

test('another key does not verify', async () => {
  const stranger = pair().publicKey;
  const file = join(world.folder, 'stranger.pem');
  writeFileSync(file, stranger);
  expect(await failing(good, stranger)).toEqual(['signature']);
  await shellFails(good, 'signature', file);
  expect(await failing(good, 'no key')).toEqual(['signature']);
});

/**
 * A forger who holds the signing key: manifest and signature are made anew after the change, so
 * only what the files say of each other can tell.
 */
async function forged(change: (pack: string) => void): Promise<string> {
  const forger = pair();
  writeFileSync(join(world.folder, 'forger.pem'), forger.publicKey);
  const pack = changed(change);
  const lines = filesUnder(pack)
    .filter((file) => !file.startsWith('MANIFEST'))
    .map((file) => `${hash(readFileSync(join(pack, file)))}  ${file}\n`);
  writeFileSync(join(pack, 'MANIFEST.sha256'), lines.join(''));
  const signature = await fileSigner(forger.privateKey).sign(Buffer.from(lines.join('')));
  writeFileSync(join(pack, 'MANIFEST.sha256.sig'), signature);
  const { checks } = await verifyPack(pack, { publicKeyPem: forger.publicKey });
  expect(checks.filter(({ ok }) => ok).map(({ name }) => name)).toContain('signature');
  return pack;
}
const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function edit(path: string, change: (text: string) => string) {
  return (pack: string) => {
    const before = readFileSync(join(pack, path), 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(join(pack, path), after);
  };
}

const journal = 'runs/r/events.jsonl';
const forgeries: [string, string, (pack: string) => void][] = [
  [
    'an event edited',
    'chain',
    edit(journal, (text) => text.replace('"via":"slack"', '"via":"email"')),
  ],
  ['the last event taken away', 'chain', edit(journal, (text) => `${text.split('\n')[0]}\n`)],
  ['an event doubled', 'chain', edit(journal, (text) => `${text + text.split('\n')[1]}\n`)],
  [
    'events swapped',
    'chain',
    edit(journal, (text) => `${text.trim().split('\n').reverse().join('\n')}\n`),
  ],
  ['a journal that is no JSON', 'chain', edit(journal, () => 'x\n')],
  [
    'a ledger record edited',
    'ledger-chain',
    edit('ledger.jsonl', (text) => text.replace('payments', 'payment5')),
  ],
  [
    'the ledger of another drill',
    'ledger-chain',
    edit('ledger.jsonl', (text) => text.replaceAll('DR-2026-001', 'DR-2026-002')),
  ],
  [
    'a record taken from the ledger',
    'ledger-chain',
    edit('ledger.jsonl', (text) => text.split('\n').toSpliced(1, 1).join('\n')),
  ],
  [
    'another result',
    'result',
    edit('result.json', (text) => text.replace('"result":"failed"', '"result":"passed"')),
  ],
  [
    'a raw file edited',
    'raw-files',
    edit('raw/r/0002-1-read-dr.json', (text) => text.replace('"status":200', '"status":404')),
  ],
  [
    'a raw file of no event',
    'raw-files',
    (pack) => writeFileSync(join(pack, 'raw/r/0001-1-x.json'), '{}'),
  ],
  ['a raw file taken away', 'raw-files', (pack) => rmSync(join(pack, 'raw'), { recursive: true })],
  [
    'a plan from nowhere',
    'plan',
    (pack) => {
      mkdirSync(join(pack, 'plan'));
      writeFileSync(join(pack, 'plan/plan.json'), '{}');
    },
  ],
  [
    'a run from nowhere',
    'runs',
    (pack) => cpSync(join(pack, 'runs/r'), join(pack, 'runs/s'), { recursive: true }),
  ],
];

test.each(forgeries)('%s, signed anew by a forger', async (_, check, change) => {
  const pack = await forged(change);
  const key = readFileSync(join(world.folder, 'forger.pem'), 'utf8');
  expect(await failing(pack, key)).toContain(check);
  await shellFails(pack, check, join(world.folder, 'forger.pem'));
});

test('a journal rebuilt whole does not fit the ledger', async () => {
  const pack = await forged((folder) => {
    const [first = ''] = readFileSync(join(folder, journal), 'utf8').split('\n');
    const opening = canonical({ ...JSON.parse(first), prev: '1'.repeat(64) });
    const end = canonical({
      ...JSON.parse(first),
      seq: 2,
      prev: sha256(opening),
      type: 'run.ended',
      data: { result: 'failed', reasons: [], residue: [] },
    });
    writeFileSync(join(folder, journal), `${opening}\n${end}\n`);
    rmSync(join(folder, 'raw'), { recursive: true });
    edit('head.json', (text) => {
      const head = JSON.parse(text);
      head.runs[0].head = sha256(end);
      return canonical(head);
    })(folder);
  });
  const key = readFileSync(join(world.folder, 'forger.pem'), 'utf8');
  expect(await failing(pack, key)).toEqual(['ledger-agrees']);
  await shellFails(pack, 'ledger-agrees', join(world.folder, 'forger.pem'));
});

test('a receipt the gateway did not sign', async () => {
  const other = { ...world, gatewayPrivatePem: pair().privateKey };
  const reads = [await receipt(other, 'read-dr', '{"data":[]}')];
  await write(world, 'q', [
    await opened(world, 'q'),
    { ...ended('failed'), evidence: reads } as never,
  ]);
  const { path } = await sealRun(world.order('q'));
  expect(await failing(path)).toEqual(['receipts']);
});

test('a folder that is no pack', async () => {
  expect(await failing(join(world.folder, 'nowhere'))).toContain('manifest-files');
  expect((await verifySh(join(world.folder, 'nowhere'), keyFile)).code).toBe(1);
});

test('a long journal verifies quickly', async () => {
  const long = fixture('long');
  await passedRun(long, 'l-short');
  const note = {
    type: 'note',
    actor: { id: 'p-1', kind: 'human' },
    data: { person: 'p-1', text: '메모' },
  };
  const notes = Array.from({ length: 498 }, () => note as never);
  await write(long, 'l', [await opened(long, 'l'), ...notes, ended('aborted')]);
  const { path } = await sealRun(long.order('l'));
  const shell = await verifySh(path, join(long.folder, 'key.pem'));
  expect(shell.out).toMatch(/OK chain/);
  expect(shell.code).toBe(0);
});
