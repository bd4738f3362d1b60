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
  /** Whether lines from number `from` on are worth a message of their own. */
  matters(from: number): boolean;
  /** Texts that lines `from` to `upTo` name, with their sizes in bytes. */
  named(from: number, upTo: number): readonly { readonly sha256: string; readonly bytes: number }[];
  /** The text of this SHA-256; undefined when it cannot be had now. */
  text(sha256: string): Promise<string | undefined>;
}

export interface Shipping {
  /** The gateways, each of which gets the journal before it is asked to do something. */
  readonly gateways: ReadonlyMap<string, Gateway>;
  /**
   * Brings lines that matter, and large texts, to every gateway that can be reached. Never rejects
   * for one that cannot.
   */
  ship(): Promise<void>;
  /** A gateway that was found to keep another history of this run; told once. */
  contested(): Gateway | undefined;
}

/** Lines of one message, in characters. */
const MESSAGE = 131_072;
/** Texts that go with the lines that name them: none larger, all together no more, bytes. */
const SMALL_TEXT = 65_536;
const TEXTS = 262_144;
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
  /** Those of another history, until somebody asks. */
  readonly contested: Set<string>;
  /** Whether large texts are missing there. */
  readonly large: Set<string>;
  readonly underWay: Map<string, { readonly upTo: number; readonly done: Promise<void> }>;
  silentUntil: number;
}

const knownOf = new WeakMap<Gateway, Known>();

export function shipping(
  gateways: ReadonlyMap<string, Gateway>,
  view: JournalView,
  clock: Clock,
): Shipping {
  const { run } = view;

  async function bring(gateway: Gateway, how: { readonly isPeer: boolean; readonly all: boolean }) {
    const known = memoryOf(gateway);
    const whole = known.have.get(run) === view.count();
    if (known.closed.has(run) || (whole && !(how.all && known.large.has(run)))) return;
    if (how.isPeer && clock.now() < known.silentUntil) return;
    const running = known.underWay.get(run);
    if (!how.all && running !== undefined && running.upTo >= view.count()) return running.done;
    const done = (running?.done.catch(() => undefined) ?? Promise.resolve())
      .then(() => send(gateway, known, { view, large: how.all }))
      .catch((error: unknown) => {
        if (error instanceof GatewayUnreachable) known.silentUntil = clock.now() + LEAVE_ALONE_MS;
        throw error;
      });
    known.underWay.set(run, { upTo: view.count(), done });
    return done;
  }

  /** As far as they answer. */
  async function bringFar(named: readonly Gateway[], all: boolean): Promise<void> {
    const brought = named.map((one) =>
      bring(one, { isPeer: true, all }).catch((error: unknown) => {
        if (!(error instanceof DrillbookError)) throw error;
      }),
    );
    await Promise.all(brought);
  }

  /** On the disk of the gateway that is asked, or nothing is asked; the others need not be waited for. */
  async function after<T>(gateway: Gateway, ask: () => Promise<T>): Promise<T> {
    const others = [...gateways.values()].filter(({ site }) => site !== gateway.site);
    const far = bringFar(others, false);
    const near = bring(gateway, { isPeer: false, all: false }).then(ask);
    const [answer] = await Promise.all([near, far]);
    return answer;
  }

  const wrap = (gateway: Gateway): Gateway => ({
    ...gateway,
    approve: (body) => after(gateway, () => gateway.approve(body)),
    register: (body) => after(gateway, () => gateway.register(body)),
    put: (key, body) => after(gateway, () => gateway.put(key, body)),
  });

  return {
    gateways: new Map([...gateways].map(([site, gateway]) => [site, wrap(gateway)])),
    ship: () =>
      bringFar(
        [...gateways.values()].filter((one) => isBehind(one, view)),
        true,
      ),
    contested: () => [...gateways.values()].find((one) => memoryOf(one).contested.delete(run)),
  };
}

function isBehind(gateway: Gateway, { run, matters }: JournalView): boolean {
  const { large, have } = memoryOf(gateway);
  return large.has(run) || matters((have.get(run) ?? 0) + 1);
}

function memoryOf(gateway: Gateway): Known {
  const known = knownOf.get(gateway) ?? {
    ...{ have: new Map(), closed: new Set<string>(), underWay: new Map(), silentUntil: 0 },
    ...{ contested: new Set<string>(), large: new Set<string>() },
  };
  knownOf.set(gateway, known);
  return known;
}

async function send(
  gateway: Gateway,
  known: Known,
  { view, large }: { readonly view: JournalView; readonly large: boolean },
): Promise<void> {
  const upTo = view.count();
  const asked = new Set<string>();
  const bring = async (names: readonly string[]) => {
    for (const name of names) asked.add(name);
    const texts = await Promise.all(names.map((name) => view.text(name)));
    return texts.filter((text) => text !== undefined);
  };
  let have = known.have.get(view.run);
  let wants: readonly string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const lines = messageOf(view, have, upTo);
    const first = (have ?? 0) + 1;
    const fresh = view.named(first, first + lines.length - 1);
    const blobs = await bring([...wants, ...smallOf(fresh)]);
    if (round > 0 && lines.length === 0 && blobs.length === 0) return;
    const body = { run: view.run, from: first, lines };
    const kept = await taken(gateway, blobs.length === 0 ? body : { ...body, blobs });
    if (kept === undefined || kept === 'contested') {
      known.closed.add(view.run);
      if (kept === 'contested') known.contested.add(view.run);
      return;
    }
    have = kept.have;
    known.have.set(view.run, have);
    const heavy = (kept.large ?? []).filter((name) => !asked.has(name));
    wants = [...kept.wants.filter((name) => !asked.has(name)), ...(large ? heavy.slice(0, 1) : [])];
    if (!large && heavy.length > 0) known.large.add(view.run);
    if (large) known.large.delete(view.run);
  }
}

/** What goes with its line at once; the rest is asked for. */
function smallOf(named: ReturnType<JournalView['named']>): string[] {
  let room = TEXTS;
  const names = named.filter(({ bytes }) => {
    if (bytes > SMALL_TEXT || bytes > room) return false;
    room -= bytes;
    return true;
  });
  return [...new Set(names.map(({ sha256 }) => sha256))];
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
      return refused === 'GW-JOURNAL' ? 'contested' : undefined;
    }
  }
}
