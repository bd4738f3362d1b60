/** What the verifier says of a folder: which check fails, and in which words. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { newPair } from '../gateway/support.ts';
import { ended, filesUnder, fixture, opened, receipt, write } from './fixture.ts';

const world = fixture('trials');
let good = '';
beforeAll(async () => {
  const reads = [await receipt(world, 'read-dr', '{"data":[]}')];
  await write(world, 'r', [
    await opened(world, 'r'),
    { ...ended('failed'), evidence: reads } as never,
  ]);
  good = (await sealRun(world.order('r'))).path;
});

async function failedOf(change: (pack: string) => unknown, key = world.publicKeyPem) {
  const pack = join(world.folder, 'pack');
  rmSync(pack, { recursive: true, force: true });
  cpSync(good, pack, { recursive: true });
  await change(pack);
  const { ok, checks } = await verifyPack(pack, { publicKeyPem: key });
  const failed = checks.filter((check) => !check.ok);
  expect(ok).toBe(failed.length === 0);
  for (const check of checks) if (check.ok) expect(check.detail).toBe('');
  return Object.fromEntries(failed.map(({ name, detail }) => [name, detail]));
}

test('a good pack passes every check, by name', async () => {
  expect(await failedOf(() => undefined)).toEqual({});
  const { checks } = await verifyPack(good, { publicKeyPem: world.publicKeyPem });
  expect(checks.slice(0, 2)).toEqual([
    { name: 'manifest-files', ok: true, detail: '' },
    { name: 'signature', ok: true, detail: '' },
  ]);
  expect(checks.length).toBeGreaterThan(4);
});

const first = (pack: string): string =>
  filesUnder(pack).filter((name) => !/^MANIFEST/.test(name))[0] ?? '';

test.each<[string, (pack: string) => unknown, RegExp]>([
  ['changed', (pack) => writeFileSync(join(pack, first(pack)), 'x'), /^changed: .+/],
  ['missing', (pack) => rmSync(join(pack, first(pack))), /^missing: .+/],
  ['added', (pack) => writeFileSync(join(pack, 'more.txt'), 'x'), /^added: more\.txt$/],
  ['added below', (pack) => addBelow(pack, 'x'), /^added: deep\/er\/more\.txt$/],
  ['a link', (pack) => symlinkSync('README.txt', join(pack, 'link')), /^not a plain file: link$/],
  ['a link below', (pack) => linkBelow(pack), /^not a plain file: aa\/link$/],
  ['an empty folder', (pack) => mkdirSync(join(pack, 'aa')), /^empty folder: aa$/],
  [
    'an empty folder below',
    (pack) => mkdirSync(join(pack, 'zz/a'), { recursive: true }),
    /: zz\/a$/,
  ],
  [
    'no manifest',
    (pack) => rmSync(join(pack, 'MANIFEST.sha256')),
    /^a line is not <sha256> {2}<path>$/,
  ],
])('%s', async (_, change, says) => {
  expect((await failedOf(change))['manifest-files']).toMatch(says);
});

function addBelow(pack: string, text: string): void {
  mkdirSync(join(pack, 'deep/er'), { recursive: true });
  writeFileSync(join(pack, 'deep/er/more.txt'), text);
}

/** The first odd thing is told, though a later folder has another. */
function linkBelow(pack: string): void {
  mkdirSync(join(pack, 'aa'));
  symlinkSync('x', join(pack, 'aa/link'));
  mkdirSync(join(pack, 'zz'));
}

test('a signature that is gone, of another key, or over other bytes', async () => {
  const words = 'does not fit this key';
  const gone = await failedOf((pack) => rmSync(join(pack, 'MANIFEST.sha256.sig')));
  expect(gone).toEqual({ 'manifest-files': 'missing: MANIFEST.sha256.sig', signature: words });
  expect(await failedOf(() => undefined, newPair().publicKey)).toEqual({ signature: words });
  const other = await failedOf(async (pack) => {
    const manifest = readFileSync(join(pack, 'MANIFEST.sha256'));
    const signature = await fileSigner(newPair().privateKey).sign(manifest);
    writeFileSync(join(pack, 'MANIFEST.sha256.sig'), signature);
  });
  expect(other).toEqual({ signature: words });
});

test('a folder that is not there fails by name and throws nothing', async () => {
  const { ok, checks } = await verifyPack(join(world.folder, 'nowhere'), {
    publicKeyPem: world.publicKeyPem,
  });
  expect(ok).toBe(false);
  expect(checks[0]).toMatchObject({ name: 'manifest-files', ok: false });
  expect(checks[0]?.detail).toMatch(/^folder cannot be read: /);
  const unread = checks.filter(({ detail }) => detail.startsWith('cannot be read: '));
  expect(unread.length).toBeGreaterThan(0);
});
