/** Changes on their way to one target: a few at once, the others wait in the order they came. */
import type { Clock } from '../../../clock.ts';
import { GatewayError } from '../../errors.ts';

export interface Lane {
  /**
   * Resolves with what gives the place back. Rejects with GW-BUSY when too many wait, and with
   * GW-LATE when `putBy` passes before there is a place.
   */
  enter(putBy: number): Promise<() => void>;
}

interface Waiting {
  readonly putBy: number;
  go(): void;
  late(): void;
}

const QUEUE_MAX = 64;

export function openLane(
  name: string,
  { limit, clock }: { readonly limit: number; readonly clock: Clock },
): Lane {
  let inside = 0;
  let waiting: Waiting[] = [];

  /** Those whose time is over are told whenever anybody comes or goes. */
  function move(): void {
    const now = clock.now();
    for (const one of waiting.filter(({ putBy }) => now > putBy)) one.late();
    waiting = waiting.filter(({ putBy }) => now <= putBy);
    while (inside < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      inside++;
      next.go();
    }
  }

  function place(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      inside--;
      move();
    };
  }

  return {
    enter: async (putBy) => {
      move();
      if (waiting.length >= QUEUE_MAX) {
        const why = `${inside} changes are on their way to it and ${waiting.length} wait.`;
        throw new GatewayError('GW-BUSY', `${name} is busy.`, { why });
      }
      await new Promise<void>((go, reject) => {
        const late = () =>
          reject(
            new GatewayError('GW-LATE', `${name} was busy until the time of the put was over.`),
          );
        waiting.push({ putBy, go, late });
        move();
      });
      return place();
    },
  };
}
