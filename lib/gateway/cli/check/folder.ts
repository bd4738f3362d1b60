/** The folder itself: who can read it, whom it trusts, and how long its certificate is good. */
import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TlsFiles } from '../../../http.ts';
import { amnesiaOf } from '../../server/arming.ts';
import type { GatewayFolder } from '../../server/settings.ts';
import { assertInTime, expiryWords, isOfAuthority, lifeOf, readTls } from '../../tls/files.ts';
import { officersOf, trustHash } from '../../trust.ts';
import { readBook } from '../kept.ts';
import { type Finding, fault, fine, warning } from './finding.ts';

const SECRET = ['gateway.yml', 'clouds.yaml', 'key.pem'];
/** The folder too: who may write to it may put another file in the place of any. */
const TRUSTED = ['trust.yml', '.'];

export async function checkModes(path: string): Promise<readonly Finding[]> {
  const looks = [...SECRET, ...TRUSTED].map(async (name): Promise<Finding[]> => {
    const { mode } = await stat(join(path, name));
    const open = SECRET.includes(name) ? mode & 0o077 : mode & 0o022;
    if (open === 0) return [];
    const least = name === '.' ? '0700' : '0644';
    const [can, wanted] = SECRET.includes(name) ? ['read', '0600'] : ['change', least];
    const what = `${name === '.' ? 'The folder' : name} can be ${can === 'read' ? 'read' : 'changed'} by others.`;
    const why = `Its mode is ${(mode & 0o777).toString(8)} and must be ${wanted}.`;
    return [fault({ about: 'folder', code: 'GW-FOLDER', what, why })];
  });
  const found = (await Promise.all(looks)).flat();
  if (found.length > 0) return found;
  return [fine('folder', 'Only its owner can read its secrets and change what is in it.')];
}

export function checkTrust({ trust }: GatewayFolder): readonly Finding[] {
  const { people, controlPlanes, peers } = trust;
  const enough = people.length >= 2 && controlPlanes.length >= 1;
  const what = `It trusts ${people.length} people, ${controlPlanes.length} control planes, ${peers.length} peers.`;
  if (enough && officersOf(trust).length < 2) {
    const why = 'Fewer than two have the role and a key to change it, or to arm the gateway again.';
    return [warning({ about: 'trust', code: 'GW-ORDER-PEOPLE', what, why })];
  }
  if (enough) return [fine('trust', what)];
  const why = 'Two people must approve, and somebody must bring their plans.';
  return [fault({ about: 'trust', code: 'GW-FOLDER', what, why })];
}

/** What plans may run here, and what they may not although gateway.yml has it. */
export function checkTasks({ tasks = [], amiss = [] }: GatewayFolder): readonly Finding[] {
  const names = tasks.map(({ published }) => `${published.name} (${published.class})`);
  return [
    ...amiss.map(({ what, why }) => fault({ about: 'tasks', code: 'GW-TASK', what, why })),
    ...(names.length === 0 ? [] : [fine('tasks', `Plans may run ${names.join(', ')}.`)]),
  ];
}

/** Whether the log is whole and says what trust.yml says: otherwise nothing starts. */
export async function checkLog(path: string, { trust }: GatewayFolder): Promise<Finding[]> {
  const about = 'log';
  const size = await stat(join(path, 'disk', 'log.jsonl')).then(
    (file) => file.size,
    () => 0,
  );
  if (size === 0) return [fine(about, 'There is none: the first start begins it with trust.yml.')];
  const { book } = await readBook(path);
  const kept = book.memory.trust;
  const hash = trustHash(trust);
  const what = `It has ${book.count()} lines of incarnation ${book.incarnation}.`;
  if (kept !== undefined && kept.hash !== hash && kept.replaces !== hash) {
    return [fault({ about, code: 'GW-TRUST', what })];
  }
  const forgot = amnesiaOf(book);
  if (forgot !== undefined) return [fault({ about, code: 'GW-AMNESIA', what, why: forgot })];
  return [fine(about, what)];
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
  const { url, host } = settings.listen;
  const called = url === undefined ? host : new URL(url).hostname.replace(/^\[|\]$/g, '');
  const cert = new X509Certificate(files.cert);
  if (cert.checkHost(called) === undefined && cert.checkIP(called) === undefined) {
    const what = `The certificate is not for ${called}, where others call this gateway.`;
    return [fault({ about, code: 'GW-TLS', what })];
  }
  if (!isOfAuthority(files)) {
    const what = 'The certificate is not signed by the authority in `ca`.';
    const why = 'Peers and control plane believe it only if they trust another authority.';
    return [warning({ about, code: 'GW-TLS', what, why })];
  }
  const soon = expiryWords(files.cert, now) ?? expiryWords(files.ca, now);
  if (soon !== undefined) return [warning({ about, code: 'GW-TLS-EXPIRED', what: soon })];
  return [fine(about, `${name} is good for more than a month.`)];
}
