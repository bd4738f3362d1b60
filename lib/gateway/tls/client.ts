/** What the control plane shows to gateways that speak TLS. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TlsFiles } from '../../http.ts';

/**
 * `tls/ca.pem`, `tls/control-plane.pem` and, unless given, `tls/control-plane.key.pem` in the folder
 * of keys; undefined when there is no such folder: all gateways are then on this machine.
 */
export async function clientTls(keys: string, key?: string): Promise<TlsFiles | undefined> {
  const file = (name: string) => readFile(join(keys, 'tls', name), 'utf8');
  const ca = await file('ca.pem').catch(absent);
  if (ca === undefined) return undefined;
  return {
    ca,
    cert: await file('control-plane.pem'),
    key: key ?? (await file('control-plane.key.pem')),
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
