/**
 * One gateway: the only holder of a site's credentials. It trusts nobody: messages, approvals, plans
 * and states are checked here, by the gateway's own means, before anything reaches an array.
 */
import type { Clock } from '../../clock.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import { type Book, openBook } from './book.ts';
import { openCalls } from './calls.ts';
import type { Disk } from './disk.ts';
import { openDoors } from './doors.ts';
import type { GatewayFolder } from './settings.ts';
import { openTargets, type Targets } from './targets/index.ts';

export interface GatewayOptions {
  readonly folder: GatewayFolder;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  /** Told of failures that no answer carries: a broken disk, a fault in the program. */
  readonly say: (text: string) => void;
}

/** What every part of a gateway may use. */
export interface Parts {
  readonly folder: GatewayFolder;
  readonly clock: Clock;
  readonly book: Book;
  readonly targets: Targets;
  readonly say: (text: string) => void;
}

export interface RunningGateway {
  readonly handle: Http;
  /** Resolves when nothing is on its way to a target. */
  settled(): Promise<void>;
  /** Waits for what is on its way, then gives sessions back. */
  close(): Promise<void>;
}

export function createGateway(options: GatewayOptions): RunningGateway {
  const { folder, clock, say } = options;
  const targets = openTargets(folder, options);
  const parts: Parts = { folder, clock, say, targets, book: openBook(options.disk) };
  const calls = openCalls(parts);
  return {
    handle: openDoors(parts, { calls, random: options.random }),
    settled: calls.settled,
    close: async () => {
      await calls.settled();
      await targets.close();
      await options.disk.close();
    },
  };
}
