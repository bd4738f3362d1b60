/**
 * A gateway that shows less than was last seen has lost its memory: its `void` proves nothing any
 * more. The highest counter seen is kept beside the runs; below it nothing is believed or sent.
 */
import type { Gateway } from '../gateway/protocol.ts';
import type { Store } from '../store/store.ts';
import { RunError } from './errors.ts';

/** Every receipt and every answer about a key carries the counter. */
interface Counted {
  readonly counter: number;
  readonly incarnation?: string;
}

interface Seen {
  readonly counter: number;
  readonly incarnation: string;
}

/** Note that belongs to no run in particular. */
const GATEWAYS = 'gateways';

/** Wraps a gateway; throws RUN-GATEWAY-FORGOT from the moment its counter went back. */
export function watchful(gateway: Gateway, store: Store): Gateway {
  let highest: Seen | undefined;
  let asking: Promise<Seen | undefined> | undefined;

  /** What any worker saw: read anew, once for questions asked side by side. */
  async function highestSeen(): Promise<Seen | undefined> {
    asking ??= lastSeen(store, gateway.site).finally(() => {
      asking = undefined;
    });
    const noted = await asking;
    if (highest === undefined || (noted?.counter ?? -1) > highest.counter) highest = noted;
    return highest;
  }

  /** Compared with what was seen before the question was asked: answers may overtake each other. */
  async function compared<T extends Counted>(ask: () => Promise<T>): Promise<T> {
    const before = await highestSeen();
    const now = await ask();
    if (before !== undefined && isOlder(now, before)) {
      throw new RunError(
        'RUN-GATEWAY-FORGOT',
        `Gateway ${gateway.site} has lost its memory.`,
        `It shows receipt ${now.counter}; receipt ${before.counter} was seen already.`,
      );
    }
    await remember(now);
    return now;
  }

  async function remember(now: Counted): Promise<void> {
    const incarnation = now.incarnation ?? highest?.incarnation;
    if (incarnation === undefined || now.counter <= (highest?.counter ?? -1)) return;
    highest = { counter: now.counter, incarnation };
    await store.putNote(GATEWAYS, gateway.site, JSON.stringify(highest));
  }

  return {
    site: gateway.site,
    register: (body) => gateway.register(body),
    approve: (body) => gateway.approve(body),
    // Nothing is put that was not observed through this gateway the moment before.
    put: (key, body) => gateway.put(key, body),
    ask: (key) => compared(() => gateway.ask(key)),
    read: (target, path) => compared(() => gateway.read(target, path)),
    health: () => compared(() => gateway.health()),
  };
}

const isOlder = (now: Counted, before: Seen): boolean =>
  now.counter < before.counter ||
  (now.incarnation !== undefined && now.incarnation !== before.incarnation);

async function lastSeen(store: Store, site: string): Promise<Seen | undefined> {
  const note = await store.note(GATEWAYS, site);
  return note === undefined ? undefined : (JSON.parse(note) as Seen);
}
