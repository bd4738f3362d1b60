/** The life of one process: it may end or stand still at any operation, and nobody is told. */
import type { Http, HttpRequest } from '../../lib/http.ts';
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
  /** One operation with the world outside; `detail` is what is said or written. */
  op<T>(label: string, work: () => Promise<T>, detail?: () => string): Promise<T>;
}

/** What a process does outside of itself, the same object before and after. */
export interface Operation {
  readonly process: string;
  readonly label: string;
  readonly detail: () => string;
}

/** Blows that chance does not choose: true kills the process right there. */
export interface Blows {
  before(operation: Operation): boolean;
  after(operation: Operation): boolean;
}

export interface ProcessDeps {
  readonly time: SimTime;
  readonly chance: Chance;
  readonly dangers: () => Dangers;
  readonly note: (text: string) => void;
  readonly onEnd: () => void;
  readonly blows?: Blows;
}

const CHANGE = /^(PUT|POST|DELETE) (?!.*(sessions|tokens|reads|asks))/;

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
    op: async (label, work, detail = () => '') => {
      if (!alive) return never;
      const operation = { process: name, label, detail };
      const struck = deps.blows?.before(operation) ?? false;
      const { dies: often, freezes } = deps.dangers();
      // Right before and right after a change is where dying is worst.
      const dies = often * (CHANGE.test(label) ? 6 : 1);
      const fate = chance.draw();
      if (struck || fate < dies / 2) {
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
      if (deps.blows?.after(operation) || (fate >= dies / 2 && fate < dies)) {
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
export function belongingTo<T extends object>(process: Process, whole: T, name: string): T {
  return new Proxy(whole, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        process.op(
          `${name}.${String(key)}`,
          () => method.apply(target, args),
          () => JSON.stringify(args),
        );
    },
  });
}

export const wireOf =
  (process: Process, http: Http): Http =>
  (request) =>
    process.op(
      shortOf(request),
      () => http(request),
      () => request.body ?? '',
    );

export const shortOf = ({ method, url }: HttpRequest): string => {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname.replace(/[0-9a-f]{24,}/g, (hex) => hex.slice(0, 8))}`;
};
