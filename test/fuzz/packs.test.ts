/** Anything as a pack: the verifier says which check failed and never breaks. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { manifestOf } from '../../lib/evidence/manifest.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { ended, filesUnder, fixture, opened, receipt, write } from '../evidence/fixture.ts';
import { newPair } from '../gateway/support.ts';
import { bytes, json, spoilt, spoiltJson } from './inputs.ts';
import { INPUTS, survives } from './survive.ts';

const world = fixture('fuzz');
const forger = newPair();
let good = '';
let files: string[] = [];

beforeAll(async () => {
  const reads = [await receipt(world, 'read-dr', '{"data":[]}')];
  await write(world, 'r', [
    await opened(world, 'r'),
    { ...ended('failed'), evidence: reads } as never,
  ]);
  good = (await sealRun(world.order('r'))).path;
  files = filesUnder(good).filter((name) => !/\.(pdf|woff2?)$/.test(name));
});

const textOf = (name: string): string => readFileSync(join(good, name), 'utf8');

/** One file with something else in it: bytes, a spoilt text, or JSON that is still JSON. */
const change = () =>
  fc.constantFrom(...files).chain((name) => {
    const text = textOf(name);
    const lines = text.split('\n').filter((line) => line.startsWith('{'));
    const values = lines.length > 0 ? lines.map((line) => JSON.parse(line)) : [{}];
    const other = fc.oneof(
      ...[bytes, spoilt([text]), json.map((value) => JSON.stringify(value))],
      spoiltJson(values).map((value) => `${JSON.stringify(value)}\n`),
      spoiltJson([values]).map((all) =>
        [all]
          .flat()
          .map((one) => JSON.stringify(one))
          .join('\n'),
      ),
    );
    return other.map((content) => ({ name, content, same: content === text }));
  });

async function trial(
  { name, content }: { name: string; content: string },
  signAnew: boolean,
): Promise<{ ok: boolean; failed: string }> {
  const pack = join(world.folder, 'spoilt');
  rmSync(pack, { recursive: true, force: true });
  cpSync(good, pack, { recursive: true });
  mkdirSync(dirname(join(pack, name)), { recursive: true });
  writeFileSync(join(pack, name), content);
  if (signAnew && !name.startsWith('MANIFEST')) await seal(pack);
  const publicKeyPem = signAnew ? forger.publicKey : world.publicKeyPem;
  const { ok, checks } = await verifyPack(pack, { publicKeyPem });
  for (const check of checks) expect(typeof check.detail).toBe('string');
  return { ok, failed: checks.find((check) => !check.ok)?.name ?? 'holds' };
}

/** As somebody who has the signing key would: the content is all that can give it away. */
async function seal(pack: string): Promise<void> {
  const names = filesUnder(pack).filter((name) => !name.startsWith('MANIFEST'));
  const manifest = manifestOf(
    new Map(names.map((name) => [name, readFileSync(join(pack, name))] as const)),
  );
  writeFileSync(join(pack, 'MANIFEST.sha256'), manifest);
  const signature = await fileSigner(forger.privateKey).sign(Buffer.from(manifest));
  writeFileSync(join(pack, 'MANIFEST.sha256.sig'), signature);
}

test('a changed pack never holds', async () => {
  await survives({
    name: 'packs, changed',
    runs: Math.ceil(INPUTS / 4),
    inputs: change(),
    trial: async (input) => {
      const { ok, failed } = await trial(input, false);
      expect(ok).toBe(input.same);
      return failed;
    },
  });
}, 3_600_000);

test('one signed anew by who has the key is read to its end', async () => {
  const counts = await survives({
    name: 'packs, signed anew',
    runs: Math.ceil(INPUTS / 4),
    inputs: change(),
    trial: async (input) => (await trial(input, true)).failed,
  });
  expect(counts.size).toBeGreaterThan(1);
}, 3_600_000);
