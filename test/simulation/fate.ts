/** What a seed is about besides its weather: who asks for what, and what people do to each other. */
import { chanceOf } from './chance.ts';

/**
 *   drill          one service
 *   two-services   another person drills another service meanwhile
 *   undo           a drill whose runbook can take back, and somebody orders that
 *   disaster       main is lost, often during a drill, and DR takes over
 *   false-alarm    somebody asks for the takeover while main is well
 */
export type Plot = 'drill' | 'two-services' | 'undo' | 'disaster' | 'false-alarm';

export interface Fate {
  readonly plot: Plot;
  /** Who asks also tries to approve. */
  readonly ambition: boolean;
  /** Somebody changes what was approved as soon as the first has approved it. */
  readonly edit: boolean;
  /** Slack falls silent as soon as the first has approved in it. */
  readonly silence: boolean;
  /** An approver leaves the company as soon as the approval is complete. */
  readonly leaver: boolean;
  /** Somebody splits the drill copies by hand right before the run would. */
  readonly meddler: boolean;
  /** Two operators skip a step. */
  readonly skip: boolean;
}

export const plain: Fate = {
  plot: 'drill',
  ambition: false,
  edit: false,
  silence: false,
  leaver: false,
  meddler: false,
  skip: false,
};

/** Shares of the seeds, in percent, each with all before it. */
const plots: readonly (readonly [Plot, number])[] = [
  ['drill', 35],
  ['two-services', 50],
  ['undo', 65],
  ['disaster', 85],
  ['false-alarm', 100],
];

export function fateOf(seed: number): Fate {
  const chance = chanceOf(`people ${seed}`);
  const place = chance.draw() * 100;
  const [plot] = plots.find(([, upTo]) => place < upTo) ?? ['drill'];
  const ambition = chance.happens(0.3);
  const skip = chance.happens(0.2);
  // One of these is enough: most of them end a run before it has done anything.
  const mishap = chance.draw() * 100;
  return {
    plot,
    ambition,
    skip,
    edit: mishap < 12,
    leaver: mishap >= 12 && mishap < 22,
    meddler: mishap >= 22 && mishap < 32,
    silence: mishap >= 32 && mishap < 42,
  };
}
