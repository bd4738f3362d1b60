/** Names of things: new ones by chance, seeded ones always the same. */
import { sha256 } from '../../canonical.ts';
import type { Random } from '../../random.ts';

/** A version 4 UUID from the given chance. */
export function uuid(random: Random): string {
  const hex = random(16);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const version4 = `4${hex.slice(13, 16)}`;
  const groups = [hex.slice(0, 8), hex.slice(8, 12), version4, `${variant}${hex.slice(17, 20)}`];
  return [...groups, hex.slice(20)].join('-');
}

/** The same without dashes, as Keystone's ids are. */
export const hexId = (kind: string, of: string): string => stableUuid(kind, of).replaceAll('-', '');

/** A UUID that depends on nothing but a kind and a name. */
export function stableUuid(kind: string, of: string): string {
  const hex = sha256(`${kind}:${of}`);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`];
  return [...groups, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
