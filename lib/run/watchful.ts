/**
 * A gateway that shows less than was last seen has lost its memory: its `void` proves nothing any
 * more. The highest counter seen is kept beside the runs; below it nothing is believed or sent.
 */
import { GatewayRefused } from '../gateway/errors.ts';
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
  /** It has shown less since: new lines of its own do not make up for those it lost. */
  readonly forgot?: true;
}

/** The most that was seen of one gateway, kept beside the runs. */
export interface Sight {
  /** What any worker saw: read anew, once for questions asked side by side. */
  highest(): Promise<Seen | undefined>;
  remember(now: Counted): Promise<void>;
  /** Two people armed the gateway again: from here on another incarnation counts. */
  replace(now: Seen): Promise<void>;
  /** For the gateway itself, with each request; what this worker knows will do. */
  told(): Promise<string | undefined>;
}

/** Note that belongs to no run in particular. */
const GATEWAYS = 'gateways';

export function openSight(store: Store, site: string): Sight {
  let highest: Seen | undefined;
  let asking: Promise<Seen | undefined> | undefined;

  async function readAnew(): Promise<Seen | undefined> {
    asking ??= lastSeen(store, site).finally(() => {
      asking = undefined;
    });
    const noted = await asking;
    if (highest === undefined || (noted?.counter ?? -1) > highest.counter) highest = noted;
    return highest;
  }

  async function replace(now: Seen): Promise<void> {
    highest = now;
    await store.putNote(GATEWAYS, site, JSON.stringify(now));
  }

  return {
    highest: readAnew,
    replace,
    remember: async (now) => {
      const incarnation = now.incarnation ?? highest?.incarnation;
      if (incarnation === undefined || now.counter <= (highest?.counter ?? -1)) return;
      await replace({ counter: now.counter, incarnation });
    },
    told: async () => {
      const seen = highest ?? (await readAnew());
      return seen === undefined ? undefined : `${seen.incarnation} ${seen.counter}`;
    },
  };
}

/**
 * Wraps a gateway; throws RUN-GATEWAY-FORGOT from the moment its counter went back, until two people
 * have armed it again and it says so.
 */
export function watchful(
  gateway: Gateway,
  store: Store,
  sight: Sight = openSight(store, gateway.site),
): Gateway {
  /** Compared with what was seen before the question was asked: answers may overtake each other. */
  async function compared<T extends Counted>(ask: () => Promise<T>): Promise<T> {
    const before = await sight.highest();
    const now = await ask().catch(forgot);
    if (before !== undefined && (before.forgot === true || isOlder(now, before))) {
      await assertRearmed(before, now);
      return now;
    }
    await sight.remember(now);
    return now;
  }

  /** It knows by itself that more was seen of it, and says so. */
  async function forgot(error: unknown): Promise<never> {
    if (!(error instanceof GatewayRefused) || error.code !== 'GW-AMNESIA') throw error;
    const seen = await sight.highest();
    if (seen !== undefined) await sight.replace({ ...seen, forgot: true });
    const what = `Gateway ${gateway.site} has lost its memory.`;
    throw new RunError('RUN-GATEWAY-FORGOT', what, error.why);
  }

  /** What it forgot, two people know of: they ended the incarnation of which more was seen. */
  async function assertRearmed(before: Seen, now: Counted): Promise<void> {
    const { counter, incarnation, armed, ended } = await gateway.health();
    const known = armed === true && ended?.includes(before.incarnation) === true;
    const same = now.incarnation === undefined || now.incarnation === incarnation;
    if (known && same) return sight.replace({ counter, incarnation });
    await sight.replace({ ...before, forgot: true });
    throw new RunError(
      'RUN-GATEWAY-FORGOT',
      `Gateway ${gateway.site} has lost its memory.`,
      `It shows receipt ${now.counter}; receipt ${before.counter} was seen already.`,
    );
  }

  return {
    site: gateway.site,
    register: (body) => gateway.register(body).catch(forgot),
    approve: (body) => gateway.approve(body).catch(forgot),
    // Nothing is put that was not observed through this gateway the moment before.
    put: (key, body) => gateway.put(key, body).catch(forgot),
    announce: (body) => gateway.announce(body).catch(forgot),
    journal: (body) => gateway.journal(body),
    skip: (body) => gateway.skip(body).catch(forgot),
    ask: (key, intent) => compared(() => gateway.ask(key, intent)),
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
