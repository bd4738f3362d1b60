/**
 * Whom this gateway believes is on its disk; `trust.yml` is how people read it. The two differ only
 * when somebody changed the file by hand, and then the gateway does not start.
 */
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { parseTrust, trustHash } from '../trust.ts';
import type { Parts } from './gateway.ts';

/**
 * The first start enrols the file as it is, and says so. A change that was signed but did not reach
 * the file before the power went is finished. Throws GW-TRUST for any other difference.
 */
export async function settleTrust(
  { book, clock, say }: Pick<Parts, 'book' | 'clock' | 'say'>,
  home: string,
): Promise<void> {
  const file = join(home, 'trust.yml');
  const text = await readFile(file, 'utf8');
  const hash = trustHash(parseTrust({ file, text }));
  const kept = book.memory.trust;
  if (kept === undefined) {
    await book.write({ type: 'trust', at: clock.now(), hash, text });
    say(`${file} is enrolled (${hash.slice(0, 8)}); from now on two people change it.`);
    return;
  }
  if (kept.hash === hash) return;
  if (kept.replaces === hash) {
    await writeTrust(home, kept.text);
    say(`${file} was brought to what two people signed (${kept.hash.slice(0, 8)}).`);
    return;
  }
  const why = `It hashes to ${hash.slice(0, 8)}, its disk says ${kept.hash.slice(0, 8)}.`;
  throw new GatewayError('GW-TRUST', `${file} is not what this gateway trusts.`, { why });
}

/** Replaces the file in one step: a reader sees the old or the new one. */
export async function writeTrust(home: string, text: string): Promise<void> {
  const file = join(home, 'trust.yml');
  const beside = `${file}.new`;
  await writeFile(beside, text, { mode: 0o600, flush: true });
  await rename(beside, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
}
