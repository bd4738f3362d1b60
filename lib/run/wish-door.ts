/**
 * The door for signed wishes: `POST /wishes` with a body of `signedWishSchema`. Who knocks is nobody
 * until the signature says who; the engine judges what is asked, as it does from every door.
 *
 *   no order       200 {now, runs}     the runs, as heads
 *   an order       200 {state: 'taken', event}
 *                  202 {state: 'waiting'}     in the inbox; the same body asks again
 *                  409 {state: 'refused', refusal: {ko, en}}
 *   else           4xx {refusal: {ko, en}}
 */
import { canonical } from '../canonical.ts';
import type { Clock } from '../clock.ts';
import type { Person } from '../config.ts';
import type { Refusal } from '../errors.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { openRate } from '../rate.ts';
import type { Store } from '../store/store.ts';
import { parseEvent } from './events.ts';
import { headSchema } from './head.ts';
import type { InboxBody } from './inbox.ts';
import { causeOf } from './session.ts';
import { WishRefused } from './wish-errors.ts';
import { type SignedWish, signedWishSchema, verifyWish } from './wishes.ts';

const BYTES_MAX = 16_384;
/** How far the clock of who signs may be off, and how long a signed wish can be sent again, ms. */
const WINDOW_MS = 300_000;
/** Per minute: from one address before anything is verified, and by one person after. */
const KNOCKS = { max: 60, perMs: 60_000 };
const WISHES = { max: 30, perMs: 60_000 };
/** The engine is usually done by then; who asks again later is told then. */
const LOOKS = 10;
const LOOK_EVERY_MS = 500;
const RUNS_SHOWN = 20;

export interface WishDoorOptions {
  readonly store: Pick<Store, 'putInbox' | 'head' | 'heads' | 'chain'>;
  /** Wakes the engine for a run. */
  readonly signal: (run: string) => Promise<void>;
  readonly people: readonly Person[];
  readonly clock: Clock;
  /** The refusal in the words of a language. */
  readonly inLanguage: (language: 'ko' | 'en', refusal: Refusal) => Refusal;
}

/** `from` is the address the request came from. Rejects only when the store does not answer. */
export type WishDoor = (request: HttpRequest, from: string) => Promise<HttpResponse>;

export function wishDoor(options: WishDoorOptions): WishDoor {
  const { clock, inLanguage } = options;
  const mayKnock = openRate(clock, KNOCKS);
  const mayWish = openRate(clock, WISHES);
  const inBoth = (refusal: Refusal) => ({
    refusal: { ko: inLanguage('ko', refusal), en: inLanguage('en', refusal) },
  });

  async function answerTo(request: HttpRequest, from: string): Promise<HttpResponse> {
    if (!mayKnock(from)) throw new WishRefused('WISH-RATE', 'Too many requests from one address.');
    const signed = read(request);
    admit(signed, options);
    if (!mayWish(signed.wish.person)) throw new WishRefused('WISH-RATE', 'Too many wishes.');
    const { order } = signed.wish;
    if (order === undefined) return json(200, await look(options));
    const outcome = await handIn(options, signed, order);
    if (outcome === undefined) return json(202, { state: 'waiting' });
    if (typeof outcome === 'string') return json(200, { state: 'taken', event: outcome });
    return json(409, { state: 'refused', ...inBoth(outcome) });
  }

  return async (request, from) => {
    try {
      return await answerTo(request, from);
    } catch (error) {
      if (error instanceof WishRefused) return json(error.status, inBoth(error.toRefusal()));
      throw error;
    }
  };
}

function read({ method, url, body = '' }: HttpRequest): SignedWish {
  if (method !== 'POST' || new URL(url).pathname !== '/wishes') {
    throw new WishRefused('WISH-DOOR', `There is no ${method} ${new URL(url).pathname}.`);
  }
  if (Buffer.byteLength(body) > BYTES_MAX) {
    throw new WishRefused('WISH-SIZE', `The body has more than ${BYTES_MAX} bytes.`);
  }
  try {
    return signedWishSchema.parse(JSON.parse(body));
  } catch {
    // What was sent is not quoted: it may be anything.
    throw new WishRefused('WISH-BODY', 'The request is not understood.');
  }
}

/** Whether the person is enrolled is not told apart from a wrong key: nobody is, before it fits. */
function admit(signed: SignedWish, { people, clock }: WishDoorOptions): void {
  const { wish, key } = signed;
  const keys = people.find(({ id }) => id === wish.person)?.keys ?? [];
  const known = keys.find(({ id }) => id === key);
  if (known === undefined || !verifyWish(signed, known.publicKey)) {
    throw new WishRefused('WISH-KEY', 'The wish is not believed.');
  }
  const offMs = clock.now() - wish.at;
  if (Math.abs(offMs) <= WINDOW_MS) return;
  const why = `The clocks are ${Math.round(offMs / 1000)} s apart, or it was kept back.`;
  throw new WishRefused('WISH-CLOCK', 'The wish is outside the window.', why);
}

async function look({ store, clock }: WishDoorOptions) {
  const runs = await store.heads(RUNS_SHOWN);
  return {
    now: clock.now(),
    runs: runs.map(({ json: text }) => headSchema.parse(JSON.parse(text))),
  };
}

/** The same wish twice is one delivery: what came of the first is answered again. */
async function handIn(
  { store, signal, clock }: WishDoorOptions,
  { wish }: SignedWish,
  { run, ask }: NonNullable<SignedWish['wish']['order']>,
): Promise<string | Refusal | undefined> {
  const head = await store.head(run);
  if (head === undefined) throw new WishRefused('WISH-RUN', `There is no run ${run.slice(0, 40)}.`);
  const delivery = `api:${wish.person}:${wish.nonce}`;
  const body: InboxBody = { v: 1, origin: { via: 'api' }, ask };
  const at = clock.now();
  const item = { run, delivery, at, person: wish.person, body: canonical(body) };
  const isNew = await store.putInbox(item);
  await signal(run);
  const from = isNew ? head.seq + 1 : 1;
  for (let i = 0; i < LOOKS; i++) {
    const found = await outcomeOf(store, { run, delivery, from });
    if (found !== undefined) return found;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return undefined;
}

async function outcomeOf(
  store: Pick<Store, 'chain'>,
  { run, delivery, from }: { run: string; delivery: string; from: number },
): Promise<string | Refusal | undefined> {
  const lines = await store.chain(`run:${run}`, from);
  const event = lines
    .map(({ line }) => parseEvent(line))
    .find(({ cause }) => cause === causeOf(delivery));
  return event?.type === 'refused' ? event.data.refusal : event?.type;
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
