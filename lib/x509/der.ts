/** As much of DER, the encoding of certificates, as a small certificate authority writes. */

/** Tags of the universal class that certificates use. */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = Buffer.from(evenHex(length.toString(16)), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}

const evenHex = (hex: string): string => (hex.length % 2 === 0 ? hex : `0${hex}`);

export const sequence = (...parts: readonly Buffer[]): Buffer =>
  tagged(tags.sequence, Buffer.concat(parts));

export const set = (...parts: readonly Buffer[]): Buffer => tagged(tags.set, Buffer.concat(parts));

export const yes = (): Buffer => tagged(tags.boolean, Buffer.from([0xff]));

/** A positive whole number, as hex digits of any length. */
export function integer(hex: string): Buffer {
  const bytes = Buffer.from(evenHex(hex), 'hex');
  const first = bytes[0] ?? 0;
  return tagged(tags.integer, first < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]));
}

/** `unused` = bits of the last byte that do not count. */
export const bits = (content: Buffer, unused = 0): Buffer =>
  tagged(tags.bits, Buffer.concat([Buffer.from([unused]), content]));

export const octets = (content: Buffer): Buffer => tagged(tags.octets, content);

export const utf8 = (text: string): Buffer => tagged(tags.utf8, Buffer.from(text, 'utf8'));

/** An object identifier in its dotted form. */
export function oid(dotted: string): Buffer {
  const [one = 0, two = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(tags.oid, Buffer.from([one * 40 + two, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const low = value & 0x7f;
  const high: number[] = [];
  for (let left = value >> 7; left > 0; left >>= 7) high.unshift(0x80 | (left & 0x7f));
  return [...high, low];
}

/** Years up to 2049 in the short form, as certificates must. */
export function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`;
  return Number(text.slice(0, 4)) < 2050
    ? tagged(tags.utcTime, Buffer.from(text.slice(2)))
    : tagged(tags.generalTime, Buffer.from(text));
}

/** A part with a number of its own instead of a type; `whole` when it holds further parts. */
export const part = (number: number, content: Buffer, whole = false): Buffer =>
  tagged((whole ? 0xa0 : 0x80) | number, content);
