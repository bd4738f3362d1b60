/** Canonical JSON (RFC 8785) and the hash everything is named by. */
import { createHash } from 'node:crypto';
import { canonicalize } from 'json-canonicalize';

/** The one byte sequence of a value. Throws on `undefined` at top level. */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('undefined has no canonical form');
  return text;
}

/** Lower-case hex SHA-256 of text (as UTF-8) or bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of the canonical form. */
export const hashOf = (value: unknown): string => sha256(canonical(value));
