/** Chance is an argument, so that a printed seed replays a run. */
import { createHash, randomBytes } from 'node:crypto';

/** Returns `bytes` random bytes as lower-case hex. */
export type Random = (bytes: number) => string;

export const systemRandom: Random = (bytes) => randomBytes(bytes).toString('hex');

/** Same seed, same sequence. For tests and `--seed`; never for keys. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return (bytes) => {
    let out = '';
    while (out.length < bytes * 2) {
      out += createHash('sha256').update(`${seed}:${counter++}`).digest('hex');
    }
    return out.slice(0, bytes * 2);
  };
}
