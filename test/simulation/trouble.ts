/** Messages that are lost, doubled, late or out of order, and a store that is throttled. */
import type { Http } from '../../lib/http.ts';
import type { Store } from '../../lib/store/store.ts';
import type { Chance } from './chance.ts';
import { isChange } from './monitor.ts';
import { shortOf } from './process.ts';
import type { SimTime } from './time.ts';
import type { Weather } from './weather.ts';

export interface Trouble {
  readonly time: SimTime;
  readonly chance: Chance;
  /** Now: a storm passes. */
  readonly weather: () => Weather;
  readonly note: (text: string) => void;
}

/** A line that is cut is noticed at once, or only when the caller's patience ends. */
const PATIENCE_MS = [20, 30_000] as const;

/** A line on which every message takes its own time, and some never arrive. */
export function troubledLine(
  { time, chance, weather, note }: Trouble,
  http: Http,
  between: 'gateways' | undefined = undefined,
): Http {
  return async (request) => {
    const { lost, late: often } = weather();
    // An array takes its time over a change rather than over a look.
    const late = isChange(request) && !between ? often * 4 : often;
    // What a connection carries arrives once; only messages between processes are sent again.
    const doubled = isChange(request) && !between ? 0 : weather().doubled;
    const label = shortOf(request);
    const fate = chance.draw();
    await time.sleep(chance.between(1, 40));
    if (fate < lost / 2) {
      note(`lost on its way: ${label}`);
      await time.sleep(chance.oneOf(PATIENCE_MS));
      throw new Error('timeout');
    }
    if (fate < lost) {
      note(`answer lost: ${label}`);
      await http(request);
      await time.sleep(chance.oneOf(PATIENCE_MS));
      throw new Error('timeout');
    }
    if (fate < lost + doubled) {
      note(`doubled: ${label}`);
      // At once, or when everything about it is long over.
      const again = chance.between(0, chance.oneOf([1_500, 1_500, 90_000]));
      void time
        .sleep(again)
        .then(() => http(request))
        .catch(() => undefined);
    }
    if (fate > 1 - late) {
      const ms = chance.between(1_000, 45_000);
      note(`late by ${ms} ms: ${label}`);
      await time.sleep(ms);
    }
    const answer = await http(request);
    await time.sleep(chance.between(1, 40));
    return answer;
  };
}

/** A store that at times refuses, before or after it has written. */
export function troubledStore({ time, chance, weather, note }: Trouble, store: Store): Store {
  return new Proxy(store, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        await time.sleep(chance.between(1, 12));
        const fate = chance.draw();
        const { throttled } = weather();
        if (fate < throttled / 2) {
          note(`throttled: ${String(key)}`);
          throw new Error('ProvisionedThroughputExceededException');
        }
        const result = await method.apply(target, args);
        if (fate < throttled) {
          note(`written, answer lost: ${String(key)}`);
          throw new Error('socket hang up');
        }
        return result;
      };
    },
  });
}
