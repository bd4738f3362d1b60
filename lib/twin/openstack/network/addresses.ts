/** IPv4 arithmetic: prefixes, ranges, and the next free address. Pure. */

interface Range {
  readonly start: string;
  readonly end: string;
}

const toNumber = (ip: string): number =>
  ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

export const toText = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** First and last address of a prefix, network and broadcast address included. */
export function bounds(cidr: string): { readonly first: number; readonly last: number } {
  const [ip = '', length = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(toNumber(ip) / size) * size;
  return { first, last: first + size - 1 };
}

/** The prefix with its host bits cleared, as Neutron stores it. */
export function normalised(cidr: string): string {
  return `${toText(bounds(cidr).first)}/${cidr.split('/')[1] ?? '32'}`;
}

/** Whether a host of this prefix may have the address (not the network, not the broadcast one). */
export function holds(cidr: string, ip: string): boolean {
  const { first, last } = bounds(cidr);
  const value = toNumber(ip);
  if (last - first < 2) return value >= first && value <= last;
  return value > first && value < last;
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [bounds(one), bounds(other)];
  return a.first <= b.last && b.first <= a.last;
}

export const within = (range: Range, ip: string): boolean =>
  toNumber(range.start) <= toNumber(ip) && toNumber(ip) <= toNumber(range.end);

/** All host addresses of a prefix but the gateway's: one or two ranges. */
export function poolsOf(cidr: string, gateway: string | null): readonly Range[] {
  const { first, last } = bounds(cidr);
  const [low, high] = last - first < 2 ? [first, last] : [first + 1, last - 1];
  const gap = gateway === null ? low - 1 : toNumber(gateway);
  return [
    { from: low, to: Math.min(gap - 1, high) },
    { from: Math.max(gap + 1, low), to: high },
  ].flatMap(({ from, to }) => (from > to ? [] : [{ start: toText(from), end: toText(to) }]));
}

/** How far into a pool automatic addresses begin, so that fixed ones are seldom in the way. */
const AUTOMATIC_OFFSET = 98;

/**
 * The next free address of the pools, or undefined when they are full. The real server picks one
 * at random from a window; this one is the same in every run.
 */
export function nextFree(pools: readonly Range[], taken: ReadonlySet<string>): string | undefined {
  for (const { start, end } of pools) {
    const [low, size] = [toNumber(start), toNumber(end) - toNumber(start) + 1];
    for (let step = 0; step < size; step++) {
      const ip = toText(low + ((step + AUTOMATIC_OFFSET) % size));
      if (!taken.has(ip)) return ip;
    }
  }
  return undefined;
}
