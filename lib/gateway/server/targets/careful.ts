/** A target with its limits: so many changes at once, and left alone while it gives no answer. */
import type { Clock } from '../../../clock.ts';
import { GatewayError } from '../../errors.ts';
import { admitRead, admitsChange, answered, type Breaker, CLOSED, silent } from './breaker.ts';
import { openLane } from './lane.ts';
import type { Line, Target } from './target.ts';

/** `limit` = changes on their way at once. */
export function careful(
  line: Line,
  { name, limit, clock }: { readonly name: string; readonly limit: number; readonly clock: Clock },
): Target {
  const lane = openLane(name, { limit, clock });
  let breaker: Breaker = CLOSED;

  function leftAlone(): GatewayError {
    return new GatewayError('GW-TARGET-OPEN', `${name} is left alone for a moment.`);
  }

  /** Any answer closes the breaker; no answer counts, and so does a login without one. */
  async function watched<T>(exchange: () => Promise<T>): Promise<T> {
    try {
      const result = await exchange();
      breaker = answered();
      return result;
    } catch (error) {
      const spoke = error instanceof GatewayError && error.code !== 'GW-TARGET-SILENT';
      breaker = spoke ? answered() : silent(breaker, clock.now());
      throw error;
    }
  }

  async function read<T>(exchange: () => Promise<T>): Promise<T> {
    const next = admitRead(breaker, clock.now());
    if (next === undefined) throw leftAlone();
    breaker = next;
    return watched(exchange);
  }

  return {
    get: (path) => read(() => line.get(path)),
    enter: async (putBy) => {
      if (!admitsChange(breaker, clock.now())) throw leftAlone();
      const giveBack = await lane.enter(putBy);
      const turn = line.begin();
      return {
        prove: () => read(turn.prove),
        // Accepted and written down: it goes now, or nobody would know what became of it.
        send: (change) => watched(() => turn.send(change)),
        leave: () => {
          turn.leave();
          giveBack();
        },
      };
    },
    close: line.close,
  };
}
