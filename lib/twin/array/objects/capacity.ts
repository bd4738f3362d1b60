/** Capacities as REST takes them: `10G`, `1.5T` or a number of 512-byte blocks. */
import { BLOCKS_PER_GIB } from '../ldevs.ts';
import { bad } from '../wire.ts';

const BLOCKS: Readonly<Record<string, number>> = {
  M: BLOCKS_PER_GIB / 1024,
  G: BLOCKS_PER_GIB,
  T: BLOCKS_PER_GIB * 1024,
};

/** The largest volume of a pool: 256 TiB; the smallest: 48 MiB, about one page. */
const MOST_BLOCKS = 262_144 * BLOCKS_PER_GIB;
const LEAST_BLOCKS = 96_000;

interface Wish {
  readonly bytes?: string | undefined;
  readonly blocks?: number | undefined;
}

/** Exactly one of both must be given; 400 otherwise. */
export function blocksOf({ bytes, blocks }: Wish): number {
  if ((bytes === undefined) === (blocks === undefined)) {
    throw bad('Either the byte format capacity or the block capacity is required.');
  }
  const wanted = blocks ?? parsed(bytes ?? '');
  if (wanted < 1 || wanted > MOST_BLOCKS) throw bad('The capacity is out of range.');
  return wanted;
}

export function newBlocksOf(wish: Wish): number {
  return Math.max(blocksOf(wish), LEAST_BLOCKS);
}

function parsed(text: string): number {
  const found = /^(\d{1,9}(?:\.\d{1,3})?) ?([MGT])B?$/i.exec(text);
  if (found === null) throw bad(`The capacity ${text} is not valid.`);
  return Math.round(Number(found[1]) * (BLOCKS[(found[2] ?? '').toUpperCase()] ?? 0));
}

/** As capacities are shown: `10.00 G`. */
export const shownCapacity = (blocks: number): string =>
  `${(blocks / BLOCKS_PER_GIB).toFixed(2)} G`;
