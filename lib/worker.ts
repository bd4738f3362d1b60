/** The worker's side put together: engine, ledger and keys, from what a process was given. */
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actions } from './actions/index.ts';
import type { Directory } from './approval/directory.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { createLedger, type Ledger } from './evidence/ledger.ts';
import { describeRunbook } from './evidence/records.ts';
import { gatewayClient } from './gateway/client.ts';
import { mailboxHttp } from './gateway/outbound/client.ts';
import type { Gateway } from './gateway/protocol.ts';
import type { Http } from './http.ts';
import { loadConfig } from './load-config.ts';
import { runbookShelf } from './load-runbooks.ts';
import type { Random } from './random.ts';
import type { Engine } from './run/engine.ts';
import { openSight, watchful } from './run/watchful.ts';
import { loadRunbook } from './runbook/load.ts';
import type { Blobs, Mailbox, Store } from './store/store.ts';

/** Key id of the control plane: it signs messages to gateways and witnesses clicks. */
export const CONTROL_PLANE = 'control-plane';

export interface WorkerParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly http: Http;
  /** For sites whose gateway fetches its messages. */
  readonly mailbox?: Mailbox;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly keys: WorkerKeys;
}

/** What people write, read anew each time: a changed file is a changed fact. */
export type WorkerSources = Pick<Engine, 'config' | 'runbook'>;

export interface WorkerKeys {
  /** PEM, P-256. */
  readonly controlPlane: string;
  readonly evidence: string;
  /** Public keys by site, PEM. */
  readonly gateways: Readonly<Record<string, string>>;
}

export interface Worker {
  readonly engine: Engine;
  readonly ledger: Ledger;
}

/** Private keys that came from a secret store instead of the folder, PEM. */
export interface GivenKeys {
  readonly controlPlaneKey?: string;
  readonly evidenceKey?: string;
}

/** `gateway-<site>.pub.pem` and, unless given, `control-plane.pem` and `evidence.pem`. */
export async function readKeys(
  folder: string,
  config: Config,
  given: GivenKeys = {},
): Promise<WorkerKeys> {
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  const gateways: Record<string, string> = {};
  for (const { id } of config.sites) gateways[id] = await read(`gateway-${id}.pub.pem`);
  return {
    controlPlane: given.controlPlaneKey ?? (await read('control-plane.pem')),
    evidence: given.evidenceKey ?? (await read('evidence.pem')),
    gateways,
  };
}

/** Public keys of control planes by id, for those who check what one was a witness of. */
export const planeKeys = ({ controlPlane }: WorkerKeys): Readonly<Record<string, string>> => ({
  [CONTROL_PLANE]: createPublicKey(controlPlane).export({ type: 'spki', format: 'pem' }).toString(),
});

/** The worker of two folders: the configuration, and the runbooks. */
export async function createWorker(
  parts: WorkerParts & { readonly configFolder: string; readonly runbookFolder: string },
): Promise<Worker> {
  const config = () => loadConfig(parts.configFolder);
  const { source } = runbookShelf(parts.runbookFolder);
  return assembleWorker(parts, { config, runbook: source }, await config());
}

/** The way to a site's gateway: a connection, or the mailbox that it empties. */
function httpTo(
  { id, transport }: Config['sites'][number],
  { http, mailbox, clock, random }: WorkerParts,
): Http {
  if (transport !== 'mailbox' || mailbox === undefined) return http;
  return mailboxHttp({ mailbox, site: id, clock, random });
}

/** `config` says which sites and tenant there are from the beginning. */
export function assembleWorker(parts: WorkerParts, sources: WorkerSources, config: Config): Worker {
  const { store, clock, random, keys } = parts;
  const gateways = new Map<string, Gateway>();
  for (const site of config.sites) {
    const sight = openSight(store, site.id);
    const client = gatewayClient({
      site: site.id,
      url: site.gateway,
      http: httpTo(site, parts),
      signer: { keyId: CONTROL_PLANE, privateKey: keys.controlPlane },
      gatewayKey: keys.gateways[site.id] ?? '',
      seen: sight.told,
      clock,
      random,
    });
    gateways.set(site.id, watchful(client, store, sight));
  }
  const { tenant } = config.policy;
  const describe = async (runbook: string) => {
    try {
      return describeRunbook(loadRunbook(await sources.runbook(runbook)));
    } catch {
      // A runbook that cannot be read is told by the run itself; the ledger then has no title.
      return undefined;
    }
  };
  const ledger = createLedger({ store, tenant, clock, random, describe });
  const engine: Engine = {
    store,
    blobs: parts.blobs,
    gateways,
    actions,
    clock,
    random,
    directory: parts.directory,
    ledger,
    witness: { keyId: CONTROL_PLANE, privateKey: keys.controlPlane },
    ...sources,
  };
  return { engine, ledger };
}
