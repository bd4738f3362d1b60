/** Who is killed when: seeded, so that a moment that hurt can be had again. */
import { seededRandom } from '../../lib/random.ts';

const victims = ['gateway-main', 'engine', 'gateway-dr'] as const;

export interface Blow {
  readonly victim: (typeof victims)[number];
  /** Once this line of the journal is there … */
  readonly seq: number;
  /** … and so many milliseconds later. */
  readonly afterMs: number;
}

/** While a plan is made and registered there is a limit: one kill in that time. */
const EARLY = [1, 5, 12];
/** Lines of the journal of the smallest drill, spread over the rest of its length. */
const LATER = [21, 27, 33, 38, 43, 48, 54, 63, 72];
/** Few kills fall into the middle, where calls are under way. */
const MIDDLE = 2;
/** From then on between the lines, too: in three drills each has been killed at each later line. */
const EXACT = victims.length;
const NEXT_LINES = 6;
const LONGEST_MS = 400;

/** The kills of the drill with this number, at most `count`. */
export function blowsOf(drill: number, count: number): readonly Blow[] {
  const random = seededRandom(`${process.env['DRILLBOOK_SEED'] ?? 'kills'} ${drill}`);
  const below = (limit: number) =>
    drill < EXACT ? 0 : Number.parseInt(random(4), 16) % (limit + 1);
  const blow = (seq: number, turn: number): Blow => ({
    victim: victims[turn % victims.length] ?? 'engine',
    seq: seq + below(NEXT_LINES),
    afterMs: below(LONGEST_MS),
  });
  // In nine drills each has been killed at each early line.
  const early = blow(EARLY[drill % EARLY.length] ?? 1, drill + Math.floor(drill / EARLY.length));
  const later = LATER.map((seq, i) => blow(seq, i + drill));
  const all = [early, ...later];
  return count < all.length - MIDDLE ? all.slice(MIDDLE, MIDDLE + count) : all.slice(0, count);
}
