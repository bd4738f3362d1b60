/** A good pack of a short run, copies of it that somebody has changed, and what both verifiers say. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { sealRun } from '../../lib/evidence/seal.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { ended, fixture, opened, receipt, verifySh, write } from './fixture.ts';

export async function openTampering(seed: string) {
  const world = fixture(seed);
  const keyFile = join(world.folder, 'key.pem');
  // A short run, so that each of its files can be tried.
  const reads = [await receipt(world, 'read-dr', '{"data":[]}')];
  await write(world, 'r', [
    await opened(world, 'r'),
    { ...ended('failed'), evidence: reads } as never,
  ]);
  const good = (await sealRun(world.order('r'))).path;
  let copies = 0;

  /** A copy of the good pack, changed. */
  function changed(change: (pack: string) => void): string {
    const pack = join(world.folder, `copy-${copies++}`);
    cpSync(good, pack, { recursive: true });
    change(pack);
    return pack;
  }

  async function failing(pack: string, keyPem = world.publicKeyPem): Promise<string[]> {
    const { ok, checks } = await verifyPack(pack, { publicKeyPem: keyPem });
    expect(ok).toBe(false);
    return checks.filter((check) => !check.ok).map(({ name }) => name);
  }

  async function shellFails(pack: string, check: string, key = keyFile): Promise<void> {
    const { code, out } = await verifySh(pack, key);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^FAIL ${check} .`, 'm'));
  }
  return { world, good, keyFile, changed, failing, shellFails };
}
