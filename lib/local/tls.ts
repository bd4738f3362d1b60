/** TLS between this machine's control plane and its gateways, with an authority made on the spot. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../random.ts';
import { CONTROL_PLANE } from '../worker.ts';
import { type Identity, issue, makeAuthority } from '../x509/authority.ts';
import type { LocalFolder } from './folder.ts';

/** Fixed: drills live in a time of their own, and TLS judges by the clock of the machine. */
const LIFE = { from: Date.UTC(2020, 0, 1), until: Date.UTC(2049, 11, 31) };

/** Has the gateways called by `https` from the beginning; a folder that is in use stays as it is. */
export function callOverTls(folder: LocalFolder): void {
  const file = join(folder.config, 'sites.yml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/gateway: http:(?=\/\/127\.0\.0\.1:)/g, 'gateway: https:'));
}

/** Certificate, key and authority for the door of one gateway, laid into its folder; their names. */
export function certificateOf(
  folder: LocalFolder,
  site: string,
): { readonly cert: string; readonly key: string; readonly ca: string } {
  const authority = authorityOf(folder);
  const name = `gateway-${site}`;
  const hosts = ['127.0.0.1', 'localhost'];
  const own = issue(authority, { name, hosts, uses: ['server', 'client'], ...LIFE }, systemRandom);
  const home = folder.gateway(site);
  secret(join(home, 'tls.pem'), own.cert);
  secret(join(home, 'tls.key.pem'), own.key);
  secret(join(home, 'ca.pem'), authority.cert);
  return { cert: 'tls.pem', key: 'tls.key.pem', ca: 'ca.pem' };
}

/** Kept in `keys/tls`, with the certificate that the control plane shows. */
function authorityOf({ keys }: LocalFolder): Identity {
  const tls = join(keys, 'tls');
  const [cert, key] = [join(tls, 'ca.pem'), join(tls, 'ca.key.pem')];
  if (existsSync(cert)) {
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  }
  mkdirSync(tls, { recursive: true, mode: 0o700 });
  const made = makeAuthority({ name: 'Drillbook on one machine', ...LIFE }, systemRandom);
  const holder = { name: CONTROL_PLANE, hosts: [], uses: ['client'] as const, ...LIFE };
  const client = issue(made, holder, systemRandom);
  secret(join(tls, `${CONTROL_PLANE}.pem`), client.cert);
  secret(join(tls, `${CONTROL_PLANE}.key.pem`), client.key);
  secret(key, made.key);
  // Last: whoever finds it finds the others too.
  secret(cert, made.cert);
  return made;
}

const secret = (file: string, text: string): void => writeFileSync(file, text, { mode: 0o600 });
