/** A person's own key: a PEM file (PKCS#8, P-256) that only its owner can read. */
import { createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { GatewayError } from './errors.ts';
import { fingerprint, p256 } from './keys.ts';

export interface OwnKey {
  /** PEM without a lock; it stays in this process. */
  readonly privateKey: string;
  /** First 16 hex digits of the public half's hash: how people.yml and trust.yml know it. */
  readonly print: string;
}

/** Throws GW-KEY-FILE; `passphrase` opens a locked file. */
export async function readKeyFile(file: string, passphrase?: string): Promise<OwnKey> {
  const text = await textOf(file);
  try {
    const lock = passphrase === undefined ? {} : { passphrase };
    const key = p256(createPrivateKey({ key: text, ...lock }));
    const privateKey = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { privateKey, print: fingerprint(privateKey) };
  } catch {
    // What the library says may quote the file.
    const why = text.includes('ENCRYPTED')
      ? 'It is locked, and the passphrase does not open it.'
      : 'It is no private key on P-256 in PEM.';
    throw new GatewayError('GW-KEY-FILE', `${file} cannot be used.`, { why });
  }
}

async function textOf(file: string): Promise<string> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) === 0) return await readFile(file, 'utf8');
  } catch (cause) {
    const why = 'It cannot be read.';
    throw new GatewayError('GW-KEY-FILE', `${file} cannot be used.`, { why, cause });
  }
  throw new GatewayError('GW-KEY-FILE', `${file} can be read by others.`, {
    why: 'Its mode must be 0600.',
  });
}

/** The enrolled key that this file is, by its fingerprint; its id is what signatures name. */
export function enrolledAs<K extends { readonly publicKey: string }>(
  own: OwnKey,
  keys: readonly K[],
): K | undefined {
  return keys.find(({ publicKey }) => fingerprint(publicKey) === own.print);
}
