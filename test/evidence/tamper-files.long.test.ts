/** Every byte of a pack is bound: whatever is changed, both verifiers fail and name a check. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../lib/random.ts';
import { filesUnder } from './fixture.ts';
import { openTampering } from './tampering.ts';

const seed = 'tamper-1';
const random = seededRandom(seed);
const { good, changed, failing, shellFails } = await openTampering(seed);

/** Side by side: a shell is started for each file. */
const forEachFile = (trial: (file: string) => Promise<void>) =>
  Promise.all(filesUnder(good).map(trial));

test('one flipped bit in any file', async () => {
  await forEachFile(async (file) => {
    const pack = changed((folder) => {
      const bytes = readFileSync(join(folder, file));
      const at = Number.parseInt(random(4), 16) % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (Number.parseInt(random(1), 16) % 8));
      writeFileSync(join(folder, file), bytes);
    });
    const check = file === 'MANIFEST.sha256.sig' ? 'signature' : 'manifest-files';
    expect(`${seed} ${file} ${await failing(pack)}`).toContain(check);
    await shellFails(pack, check);
  });
});

test('any file taken away', async () => {
  await forEachFile(async (file) => {
    const pack = changed((folder) => rmSync(join(folder, file)));
    expect(`${file} ${await failing(pack)}`).toContain('manifest-files');
    // One of each sort is enough for the slower one.
    if (/MANIFEST|^raw|events/.test(file)) await shellFails(pack, 'manifest-files');
  });
});
