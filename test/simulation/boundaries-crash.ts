/**
 * What lasts at the instant of a kill, read from the store, the disks, the targets and Slack
 * themselves: a second opinion on `boundaries-states`, which only listens to what processes do.
 */
import { canonical, sha256 } from '../../lib/canonical.ts';
import type { Operation } from './process.ts';
import type { Sim } from './sim.ts';

export interface Crash {
  saw(operation: Operation): void;
  /** To be called at the kill, before anything else can happen. */
  strike(sim: Sim | undefined): void;
  /** One hash over everything; empty when nobody was killed. */
  hash(): Promise<string>;
}

/** How to find again what was put under a name. */
const readers: Readonly<Record<string, (sim: Sim, names: readonly string[]) => Promise<unknown>>> =
  {
    'store.putNote': ({ store }, [run = '', name = '']) => store.note(run, name),
    'store.claim': ({ store }, [name = '']) => store.holder(name),
    'store.putLock': ({ store }, [unit = '']) => store.lock(unit),
  };

export function openCrash(): Crash {
  const put = new Map<string, readonly [string, readonly string[]]>();
  let found: Promise<string> = Promise.resolve('');
  return {
    saw: ({ label, detail }) => {
      if (readers[label] === undefined) return;
      const args: unknown[] = JSON.parse(detail());
      const names = args.slice(0, 2).filter((one) => typeof one === 'string');
      put.set([label, ...names].join(' '), [label, names]);
    },
    strike: (sim) => {
      if (sim === undefined) return;
      // All questions at once: the store in memory answers each of them as of now.
      const { store, runs, world, slack, config } = sim;
      const parts = [
        ...runs.flatMap((run) => [store.chain(`run:${run}`), store.inbox(run), store.head(run)]),
        store.chain(`ledger:${config.policy.tenant}`),
        store.dues(),
        ...[...put.values()].map(([label, names]) => readers[label]?.(sim, names)),
        [...world.effects],
        ...config.sites.map(({ id }) => sim.disk(id)),
        slack.messages(config.policy.channel),
      ];
      found = Promise.all(parts).then((all) => sha256(canonical(all)));
    },
    hash: () => found,
  };
}
