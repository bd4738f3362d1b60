/** A certificate with its key and the authority's certificate, as files; read anew when they change. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type Clock, iso } from '../../clock.ts';
import type { TlsFiles } from '../../http.ts';
import { commonName } from '../../x509/authority.ts';
import { GatewayError } from '../errors.ts';

/** Paths. */
export type TlsPlaces = { readonly [name in keyof TlsFiles]: string };

/** Whose certificate it is and how long it is good, ms. */
export interface CertificateLife {
  readonly name: string;
  readonly from: number;
  readonly until: number;
}

const DAY_MS = 86_400_000;
/** From here on it is said every day that the certificate runs out. */
const WARN_DAYS = 30;

/** Rejects with GW-TLS when they are not there, not safe, or do not belong together. */
export async function readTls(places: TlsPlaces): Promise<TlsFiles> {
  const files = {
    cert: await text(places.cert),
    key: await text(places.key),
    ca: await text(places.ca),
  };
  if (((await stat(places.key)).mode & 0o077) !== 0) {
    throw unusable(places.key, 'Others can read it; its mode must be 0600.');
  }
  const cert = parsed(places.cert, () => new X509Certificate(files.cert));
  parsed(places.ca, () => new X509Certificate(files.ca));
  const key = parsed(places.key, () => createPrivateKey(files.key));
  if (!cert.checkPrivateKey(key)) {
    throw unusable(places.key, `It is not the key of ${places.cert}.`);
  }
  return files;
}

/** Whether an authority in `ca`, or one that came with the certificate, signed it. */
export function isOfAuthority({ cert, ca }: Pick<TlsFiles, 'cert' | 'ca'>): boolean {
  const own = new X509Certificate(cert);
  return [...pemsIn(ca), ...pemsIn(cert).slice(1)].some((one) => isIssuer(one, own));
}

/** The certificates of one text: while an authority is renewed the old and the new one stand there. */
const pemsIn = (text: string): string[] =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

function isIssuer(pem: string, cert: X509Certificate): boolean {
  const authority = new X509Certificate(pem);
  return cert.checkIssued(authority) && cert.verify(authority.publicKey);
}

export function lifeOf(pem: string): CertificateLife {
  const { subject, validFrom, validTo } = new X509Certificate(pem);
  return { name: commonName(subject), from: Date.parse(validFrom), until: Date.parse(validTo) };
}

/** Throws GW-TLS-EXPIRED outside the certificate's time. */
export function assertInTime(pem: string, now: number): void {
  const { name, from, until } = lifeOf(pem);
  if (now >= from && now < until) return;
  const what = `The certificate of ${name} is good from ${iso(from)} to ${iso(until)}.`;
  throw new GatewayError('GW-TLS-EXPIRED', what);
}

/** `undefined` while there is more than a month left. */
export function expiryWords(pem: string, now: number): string | undefined {
  const { name, until } = lifeOf(pem);
  const days = Math.floor((until - now) / DAY_MS);
  if (days >= WARN_DAYS) return undefined;
  const left = days < 0 ? `ran out at ${iso(until)}` : `runs out in ${days} days, at ${iso(until)}`;
  return `The certificate of ${name} ${left}. Run \`gateway ca renew\`; no restart is needed.`;
}

export interface TlsKeeper {
  current(): TlsFiles;
  /** Reads the files again; what cannot be used is said and changes nothing. */
  look(): Promise<void>;
}

/** Holds what was read last and is good. `onRenewed` is told of each change. */
export async function keepTls(options: {
  readonly places: TlsPlaces;
  readonly clock: Clock;
  readonly say: (text: string) => void;
  readonly onRenewed: (files: TlsFiles) => void;
}): Promise<TlsKeeper> {
  const { places, clock, say, onRenewed } = options;
  let files = await readTls(places);
  assertInTime(files.cert, clock.now());
  let said = '';
  const sayOnce = (words: string) => {
    if (words !== said) say(words);
    said = words;
  };

  async function look(): Promise<void> {
    try {
      const next = await readTls(places);
      const changed = (['cert', 'key', 'ca'] as const).some((one) => next[one] !== files[one]);
      if (changed) {
        assertInTime(next.cert, clock.now());
        files = next;
        onRenewed(files);
        say(`The certificate of ${lifeOf(files.cert).name} was renewed.`);
      }
      const words = expiryWords(files.cert, clock.now());
      if (words !== undefined) sayOnce(words);
    } catch (error) {
      sayOnce(`${error instanceof Error ? error.message : String(error)} The old one stays.`);
    }
  }

  await look();
  return { current: () => files, look };
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new GatewayError('GW-TLS', `${path} cannot be read.`, { cause });
  }
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new GatewayError('GW-TLS', `${path} is not what it should be.`, { cause });
  }
}

const unusable = (path: string, why: string): GatewayError =>
  new GatewayError('GW-TLS', `${path} cannot be used.`, { why });
