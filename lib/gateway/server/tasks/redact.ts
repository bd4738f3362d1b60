/** What a program said, without the secrets that this gateway holds. */
import type { GatewayFolder } from '../settings.ts';

const TAKEN_OUT = '(taken out by the gateway)';

/** Bytes of each stream that go into an answer. */
export const TOLD_MAX = 64 * 1024;
/** So much more is kept: a secret across the limit is known by its end. */
export const KEPT_MAX = TOLD_MAX + 8 * 1024;

/** Every password and key in the folder; of a key also each line, as programs print it. */
export function secretsOf({
  settings,
  cloud,
  key,
}: Pick<GatewayFolder, 'settings' | 'cloud'> & Partial<GatewayFolder>): string[] {
  const pem = key?.privateKey ?? '';
  const users = settings.arrays.flatMap(({ password, lend, viewer }) => [
    password,
    ...[lend, viewer].flatMap((user) => (user === undefined ? [] : [user.password])),
  ]);
  const lines = pem.split('\n').filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line));
  return [...users, cloud.auth.password, pem.trim(), ...lines].filter((secret) => secret !== '');
}

const ANY_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/**
 * The first 64 KiB as text, and whether there was more. A secret is blotted out in its own length
 * first, so that cutting never leaves half of one.
 */
export function told(
  raw: Buffer,
  secrets: readonly string[],
): { readonly text: string; readonly cut: boolean } {
  const blot = (secret: string): string => BLOT.repeat(Buffer.byteLength(secret));
  // The longest first: one may stand inside another.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  const plain = raw.toString('utf8').replaceAll(BLOT, ' ');
  const blotted = longestFirst
    .reduce((text, secret) => text.replaceAll(secret, blot(secret)), plain)
    .replaceAll(ANY_KEY, blot);
  const kept = Buffer.from(blotted).subarray(0, TOLD_MAX).toString('utf8');
  return { text: kept.replaceAll(BLOTS, TAKEN_OUT), cut: raw.length > TOLD_MAX };
}

/** A character that no text has. */
const BLOT = '\u0000';
const BLOTS = new RegExp(`${BLOT}+`, 'g');
