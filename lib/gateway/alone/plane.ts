/**
 * The engine at a gateway: the same code as in the cloud, on a store of its own, with this gateway
 * in its own process and through the same doors. What needs the cloud, Slack or another site's
 * consent is not here.
 */
import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { actions } from '../../actions/index.ts';
import type { Directory } from '../../approval/directory.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { createLedger, type Ledger } from '../../evidence/ledger.ts';
import { describeRunbook } from '../../evidence/records.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { Engine } from '../../run/engine.ts';
import { watchful } from '../../run/watchful.ts';
import { loadRunbook } from '../../runbook/load.ts';
import type { Blobs } from '../../store/store.ts';
import { gatewayClient } from '../client.ts';
import type { Gateway } from '../protocol.ts';
import { type Files, systemFiles } from '../server/disk/files.ts';
import type { Entry } from '../server/entries.ts';
import type { RunningGateway } from '../server/gateway.ts';
import { type GatewayFolder, ownOrigin } from '../server/settings.ts';
import { aloneId, type Trust } from '../trust.ts';
import { aloneSources } from './sources.ts';
import { openPlaneStore } from './store.ts';

export interface PlaneOptions {
  readonly folder: GatewayFolder;
  /** Where the gateway's log lies; the plane's own store is beside it. */
  readonly disk: string;
  /** What the log held when the gateway was opened. */
  readonly entries: readonly Entry[];
  readonly gateway: Pick<RunningGateway, 'handle'>;
  readonly blobs: Blobs;
  /** To the gateways of other sites. */
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly files?: Files;
  /** Sites that are given up: nothing is asked of them. */
  readonly without?: readonly string[];
}

export interface Plane {
  readonly site: string;
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly config: Config;
  readonly entries: readonly Entry[];
  trust(): Trust;
  /** Public keys (PEM) of this gateway and its peers, by site. */
  readonly gatewayKeys: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Who the plane at a gateway is to that gateway: it signs with the gateway's own key. */
export function aloneKey(folder: GatewayFolder): { id: string; publicKey: string } {
  const publicKey = createPublicKey(folder.key.privateKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { id: aloneId(folder.settings.site), publicKey: pem };
}

/** Rejects with GW-ALONE-CONFIG when nothing here says which services there are. */
export async function openPlane(options: PlaneOptions): Promise<Plane> {
  const { folder, clock, random, entries, blobs } = options;
  const { site } = folder.settings;
  const trust = () => folder.trust;
  const sources = aloneSources({ home: folder.home, entries, trust });
  const config = await sources.config();
  const store = await openPlaneStore(options.files ?? systemFiles, join(options.disk, 'plane'));
  const own = aloneKey(folder);
  const gatewayKeys = {
    ...Object.fromEntries(folder.trust.peers.map((peer) => [peer.site, peer.publicKey])),
    [site]: own.publicKey,
  };
  const ledger = createLedger({
    ...{ store, tenant: config.policy.tenant, clock, random, offline: site },
    describe: async (id) => {
      return describeRunbook(loadRunbook(await sources.runbook(id)));
    },
  });
  const gateways = new Map<string, Gateway>(
    config.sites.map((one) => {
      const away = one.id !== site && options.without?.includes(one.id) === true;
      const http: Http = away ? givenUp : one.id === site ? options.gateway.handle : options.http;
      const client = (keyId: string) =>
        gatewayClient({
          ...{ site: one.id, http, clock, random, gatewayKey: gatewayKeys[one.id] ?? '' },
          url: one.id === site ? ownOrigin(folder.settings.listen) : one.gateway,
          signer: { keyId, privateKey: folder.key.privateKey },
        });
      if (one.id === site) return [site, watchful(client(own.id), store)];
      // Every gateway reads for a peer; orders it takes only where it lists this plane.
      const { read, health, journal } = client(folder.key.keyId);
      return [one.id, watchful({ ...client(own.id), read, health, journal }, store)];
    }),
  );
  const engine: Engine = {
    ...{ store, blobs, gateways, actions, clock, random, ledger },
    directory: directoryOf(trust),
    witness: { keyId: own.id, privateKey: folder.key.privateKey },
    config: sources.config,
    runbook: sources.runbook,
  };
  return { site, engine, ledger, config, entries, trust, gatewayKeys, close: store.close };
}

const givenUp: Http = async ({ url }) => {
  throw new Error(`${new URL(url).host} is given up`);
};

/** Who is known here is in trust.yml; nobody is asked who might not answer. */
function directoryOf(trust: () => Trust): Directory {
  const standingOf = async (id: string) => {
    const person = trust().people.find((one) => one.id === id);
    if (person === undefined) return { state: 'unknown' } as const;
    return { state: 'known', roles: person.roles, flags: [], sharedChannel: false } as const;
  };
  return { lookup: standingOf, recheck: standingOf };
}
