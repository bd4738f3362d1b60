/**
 * The gateways of the other sites: whom trust.yml names, reached where gateway.yml says. Before
 * anything else two gateways tell each other the epochs they know, and both keep the higher ones.
 */
import type { Clock } from '../../clock.ts';
import { DrillbookError } from '../../errors.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import { openExchange } from '../client.ts';
import { GatewayError, GatewayRefused } from '../errors.ts';
import {
  type GrantAnswer,
  type GrantAsk,
  grantAnswerSchema,
  type PeerEpochs,
  peerEpochsSchema,
} from '../protocol-peers.ts';
import type { Book } from './book.ts';
import { assertNear } from './epochs.ts';
import type { GatewayFolder } from './settings.ts';

/** How long an exchange of epochs holds before it is made again, ms. */
const FRESH_MS = 5_000;
/** A peer that was not heard for this long tells its epochs first, ms. */
const HEARD_MS = 30_000;
/** A gateway of ours answers in this time or counts as unreachable, ms. */
const ANSWER_MS = 3_000;
/** It reads its own guards before it grants. */
const GRANT_MS = 20_000;

export interface Peers {
  /** Exchanges epochs unless that was done just now. Rejects with GW-ISOLATED. */
  meet(site: string): Promise<void>;
  /** Asks for a grant. Rejects with GW-ISOLATED or GW-GRANT-REFUSED. */
  ask(site: string, ask: GrantAsk): Promise<GrantAnswer>;
  /** The answer to a peer that tells its epochs. */
  hear(site: string, told: PeerEpochs): Promise<PeerEpochs>;
  /** Throws GW-PEER-EPOCHS when this peer has not told its epochs in this contact. */
  assertHeard(site: string): void;
}

export interface PeersOptions {
  readonly folder: GatewayFolder;
  readonly book: Book;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
}

export function openPeers(options: PeersOptions): Peers {
  const { book, clock } = options;
  const met = new Map<string, number>();
  const heard = new Map<string, number>();
  const meeting = new Map<string, Promise<void>>();

  async function exchange(site: string): Promise<void> {
    const say = sayTo(options, site);
    const path = '/v1/peers/epochs';
    const body = epochsKnown(book);
    const limitMs = ANSWER_MS;
    const told = await isolating(site, () =>
      say({ method: 'POST', path, body, schema: peerEpochsSchema, limitMs }),
    );
    await takeEpochs({ book, clock }, site, told);
    met.set(site, clock.now());
  }

  async function meet(site: string): Promise<void> {
    const last = met.get(site);
    if (last !== undefined && clock.now() - last <= FRESH_MS) return;
    met.delete(site);
    const begun = meeting.get(site) ?? exchange(site).finally(() => meeting.delete(site));
    meeting.set(site, begun);
    await begun;
  }

  return {
    meet,
    ask: async (site, body) => {
      try {
        return await askOnce(options, site, body);
      } catch (error) {
        if (!(error instanceof GatewayRefused) || error.code !== 'GW-PEER-EPOCHS') {
          throw passedOn(error);
        }
      }
      // It was started anew, or was away: it must know our epochs before it says yes to anything.
      await exchange(site);
      return askOnce(options, site, body).catch((error: unknown) => {
        throw passedOn(error);
      });
    },
    hear: async (site, told) => {
      await takeEpochs({ book, clock }, site, told);
      heard.set(site, clock.now());
      met.set(site, clock.now());
      return epochsKnown(book);
    },
    assertHeard: (site) => {
      const last = heard.get(site);
      if (last !== undefined && clock.now() - last <= HEARD_MS) return;
      throw new GatewayError('GW-PEER-EPOCHS', `${site} has not told its epochs yet.`);
    },
  };
}

function askOnce(options: PeersOptions, site: string, body: GrantAsk): Promise<GrantAnswer> {
  const say = sayTo(options, site);
  const path = '/v1/grants';
  const limitMs = GRANT_MS;
  return isolating(site, () =>
    say({ method: 'POST', path, body, schema: grantAnswerSchema, limitMs }),
  );
}

function sayTo({ folder, http, clock, random }: PeersOptions, site: string) {
  const url = folder.settings.peers?.find((peer) => peer.site === site)?.url;
  const gatewayKey = folder.trust.peers.find((peer) => peer.site === site)?.publicKey;
  if (url === undefined || gatewayKey === undefined) {
    const why = `${url === undefined ? 'gateway.yml' : 'trust.yml'} does not name it.`;
    throw new GatewayError('GW-ISOLATED', `Gateway ${site} cannot be reached.`, { why });
  }
  const signer = { keyId: folder.key.keyId, privateKey: folder.key.privateKey };
  return openExchange({ site, url: new URL(url).origin, http, signer, gatewayKey, clock, random });
}

/** Silence is isolation; a signed no is passed on as it is. */
async function isolating<T>(site: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GatewayRefused || error instanceof GatewayError) throw error;
    const why = error instanceof DrillbookError ? error.why : String(error);
    throw new GatewayError('GW-ISOLATED', `Gateway ${site} cannot be reached.`, { why });
  }
}

/** A no of the peer as one of ours, with its reason. */
function passedOn(error: unknown): unknown {
  if (!(error instanceof GatewayRefused)) return error;
  const why = `${error.code}: ${error.what} ${error.why}`;
  return new GatewayError('GW-GRANT-REFUSED', `Gateway ${error.site} does not grant it.`, { why });
}

/** All that is known, holders with the run that holds. */
function epochsKnown(book: Book): PeerEpochs {
  return {
    epochs: book.epochs().map(([unit, epoch]) => {
      const holder = book.holder(unit);
      if (holder === undefined) return { unit, epoch };
      return { unit, epoch, planHash: holder.planHash, run: holder.run };
    }),
  };
}

/** Keeps what is newer than what is known here; nothing ever goes back. Rejects with GW-EPOCH. */
async function takeEpochs(
  { book, clock }: { readonly book: Book; readonly clock: Clock },
  from: string,
  { epochs }: PeerEpochs,
): Promise<void> {
  for (const { unit, epoch } of epochs) assertNear(book, unit, epoch);
  const newer = epochs.filter(({ unit, epoch, run }) => {
    const known = book.epoch(unit);
    return (
      epoch > known || (epoch === known && run !== undefined && book.holder(unit) === undefined)
    );
  });
  if (newer.length === 0) return;
  await book.write({ type: 'peer-epochs', at: clock.now(), from, epochs: newer });
}
