/**
 * The engine's side of journals at gateways: before a call is handed over, the lines of its run, its
 * own intent included, are on the gateways' disks. What a gateway has already is not sent again.
 */
import type { Clock } from '../clock.ts';
import { DrillbookError } from '../errors.ts';
import { GatewayRefused, GatewayUnreachable } from './errors.ts';
import type { Gateway, JournalLines } from './protocol.ts';

/** A run's journal as its engine sees it now. */
export interface JournalView {
  readonly run: string;
  count(): number;
  /** Lines from number `from` on. */
  lines(from: number): readonly string[];
  /** The text of this SHA-256; undefined when it cannot be had now. */
  text(sha256: string): Promise<string | undefined>;
}

export interface Shipping {
  /** The gateways, each of which gets the journal before it is asked to do something. */
  readonly gateways: ReadonlyMap<string, Gateway>;
  /** Brings the journal to every gateway that can be reached. Never rejects for one that cannot. */
  ship(): Promise<void>;
}

/** Lines of one message, in characters. */
const MESSAGE = 131_072;
/** A message is lost now and then; a gateway is not silent because of one. */
const TRIES = 2;
/** For so long a silent peer is left alone: a step must not wait for it each time, ms. */
const LEAVE_ALONE_MS = 60_000;
/** More rounds than any journal needs; an answer that leads nowhere does not go on for ever. */
const ROUNDS = 64;

/** What is known of one gateway, for the life of the process. */
interface Known {
  readonly have: Map<string, number>;
  /** Runs whose lines it does not take: an older gateway, or another history. */
  readonly closed: Set<string>;
  readonly underWay: Map<string, { readonly upTo: number; readonly done: Promise<void> }>;
  silentUntil: number;
}

const knownOf = new WeakMap<Gateway, Known>();

export function shipping(
  gateways: ReadonlyMap<string, Gateway>,
  view: JournalView,
  clock: Clock,
): Shipping {
  async function bring(gateway: Gateway, isPeer: boolean): Promise<void> {
    const known = memoryOf(gateway);
    if (known.closed.has(view.run) || known.have.get(view.run) === view.count()) return;
    if (isPeer && clock.now() < known.silentUntil) return;
    const running = known.underWay.get(view.run);
    if (running !== undefined && running.upTo >= view.count()) return running.done;
    const upTo = view.count();
    const done = (running?.done.catch(() => undefined) ?? Promise.resolve())
      .then(() => send(gateway, known, view))
      .catch((error: unknown) => {
        if (error instanceof GatewayUnreachable) known.silentUntil = clock.now() + LEAVE_ALONE_MS;
        throw error;
      });
    known.underWay.set(view.run, { upTo, done });
    return done;
  }

  /** To the gateway that is asked, or nothing is asked; to the others as far as they answer. */
  async function shipFor(site: string | undefined): Promise<void> {
    await Promise.all(
      [...gateways].map(async ([name, gateway]) => {
        const isPeer = name !== site;
        await bring(gateway, isPeer).catch((error: unknown) => {
          if (!isPeer || !(error instanceof DrillbookError)) throw error;
        });
      }),
    );
  }

  const wrap = (gateway: Gateway): Gateway => {
    const after = async <T>(ask: () => Promise<T>): Promise<T> => {
      await shipFor(gateway.site);
      return ask();
    };
    return {
      ...gateway,
      approve: (body) => after(() => gateway.approve(body)),
      register: (body) => after(() => gateway.register(body)),
      put: (key, body) => after(() => gateway.put(key, body)),
    };
  };

  return {
    gateways: new Map([...gateways].map(([site, gateway]) => [site, wrap(gateway)])),
    ship: () => shipFor(undefined),
  };
}

function memoryOf(gateway: Gateway): Known {
  const known = knownOf.get(gateway) ?? {
    ...{ have: new Map(), closed: new Set<string>(), underWay: new Map(), silentUntil: 0 },
  };
  knownOf.set(gateway, known);
  return known;
}

async function send(gateway: Gateway, known: Known, view: JournalView): Promise<void> {
  const upTo = view.count();
  const asked = new Set<string>();
  let have = known.have.get(view.run);
  let blobs: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const lines = messageOf(view, have, upTo);
    if (round > 0 && lines.length === 0 && blobs.length === 0) return;
    const body = { run: view.run, from: (have ?? 0) + 1, lines };
    const kept = await taken(gateway, blobs.length === 0 ? body : { ...body, blobs });
    if (kept === undefined) {
      known.closed.add(view.run);
      return;
    }
    have = kept.have;
    known.have.set(view.run, have);
    const wants = kept.wants.filter((name) => !asked.has(name));
    for (const name of wants) asked.add(name);
    const texts = await Promise.all(wants.map((name) => view.text(name)));
    blobs = texts.filter((text) => text !== undefined);
  }
}

/**
 * A short journal is sent whole to a gateway of which nothing is known; a long one after asking.
 * `have` may be more than `upTo`: another worker was faster.
 */
function messageOf(view: JournalView, have: number | undefined, upTo: number): string[] {
  const lines = view.lines((have ?? 0) + 1).slice(0, Math.max(0, upTo - (have ?? 0)));
  let room = MESSAGE;
  const fit = lines.findIndex((line) => {
    room -= line.length;
    return room < 0;
  });
  if (fit === -1) return [...lines];
  return have === undefined ? [] : lines.slice(0, Math.max(1, fit));
}

/** undefined: it does not take these lines, and the call it is asked for is its own matter. */
async function taken(gateway: Gateway, body: JournalLines) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await gateway.journal(body);
    } catch (error) {
      if (error instanceof GatewayUnreachable && attempt < TRIES) continue;
      const refused = error instanceof GatewayRefused ? error.code : undefined;
      if (refused !== 'GW-DOOR' && refused !== 'GW-JOURNAL') throw error;
      return undefined;
    }
  }
}
