/**
 * A private certificate authority that needs nothing but Node: one key that signs, and certificates
 * for those who speak TLS to each other. Who trusts its certificate trusts nothing else of ours.
 */
import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import type { Random } from '../random.ts';
import {
  authorityExtensions,
  certificate,
  leafExtensions,
  type Use,
  type Validity,
} from './certificate.ts';

/** A certificate with its key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Whom a certificate is for: `name` is its common name, `hosts` where it may be met. */
export interface Holder {
  readonly name: string;
  /** DNS names or addresses. */
  readonly hosts: readonly string[];
  readonly uses: readonly Use[];
}

const SERIAL_BYTES = 8;

/** A new authority of this name; whoever has its `key` can issue in its name. */
export function makeAuthority(how: Validity & { readonly name: string }, random: Random): Identity {
  const { privateKey, publicKey } = newKeys();
  const { name, from, until } = how;
  const cert = certificate(
    { name, publicKey },
    {
      issuer: { name, publicKey, privateKey },
      serial: random(SERIAL_BYTES),
      extensions: authorityExtensions(),
      ...{ from, until },
    },
  );
  return { cert, key: pemOf(privateKey) };
}

/** A certificate with a new key, signed by `authority`. */
export function issue(authority: Identity, holder: Holder & Validity, random: Random): Identity {
  const { publicKey, subject } = new X509Certificate(authority.cert);
  const { privateKey, publicKey: own } = newKeys();
  const { from, until } = holder;
  const cert = certificate(
    { name: holder.name, publicKey: own },
    {
      issuer: { name: commonName(subject), publicKey, privateKey: createPrivateKey(authority.key) },
      serial: random(SERIAL_BYTES),
      extensions: leafExtensions(holder.hosts, holder.uses),
      ...{ from, until },
    },
  );
  return { cert, key: pemOf(privateKey) };
}

/** `CN=gateway-dr` -> `gateway-dr`; empty when there is none. */
export const commonName = (subject: string): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? '';

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
