/**
 * A gateway that shows less than was last seen has lost its memory: its `void` proves nothing any
 * more. The highest counter seen is kept beside the runs; below it nothing is believed or sent.
 */
import type { Gateway } from '../gateway/protocol.ts';
import type { Store } from '../store/store.ts';
import { RunError } from './errors.ts';

interface Seen {
  readonly incarnation: string;
  readonly counter: number;
}

/** Note that belongs to no run in particular. */
const GATEWAYS = 'gateways';

/** Wraps a gateway; throws RUN-GATEWAY-FORGOT from the moment its counter went back. */
export function watchful(gateway: Gateway, store: Store): Gateway {
  let highest: Seen | undefined;

  /** Compared with what was seen before the question was asked: answers may overtake each other. */
  async function compared<T extends Seen>(ask: () => Promise<T>): Promise<T> {
    const before = highest ?? (await lastSeen(store, gateway.site));
    const now = await ask();
    if (before !== undefined && isOlder(now, before)) {
      throw new RunError(
        'RUN-GATEWAY-FORGOT',
        `Gateway ${gateway.site} has lost its memory.`,
        `It shows receipt ${now.counter}; receipt ${before.counter} was seen already.`,
      );
    }
    if (highest === undefined || now.counter > highest.counter) {
      highest = { incarnation: now.incarnation, counter: now.counter };
      await store.putNote(GATEWAYS, gateway.site, JSON.stringify(highest));
    }
    return now;
  }

  const health = () => compared(() => gateway.health());

  return {
    site: gateway.site,
    register: (body) => gateway.register(body),
    approve: (body) => gateway.approve(body),
    put: async (key, body) => {
      await health();
      return gateway.put(key, body);
    },
    ask: async (key) => {
      await health();
      return gateway.ask(key);
    },
    read: (target, path) => gateway.read(target, path),
    health,
  };
}

const isOlder = (now: Seen, before: Seen): boolean =>
  now.incarnation !== before.incarnation || now.counter < before.counter;

async function lastSeen(store: Store, site: string): Promise<Seen | undefined> {
  const note = await store.note(GATEWAYS, site);
  return note === undefined ? undefined : (JSON.parse(note) as Seen);
}
