/** The worker's side put together: engine, ledger and keys, from what a process was given. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actions } from './actions/index.ts';
import type { Directory } from './approval/directory.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { createLedger, type Ledger } from './evidence/ledger.ts';
import { gatewayClient } from './gateway/client.ts';
import type { Gateway } from './gateway/protocol.ts';
import type { Http } from './http.ts';
import { loadConfig } from './load-config.ts';
import { runbookShelf } from './load-runbooks.ts';
import type { Random } from './random.ts';
import type { Engine } from './run/engine.ts';
import { watchful } from './run/watchful.ts';
import { loadRunbook } from './runbook/load.ts';
import type { Blobs, Store } from './store/store.ts';

/** Key id of the control plane: it signs messages to gateways and witnesses clicks. */
export const CONTROL_PLANE = 'control-plane';

export interface WorkerParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly configFolder: string;
  readonly runbookFolder: string;
  readonly keys: WorkerKeys;
}

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

export async function createWorker(parts: WorkerParts): Promise<Worker> {
  const { store, clock, random, keys } = parts;
  const config = await loadConfig(parts.configFolder);
  const shelf = runbookShelf(parts.runbookFolder);
  const gateways = new Map<string, Gateway>();
  for (const site of config.sites) {
    const client = gatewayClient({
      site: site.id,
      url: site.gateway,
      http: parts.http,
      signer: { keyId: CONTROL_PLANE, privateKey: keys.controlPlane },
      gatewayKey: keys.gateways[site.id] ?? '',
      clock,
      random,
    });
    gateways.set(site.id, watchful(client, store));
  }
  const { tenant } = config.policy;
  const describe = async (runbook: string) => {
    try {
      const { title, drillType } = loadRunbook(await shelf.source(runbook));
      return { title, drillType };
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
    config: () => loadConfig(parts.configFolder),
    runbook: shelf.source,
  };
  return { engine, ledger };
}
