/** Chance from a seed: small, fast, the same everywhere. */
import { createHash } from 'node:crypto';
import type { Random } from '../../lib/random.ts';

export interface Chance {
  /** From 0 to below 1. */
  draw(): number;
  /** True in this share of the cases. */
  happens(share: number): boolean;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** Hex digits, for ids and nonces. */
  readonly hex: Random;
}

/** `sfc32`, seeded by SHA-256 of the text. */
export function chanceOf(seed: string): Chance {
  const words = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => words.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  function word(): number {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  }
  for (let i = 0; i < 12; i++) word();
  const draw = () => word() / 2 ** 32;
  return {
    draw,
    happens: (share) => draw() < share,
    between: (low, high) => low + Math.floor(draw() * (high - low + 1)),
    oneOf: (list) => {
      const one = list[Math.floor(draw() * list.length)];
      if (one === undefined) throw new RangeError('nothing to choose from');
      return one;
    },
    hex: (bytes) => {
      let out = '';
      while (out.length < bytes * 2) out += word().toString(16).padStart(8, '0');
      return out.slice(0, bytes * 2);
    },
  };
}
