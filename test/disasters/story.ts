/** What a seed draws: the service, its load, what is under way, what strikes when, and for how long. */
import { type Chance, chanceOf } from '../simulation/chance.ts';

/** Where the service runs and what is done with it when the disaster comes. */
export const courses = ['drill-copy', 'switchover', 'failback', 'quiet', 'quiet-at-dr'] as const;
export type Course = (typeof courses)[number];

export const blows = [
  'main-burns',
  'dr-burns',
  'main-array',
  'dr-array',
  'link',
  'partition',
  'main-gateway',
  'dr-gateway',
] as const;
export type Blow = (typeof blows)[number];

export interface Story {
  readonly seed: number;
  readonly service: string;
  readonly course: Course;
  readonly blow: Blow;
  /** Comes with this line of the run's journal; with no run under way, after so many seconds. */
  readonly line: number;
  readonly recordsPerSecond: number;
  /** Until what was struck is repaired. */
  readonly repairMinutes: number;
  /** Whether people first end the run that is under way, or let a failover take its place. */
  readonly tidy: boolean;
}

const services = ['payments', 'internet-banking', 'loans', 'loans', 'loans'] as const;

/** Lines of a run's journal until it has ended, roughly: some blows come too late, as in life. */
const LINES: Readonly<Record<string, number>> = {
  payments: 220,
  'internet-banking': 150,
  loans: 125,
};

export function storyOf(seed: number): Story {
  const chance: Chance = chanceOf(`disaster ${seed}`);
  const service = chance.oneOf(services);
  return {
    seed,
    service,
    course: chance.oneOf(courses),
    blow: chance.oneOf(blows),
    line: chance.between(1, LINES[service] ?? 0),
    recordsPerSecond: chance.between(2, 400),
    repairMinutes: chance.between(3, 600),
    tidy: chance.happens(0.5),
  };
}

export const told = (story: Story): string =>
  `${story.service} ${story.course}, ${story.blow} at ${story.line}, ` +
  `${story.recordsPerSecond}/s, repaired after ${story.repairMinutes} min`;
