/** Plays the kills of a course that differ, and some of those that are counted as equal to them. */
import {
  type Boundary,
  type Course,
  type EndState,
  type Moment,
  type Struck,
  sides,
  struck,
  uninterrupted,
} from './boundaries.ts';
import { chanceOf } from './chance.ts';

export interface Wanted {
  /** How many of the distinct states, spread over the run; all without it. */
  readonly states?: number;
  /** Which share of them: `[1, 2]` is the first of two. */
  readonly part?: readonly [number, number];
  /** So many moments that are counted as equal to one that is played are played as well. */
  readonly equal: number;
  /** Which of them, by chance. */
  readonly seed: string;
  readonly progress?: (text: string) => void;
}

export interface Played {
  readonly boundaries: number;
  /** Of the kills on both sides of them, how many differ. */
  readonly states: number;
  readonly played: number;
  readonly equal: number;
  /** Kills that did not end as the run without them; empty is what we want. */
  readonly bad: readonly string[];
}

const TELL_EVERY = 50;

export async function playCourse(course: Course, wanted: Wanted): Promise<Played> {
  const whole = await uninterrupted(course);
  const bad =
    whole.result === 'passed' ? [...whole.violations] : [`without a kill: ${whole.result}`];
  const groups = groupsOf(whole.boundaries);
  const chosen = share(spread(groups, wanted.states ?? groups.length), wanted.part ?? [1, 1]);
  for (const [i, [moment]] of chosen.entries()) {
    if (moment === undefined) continue;
    bad.push(...differences(moment, await struck(course, moment), whole));
    if ((i + 1) % TELL_EVERY === 0) wanted.progress?.(`${i + 1} of ${chosen.length} states`);
  }
  const pairs = pairsOf(chosen, wanted);
  for (const pair of pairs) {
    const [one, other] = [await struck(course, pair[0], true), await struck(course, pair[1], true)];
    const names = `${nameOf(pair[1])}, counted as ${nameOf(pair[0])},`;
    if (one.crash !== other.crash) bad.push(`${names} meets another world`);
    if (String(one.story) !== String(other.story)) bad.push(`${names} goes on in another way`);
    bad.push(...differences(pair[1], other, whole));
  }
  return {
    boundaries: whole.boundaries.length,
    states: groups.length,
    played: chosen.length,
    equal: pairs.length,
    bad,
  };
}

/** Moments by what follows from a kill there, in the order of the run. */
function groupsOf(boundaries: readonly Boundary[]): Moment[][] {
  const groups = new Map<string, Moment[]>();
  for (const boundary of boundaries) {
    for (const side of sides) {
      const state = boundary.states[side];
      if (state === undefined) continue;
      groups.set(state, [...(groups.get(state) ?? []), { boundary, side }]);
    }
  }
  return [...groups.values()];
}

const spread = <T>(all: readonly T[], count: number): T[] =>
  all.filter(
    (_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length),
  );

const share = <T>(all: readonly T[], [part, of]: readonly [number, number]): T[] =>
  all.filter((_, i) => i % of === part - 1);

/** The first of a group with another one of it, drawn by chance. */
function pairsOf(groups: readonly Moment[][], { equal, seed }: Wanted): [Moment, Moment][] {
  const chance = chanceOf(`equal ${seed}`);
  const all = groups.flatMap(([first, ...rest]) =>
    first === undefined ? [] : rest.map((other): [Moment, Moment] => [first, other]),
  );
  const drawn = all.map((pair) => ({ pair, at: chance.draw() })).sort((a, b) => a.at - b.at);
  return drawn.slice(0, equal).map(({ pair }) => pair);
}

function differences(moment: Moment, end: Struck, whole: EndState): string[] {
  const found = end.hit ? [...end.violations] : ['nobody was killed'];
  if (end.result !== whole.result) found.push(`ended ${end.result}`);
  if (String(end.effects) !== String(whole.effects)) found.push('other effects at the targets');
  return found.map((text) => `${nameOf(moment)}: ${text}`);
}

const nameOf = ({ boundary, side }: Moment): string =>
  `${side} ${boundary.label} of ${boundary.process} (${boundary.index})`;
