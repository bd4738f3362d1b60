/** The life of one process: it may end or stand still at any operation, and nobody is told. */
import type { Http, HttpRequest } from '../../lib/http.ts';
import type { Blobs, Store } from '../../lib/store/store.ts';
import type { Chance } from './chance.ts';
import type { SimTime } from './time.ts';

export interface Dangers {
  readonly dies: number;
  readonly freezes: number;
}

export interface Process {
  readonly name: string;
  alive(): boolean;
  /** Ends it: nothing it began comes to an end, and nobody waiting inside hears of it. */
  end(): void;
  /** Resolves never; rejects when the process ends: what others see of a call to it. */
  readonly gone: Promise<never>;
  /** One operation with the world outside. */
  op<T>(label: string, work: () => Promise<T>): Promise<T>;
}

export interface ProcessDeps {
  readonly time: SimTime;
  readonly chance: Chance;
  readonly dangers: () => Dangers;
  readonly note: (text: string) => void;
  readonly onEnd: () => void;
  /** Where a blow falls that chance does not choose. */
  readonly blow?: (name: string, label: string) => 'before' | 'after' | undefined;
}

export function startProcess(name: string, deps: ProcessDeps): Process {
  const { time, chance, note } = deps;
  let alive = true;
  let reject: (why: Error) => void = () => undefined;
  const gone = new Promise<never>((_, no) => {
    reject = no;
  });
  gone.catch(() => undefined);
  const never = new Promise<never>(() => undefined);

  function end(): void {
    if (!alive) return;
    alive = false;
    reject(new Error('socket hang up'));
    deps.onEnd();
  }

  return {
    name,
    alive: () => alive,
    end,
    gone,
    op: async (label, work) => {
      if (!alive) return never;
      const blow = deps.blow?.(name, label);
      const { dies, freezes } = deps.dangers();
      const fate = chance.draw();
      if (blow === 'before' || fate < dies / 2) {
        note(`${name} dies before ${label}`);
        end();
        return never;
      }
      // Between an intent and its put is where standing still is worst.
      const worst = label.startsWith('PUT ') ? 15 : 1;
      if (fate > 1 - freezes * worst) {
        const ms = chance.between(31_000, 600_000);
        note(`${name} stands still for ${ms} ms before ${label}`);
        await time.sleep(ms);
        if (!alive) return never;
      }
      let failed: unknown;
      let result: Awaited<ReturnType<typeof work>> | undefined;
      try {
        result = await work();
      } catch (error) {
        failed = error ?? new Error('failed');
      }
      if (!alive) return never;
      if (blow === 'after' || (fate >= dies / 2 && fate < dies)) {
        note(`${name} dies after ${label}`);
        end();
        return never;
      }
      if (failed !== undefined) throw failed;
      return result as Awaited<ReturnType<typeof work>>;
    },
  };
}

/** Every method of a store or blob store as an operation of the process. */
export function belongingTo<T extends Store | Blobs>(process: Process, whole: T, name: string): T {
  return new Proxy(whole, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        process.op(`${name}.${String(key)}`, () => method.apply(target, args));
    },
  });
}

export const wireOf =
  (process: Process, http: Http): Http =>
  (request) =>
    process.op(shortOf(request), () => http(request));

export const shortOf = ({ method, url }: HttpRequest): string => {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname.replace(/[0-9a-f]{24,}/g, (hex) => hex.slice(0, 8))}`;
};
