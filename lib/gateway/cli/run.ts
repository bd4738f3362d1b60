/**
 * `gateway run`: the process that serves a site. The port is its lock: two gateways never write to
 * one disk.
 */
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import { type Http, networkHttp, serveHttp } from '../../http.ts';
import { folderBlobs } from '../../store/files.ts';
import type { Blobs } from '../../store/store.ts';
import { type Disk, openDisk } from '../server/disk.ts';
import { createGateway, type RunningGateway } from '../server/gateway.ts';
import { bodyLimit, doorLimits } from '../server/limits.ts';
import { type GatewayFolder, loadGatewayFolder } from '../server/settings.ts';
import { lifeOf } from '../tls/files.ts';
import { refusalOf } from '../tls/words.ts';
import { type Command, type ExitCode, readArgs, type Terminal } from './command.ts';
import { fetchMail, openTls, repeat } from './upkeep.ts';

export const run: Command = {
  name: 'run',
  usage: '<folder>',
  about: 'serves the site until it is told to stop',
  help: 'SIGTERM waits for what is on its way to an array and gives sessions back.',
  run: async (args, terminal) => {
    const { words } = readArgs(args, { words: ['<folder>'], options: {} });
    return serve(words[0] ?? '', terminal);
  },
};

/** What is open while a gateway serves. */
export interface Service {
  readonly path: string;
  readonly folder: GatewayFolder;
  readonly disk: Disk;
  readonly blobs: Blobs;
  readonly gateway: RunningGateway;
  /** To the gateways of other sites. */
  readonly peerHttp: Http;
}

/** An engine that works here while the gateway serves, and is believed by it. */
export interface Inhabitant {
  believed(folder: GatewayFolder): { readonly id: string; readonly publicKey: string };
  work(service: Service): Promise<ExitCode>;
}

/** Serves until it is told to stop, or until whoever works here is done. */
export async function serve(
  path: string,
  terminal: Terminal,
  inhabitant?: Inhabitant,
): Promise<ExitCode> {
  const folder = await loadGatewayFolder(path);
  const { site, listen } = folder.settings;
  const { clock, random, stop } = terminal;
  const deps = { clock, random, say: terminal.err };

  // The port first, the disk after: until it is read the answer is none that anybody believes.
  let gateway: RunningGateway | undefined;
  const handle: Http = async (request) =>
    (await gateway?.handle(request)) ?? { status: 503, headers: {}, body: '' };
  const tls = await openTls({ path, folder, terminal });
  const served = await serveHttp(handle, {
    host: listen.host,
    port: listen.port,
    ...{ limits: doorLimits, bodyLimit },
    // Only those whose messages could be believed may open a connection.
    admit: (peer) => refusalOf(peer, gateway?.callers() ?? new Set()),
    ...(tls === undefined ? {} : { tls: tls.current() }),
  }).catch(portTaken);
  tls?.renewed(served.renew);
  const disk = await openDisk({ folder: join(path, 'disk'), site, ...deps });
  const blobs = folderBlobs(join(path, 'disk', 'blobs'));
  const peerHttp = networkHttp({ tls: () => tls?.current() });
  const opened = createGateway({
    ...{ folder, disk, blobs, peerHttp, ...deps },
    http: networkHttp(),
    ...(inhabitant === undefined ? {} : { alone: inhabitant.believed(folder) }),
    ...(tls === undefined ? {} : { certificate: () => lifeOf(tls.current().cert) }),
  });
  await opened.settle();
  gateway = opened;
  void repeat(opened.takeOrders, { clock: systemClock(), stop, everyMs: ORDERS_EVERY_MS });
  void repeat(opened.tidy, { clock: systemClock(), stop, everyMs: TIDY_EVERY_MS });
  fetchMail({ folder, gateway: opened, terminal });
  terminal.out(`gateway ${site} listens on ${served.url}`);
  const code = await inhabitant?.work({ path, folder, disk, blobs, gateway: opened, peerHttp });
  if (code === undefined) await until(stop);
  await served.close();
  await gateway.close();
  return code ?? 0;
}

/** People wait before the terminal for what they ordered. */
const ORDERS_EVERY_MS = 500;
const TIDY_EVERY_MS = 1_000;

function portTaken(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EADDRINUSE') throw error;
  throw new Error(`${error.message}. Another gateway may run; stop it first.`, { cause: error });
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
