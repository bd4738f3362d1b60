/** The folder itself: who can read it, whom it trusts, and how long its certificate is good. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TlsFiles } from '../../../http.ts';
import type { GatewayFolder } from '../../server/settings.ts';
import { assertInTime, expiryWords, lifeOf, readTls } from '../../tls/files.ts';
import { type Finding, fault, fine, warning } from './finding.ts';

const SECRET = ['gateway.yml', 'clouds.yaml', 'key.pem'];
const TRUSTED = ['trust.yml'];

export async function checkModes(path: string): Promise<readonly Finding[]> {
  const looks = [...SECRET, ...TRUSTED].map(async (name): Promise<Finding[]> => {
    const { mode } = await stat(join(path, name));
    const open = SECRET.includes(name) ? mode & 0o077 : mode & 0o022;
    if (open === 0) return [];
    const [can, wanted] = SECRET.includes(name) ? ['read', '0600'] : ['change', '0644'];
    const what = `${name} can be ${can === 'read' ? 'read' : 'changed'} by others.`;
    const why = `Its mode is ${(mode & 0o777).toString(8)} and must be ${wanted}.`;
    return [fault({ about: 'folder', code: 'GW-FOLDER', what, why })];
  });
  const found = (await Promise.all(looks)).flat();
  return found.length > 0 ? found : [fine('folder', 'Its files can be read by its owner only.')];
}

export function checkTrust({ trust }: GatewayFolder): readonly Finding[] {
  const { people, controlPlanes, peers } = trust;
  const enough = people.length >= 2 && controlPlanes.length >= 1;
  const what = `It trusts ${people.length} people, ${controlPlanes.length} control planes, ${peers.length} peers.`;
  if (enough) return [fine('trust', what)];
  const why = 'Two people must approve, and somebody must bring their plans.';
  return [fault({ about: 'trust', code: 'GW-FOLDER', what, why })];
}

/** Undefined for a gateway without TLS. Rejects with GW-TLS. */
export async function tlsOf(
  path: string,
  { settings }: Pick<GatewayFolder, 'settings'>,
): Promise<TlsFiles | undefined> {
  const { tls } = settings.listen;
  if (tls === undefined) return undefined;
  const inFolder = (file: string) => resolve(path, file);
  return readTls({ cert: inFolder(tls.cert), key: inFolder(tls.key), ca: inFolder(tls.ca) });
}

export async function checkCertificate(
  path: string,
  { settings }: GatewayFolder,
  now: number,
): Promise<readonly Finding[]> {
  const about = 'certificate';
  const files = await tlsOf(path, { settings });
  if (files === undefined) return [fine(about, 'There is none: only this machine can knock.')];
  assertInTime(files.cert, now);
  assertInTime(files.ca, now);
  const { name } = lifeOf(files.cert);
  if (name !== `gateway-${settings.site}`) {
    const what = `The certificate is of ${name}; peers expect gateway-${settings.site}.`;
    return [warning({ about, code: 'GW-TLS', what })];
  }
  const soon = expiryWords(files.cert, now) ?? expiryWords(files.ca, now);
  if (soon !== undefined) return [warning({ about, code: 'GW-TLS-EXPIRED', what: soon })];
  return [fine(about, `${name} is good for more than a month.`)];
}
