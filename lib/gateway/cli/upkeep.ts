/** What a running gateway does beside answering: watches its certificate, fetches its messages. */
import { resolve } from 'node:path';
import { networkHttp, type TlsFiles } from '../../http.ts';
import { pollMail } from '../outbound/poller.ts';
import type { RunningGateway } from '../server/gateway.ts';
import type { GatewayFolder } from '../server/settings.ts';
import { keepTls } from '../tls/files.ts';
import type { Terminal } from './command.ts';

const LOOK_EVERY_MS = 60_000;

export interface OpenTls {
  current(): TlsFiles;
  /** Who is to be told of another certificate. */
  renewed(listener: (files: TlsFiles) => void): void;
}

/** The certificate of the door, read again each minute and at each SIGHUP. */
export async function openTls(at: {
  readonly path: string;
  readonly folder: GatewayFolder;
  readonly terminal: Terminal;
}): Promise<OpenTls | undefined> {
  const places = at.folder.settings.listen.tls;
  if (places === undefined) return undefined;
  const { clock, stop, err, onHangUp } = at.terminal;
  const inFolder = (file: string) => resolve(at.path, file);
  let listener: (files: TlsFiles) => void = () => {};
  const keeper = await keepTls({
    places: { cert: inFolder(places.cert), key: inFolder(places.key), ca: inFolder(places.ca) },
    clock,
    say: err,
    onRenewed: (files) => listener(files),
  });
  onHangUp(() => void keeper.look());
  void repeat(() => keeper.look(), { clock, stop, everyMs: LOOK_EVERY_MS });
  return {
    current: keeper.current,
    renewed: (one) => {
      listener = one;
    },
  };
}

/** Does nothing at a site that control planes can reach. */
export function fetchMail(at: {
  readonly folder: GatewayFolder;
  readonly gateway: RunningGateway;
  readonly terminal: Terminal;
}): void {
  const { settings, key } = at.folder;
  if (settings.transport === undefined) return;
  const { clock, random, stop, err } = at.terminal;
  void pollMail({
    ...{ url: settings.transport.poll.url, site: settings.site, signer: key },
    // The mailbox is a public address with a certificate that the system trusts.
    ...{ handle: at.gateway.handle, http: networkHttp(), clock, random, say: err, stop },
  });
}

export async function repeat(
  look: () => Promise<void>,
  { clock, stop, everyMs }: Pick<Terminal, 'clock' | 'stop'> & { readonly everyMs: number },
): Promise<void> {
  while (!stop.aborted) {
    await clock.sleep(everyMs, stop);
    await look();
  }
}
