/**
 * One gateway: the only holder of a site's credentials. It trusts nobody: messages, approvals, plans
 * and states are checked here, by the gateway's own means, before anything reaches an array.
 */
import type { Clock } from '../../clock.ts';
import type { Sign } from '../../ecdsa.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { Blobs } from '../../store/store.ts';
import { signOnce } from '../receipt.ts';
import type { CertificateLife } from '../tls/files.ts';
import { type Book, openBook } from './book.ts';
import { openCalls } from './calls.ts';
import type { Disk } from './disk.ts';
import { openDoors } from './doors.ts';
import { takeOrders } from './orders.ts';
import { openPeers, type Peers } from './peers.ts';
import type { GatewayFolder } from './settings.ts';
import { openTargets, type Targets } from './targets/index.ts';
import { type Lender, openLender } from './targets/lender.ts';
import { settleTrust } from './trust.ts';

export interface GatewayOptions {
  readonly folder: GatewayFolder;
  readonly http: Http;
  /** How the gateways of other sites are reached, when not as targets are. */
  readonly peerHttp?: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  /** Where texts go that journal lines name; without it lines are kept alone. */
  readonly blobs?: Blobs;
  /** Told of failures that no answer carries: a broken disk, a fault in the program. */
  readonly say: (text: string) => void;
  /** How receipts are signed; without it each signature is another one. */
  readonly sign?: Sign;
  /** The TLS certificate that its door shows now. */
  readonly certificate?: () => CertificateLife;
  /** The engine that stands at this gateway itself, while it does: one more control plane. */
  readonly alone?: { readonly id: string; readonly publicKey: string };
}

/** What every part of a gateway may use. */
export interface Parts {
  readonly folder: GatewayFolder;
  readonly clock: Clock;
  readonly book: Book;
  readonly targets: Targets;
  readonly peers: Peers;
  readonly lender: Lender;
  readonly blobs?: Blobs;
  readonly say: (text: string) => void;
  readonly sign: Sign;
  readonly certificate?: () => CertificateLife;
}

export interface RunningGateway {
  readonly handle: Http;
  /** Before it serves: holds trust.yml against the disk. Rejects with GW-TRUST. */
  settle(): Promise<void>;
  /** Carries out what two people laid into its folder. */
  takeOrders(): Promise<void>;
  /** Ends lent sessions whose time is over, shortens a long log; called every now and then. */
  tidy(): Promise<void>;
  /** Names that a client's certificate may have: control planes and peers. */
  callers(): ReadonlySet<string>;
  /** Resolves when nothing is on its way to a target. */
  settled(): Promise<void>;
  /** Waits for what is on its way, then gives sessions back. */
  close(): Promise<void>;
}

export function createGateway(options: GatewayOptions): RunningGateway {
  const { clock, say } = options;
  const targets = openTargets(options.folder, options);
  const book = openBook(options.disk);
  const folder = believing(options, book);
  const lender = openLender(folder.settings, options);
  const { http, peerHttp = http, random } = options;
  const parts: Parts = {
    folder,
    clock,
    say,
    sign: options.sign ?? signOnce,
    targets,
    book,
    lender,
    peers: openPeers({ folder, book, http: peerHttp, clock, random }),
    ...(options.blobs === undefined ? {} : { blobs: options.blobs }),
    ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
  };
  const calls = openCalls(parts);
  for (const { message } of folder.amiss ?? []) say(message);
  return {
    handle: openDoors(parts, { calls, random: options.random }),
    settle: async () => {
      if (folder.home !== undefined) await settleTrust(parts, folder.home);
    },
    takeOrders: () => takeOrders(parts),
    tidy: async () => {
      await lender.tidy();
      if (!calls.idle()) return;
      await options.disk.compact?.().catch((error: unknown) => say(`compaction: ${String(error)}`));
    },
    callers: () => callersOf(folder),
    settled: calls.settled,
    close: async () => {
      await calls.settled();
      await lender.close();
      await targets.close();
      await options.disk.close();
    },
  };
}

/** A control plane by its id in trust.yml, a peer as `gateway-<site>`. */
const callersOf = ({ trust }: GatewayFolder): ReadonlySet<string> =>
  new Set([
    ...trust.controlPlanes.map(({ id }) => id),
    ...trust.peers.map(({ site }) => `gateway-${site}`),
  ]);

/** The folder with what is trusted now: two people may have changed it since it was read. */
function believing({ folder, alone }: GatewayOptions, book: Book): GatewayFolder {
  return {
    ...folder,
    get trust() {
      const trust = book.memory.trust?.trust ?? folder.trust;
      if (alone === undefined) return trust;
      return { ...trust, controlPlanes: [...trust.controlPlanes, alone] };
    },
  };
}
