/** Chance, from a seed: what goes wrong between a worker, its store and its gateways. */
import { createHash } from 'node:crypto';
import type { Http } from '../../lib/http.ts';
import type { Blobs, Store } from '../../lib/store/store.ts';

/** Numbers from 0 to below 1, the same for the same seed. */
export type Chance = () => number;

export function chanceOf(seed: string): Chance {
  let drawn = 0;
  return () => {
    const digest = createHash('sha256').update(`${seed} ${drawn++}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}

/** Thrown where a worker is killed; the same worker never gets on after it. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Kills a worker before or after its nth operation; from then on nothing of it goes through. */
export function mortality(chance: Chance, lifetime: number) {
  let left = Math.ceil(chance() * lifetime);
  const after = chance() < 0.5;
  async function within<T>(work: () => Promise<T>): Promise<T> {
    if (left <= 0) throw new Crash();
    left--;
    if (left > 0) return work();
    if (after) await work();
    throw new Crash();
  }
  return {
    dead: () => left <= 0,
    store: (store: Store): Store => wrapped(store, within),
    blobs: (blobs: Blobs): Blobs => wrapped(blobs, within),
    wire:
      (http: Http): Http =>
      (request) =>
        within(() => http(request)),
  };
}

/** Each method of a store or blob store as one operation. */
function wrapped<T extends object>(whole: T, within: <R>(work: () => Promise<R>) => Promise<R>): T {
  return new Proxy(whole, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => within(() => method(...args));
    },
  });
}

export interface Weather {
  readonly chance: Chance;
  /** Share of messages that suffer, 0 to 1; set to 0 to let the storm pass. */
  rough: number;
  /** Share of changes at which the gateway that sends them dies. */
  deadly: number;
}

/**
 * Between a gateway and its targets: at some changes the gateway dies, before the target has heard
 * of it or after it has obeyed.
 */
export function deadly(http: Http, weather: Weather, kill: () => Promise<void>): Http {
  return async (request) => {
    const { chance } = weather;
    const changes = request.method !== 'GET' && !/sessions|tokens/.test(request.url);
    if (!changes || chance() >= weather.deadly) return http(request);
    if (chance() < 0.5) await http(request);
    await kill();
    return new Promise(() => undefined);
  };
}

/** Requests and answers that are lost, come twice, or late. */
export function troubled(http: Http, weather: Weather): Http {
  return async (request) => {
    const { chance } = weather;
    if (chance() >= weather.rough) return http(request);
    const kind = Math.floor(chance() * 3);
    if (kind === 0) throw new Error('request lost');
    if (kind === 1) {
      await http(request);
      throw new Error('answer lost');
    }
    const [first] = await Promise.allSettled([http(request), http(request)]);
    if (first.status === 'rejected') throw first.reason;
    return first.value;
  };
}
