/** A DynamoDB of one machine: dynalite, in memory or on disk (LevelDB, survives kill -9). */
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { systemClock } from '../clock.ts';
import { StoreError } from './errors.ts';
import { createTable, type TableAddress } from './table.ts';

export interface LocalDatabase {
  /** Address for `dynamoStore` and the door. */
  readonly address: TableAddress & { readonly endpoint: string };
  close(): Promise<void>;
}

/**
 * Starts the database with its table on loopback. Without `folder` it lives in memory; without
 * `port` it takes a free one. Throws StoreError (STORE-PORT) when the port is taken.
 */
export async function startDynalite(
  options: { readonly folder?: string; readonly port?: number } = {},
): Promise<LocalDatabase> {
  const server = dynalite({
    createTableMs: 0,
    ...(options.folder === undefined ? {} : { path: options.folder }),
  });
  const answered = watchAnswers(server);
  const port = options.port ?? 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error) => reject(portTaken(port, cause)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: open } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${open}`;
  const address = { table: 'drillbook', region: 'ap-northeast-2', endpoint };
  await createTable(address);
  async function close(): Promise<void> {
    await answered();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
  return { address, close };
}

const LAST_ANSWERS_MS = 5000;

/**
 * Resolves when no request is being worked on. LevelDB closed under a running query throws where
 * nobody can catch it; that a client has hung up does not mean that its query has ended.
 */
function watchAnswers(server: Server): () => Promise<void> {
  const open = new Set<ServerResponse>();
  server.prependListener('request', (_request, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => {
      if (response.writableEnded) open.delete(response);
    });
  });
  const clock = systemClock();
  return async () => {
    const limit = clock.now() + LAST_ANSWERS_MS;
    const busy = () => [...open].some(({ writableEnded }) => !writableEnded);
    while (busy() && clock.now() < limit) await clock.sleep(10);
  };
}

function portTaken(port: number, cause: Error): StoreError {
  return new StoreError(
    'STORE-PORT',
    { what: `The local database cannot listen on 127.0.0.1:${port}.`, why: cause.message },
    { cause },
  );
}
