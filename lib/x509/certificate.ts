/** One X.509 certificate, version 3, ECDSA P-256, as small as a private authority needs it. */
import { createHash, type KeyObject, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { bits, integer, octets, oid, part, sequence, set, time, utf8, yes } from './der.ts';

const oids = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

export const uses = { server: oids.serverAuth, client: oids.clientAuth } as const;
export type Use = keyof typeof uses;

/** Milliseconds since the epoch, to the second. */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

export interface Party {
  readonly name: string;
  readonly publicKey: KeyObject;
}

export interface Grant extends Validity {
  readonly issuer: Party & { readonly privateKey: KeyObject };
  /** Hex; made positive and not zero, whatever chance says. */
  readonly serial: string;
  readonly extensions: readonly Buffer[];
}

/** The certificate of `subject`, PEM. */
export function certificate(subject: Party, grant: Grant): string {
  const { issuer } = grant;
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const VERSION_3 = part(0, integer('02'), true);
  const extensions = [
    ...grant.extensions,
    extension(oids.subjectKeyId, octets(keyId(subject.publicKey))),
    extension(oids.authorityKeyId, sequence(part(0, keyId(issuer.publicKey)))),
  ];
  const body = sequence(
    VERSION_3,
    integer(`01${grant.serial}`),
    algorithm,
    nameOf(issuer.name),
    sequence(time(grant.from), time(grant.until)),
    nameOf(subject.name),
    spkiOf(subject.publicKey),
    part(3, sequence(...extensions), true),
  );
  const signed = sequence(body, algorithm, bits(sign('sha256', body, issuer.privateKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** What makes a certificate one that may sign others. */
export const authorityExtensions = (): Buffer[] => [
  extension(oids.basicConstraints, sequence(yes()), true),
  // keyCertSign and cRLSign.
  extension(oids.keyUsage, bits(Buffer.from([0x06]), 1), true),
];

/** A certificate for somebody who speaks TLS at these hosts (DNS names or addresses). */
export function leafExtensions(hosts: readonly string[], wanted: readonly Use[]): Buffer[] {
  return [
    extension(oids.basicConstraints, sequence(), true),
    // digitalSignature.
    extension(oids.keyUsage, bits(Buffer.from([0x80]), 7), true),
    extension(oids.extendedKeyUsage, sequence(...wanted.map((use) => oid(uses[use])))),
    ...(hosts.length === 0
      ? []
      : [extension(oids.subjectAltName, sequence(...hosts.map(hostName)))]),
  ];
}

const [DNS, ADDRESS] = [2, 7];

function hostName(host: string): Buffer {
  if (isIPv4(host)) return part(ADDRESS, Buffer.from(host.split('.').map(Number)));
  if (isIPv6(host)) return part(ADDRESS, sixteenBytes(host));
  return part(DNS, Buffer.from(host, 'ascii'));
}

/** `fd00::10` -> its 16 bytes; the URL parser has already made every form the same. */
function sixteenBytes(address: string): Buffer {
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(left), groups(right ?? '')];
  const gap = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from(
    [...before, ...gap, ...after].map((one) => one.padStart(4, '0')).join(''),
    'hex',
  );
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(oid(oids.commonName), utf8(commonName))));

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): Buffer =>
  createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);
