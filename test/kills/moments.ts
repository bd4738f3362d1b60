/** Who is killed when: seeded, so that a moment that hurt can be had again. */
import { seededRandom } from '../../lib/random.ts';

export const victims = ['engine', 'gateway-dr', 'gateway-main'] as const;

export interface Blow {
  readonly victim: (typeof victims)[number];
  /** Once this line of the journal is there … */
  readonly seq: number;
  /** … and so many milliseconds later. */
  readonly afterMs: number;
}

/** Moments are journal lines of the drill of the smallest service, spread over its whole length. */
const SPREAD = [1, 5, 12, 21, 27, 33, 41, 52, 63, 72];
/** The two by default fall into the middle, where calls are under way. */
const MIDDLE = 27;
const LAST = 70;
const LONGEST_MS = 400;
const BLOWS = 4;

/** The kills of one drill each; all together `count`. */
export function drillsWith(count: number): readonly (readonly Blow[])[] {
  const single = SPREAD.flatMap((seq) =>
    (['engine', 'gateway-dr'] as const).map((victim): Blow => ({ victim, seq, afterMs: 0 })),
  );
  if (count < single.length) {
    return single
      .filter(({ seq }) => seq === MIDDLE)
      .slice(0, Math.max(1, count))
      .map((blow) => [blow]);
  }
  const drills: Blow[][] = single.map((blow) => [blow]);
  const random = seededRandom(process.env['DRILLBOOK_SEED'] ?? 'kills');
  const below = (limit: number) => Number.parseInt(random(4), 16) % limit;
  for (let left = count - single.length; left > 0; left -= BLOWS) {
    const blows = Array.from(
      { length: Math.min(left, BLOWS) },
      (): Blow => ({
        victim: victims[below(victims.length)] ?? 'engine',
        seq: 1 + below(LAST),
        afterMs: below(LONGEST_MS),
      }),
    );
    drills.push(blows.sort((a, b) => a.seq - b.seq));
  }
  return drills;
}
