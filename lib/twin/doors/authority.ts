/**
 * A private certificate authority for the doors of the twin, made on the spot: clients that insist
 * on TLS (the Hitachi driver is one) trust its certificate and nothing else of ours.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { Random } from '../../random.ts';
import { bits, integer, octets, oid, part, sequence, set, time, utf8, yes } from './der.ts';

/** A certificate with its key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** What clients are told to trust, PEM. */
  readonly cert: string;
  /** A certificate for loopback; an expired one ran out long ago. */
  issue(commonName: string, how?: { readonly expired: boolean }): Identity;
}

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
} as const;

/** Fixed, because a client judges by the wall clock and not by the clock of the twin. */
const FROM = Date.UTC(2020, 0, 1);
const UNTIL = Date.UTC(2049, 11, 31);
const EXPIRED = Date.UTC(2021, 0, 1);

const CA_NAME = 'Drillbook twin CA';
const SERIAL_BYTES = 8;

/** A new authority; keep what `made` gives to continue it with `authorityFrom`. */
export function makeAuthority(random: Random): Identity {
  const { privateKey, publicKey } = newKeys();
  const subject = { name: CA_NAME, publicKey };
  const own = [
    extension(oids.basicConstraints, sequence(yes()), true),
    // keyCertSign and cRLSign.
    extension(oids.keyUsage, bits(Buffer.from([0x06]), 1), true),
  ];
  const cert = certificate(subject, {
    issuer: { name: CA_NAME, publicKey, privateKey },
    serial: random(SERIAL_BYTES),
    until: UNTIL,
    extensions: own,
  });
  return { cert, key: pemOf(privateKey) };
}

export function authorityFrom({ cert, key }: Identity, random: Random): Authority {
  const privateKey = createPrivateKey(key);
  const issuer = { name: CA_NAME, publicKey: createPublicKey(privateKey), privateKey };
  return {
    cert,
    issue(commonName, { expired } = { expired: false }) {
      const keys = newKeys();
      const leaf = certificate(
        { name: commonName, publicKey: keys.publicKey },
        {
          issuer,
          serial: random(SERIAL_BYTES),
          until: expired ? EXPIRED : UNTIL,
          extensions: serverExtensions(),
        },
      );
      return { cert: leaf, key: pemOf(keys.privateKey) };
    },
  };
}

function serverExtensions(): Buffer[] {
  const [DNS, ADDRESS] = [2, 7];
  const names = sequence(
    part(DNS, Buffer.from('localhost')),
    part(ADDRESS, Buffer.from([127, 0, 0, 1])),
  );
  return [
    extension(oids.basicConstraints, sequence(), true),
    // digitalSignature.
    extension(oids.keyUsage, bits(Buffer.from([0x80]), 7), true),
    extension(oids.extendedKeyUsage, sequence(oid(oids.serverAuth))),
    extension(oids.subjectAltName, names),
  ];
}

interface Party {
  readonly name: string;
  readonly publicKey: KeyObject;
}

interface Grant {
  readonly issuer: Party & { readonly privateKey: KeyObject };
  /** Hex. */
  readonly serial: string;
  readonly until: number;
  readonly extensions: readonly Buffer[];
}

function certificate(subject: Party, { issuer, serial, until, extensions }: Grant): string {
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const VERSION_3 = part(0, integer('02'), true);
  const all = [
    ...extensions,
    extension(oids.subjectKeyId, octets(keyId(subject.publicKey))),
    extension(oids.authorityKeyId, sequence(part(0, keyId(issuer.publicKey)))),
  ];
  const body = sequence(
    VERSION_3,
    // Positive and not zero, whatever chance says.
    integer(`01${serial}`),
    algorithm,
    nameOf(issuer.name),
    sequence(time(FROM), time(until)),
    nameOf(subject.name),
    spkiOf(subject.publicKey),
    part(3, sequence(...all), true),
  );
  const signed = sequence(body, algorithm, bits(sign('sha256', body, issuer.privateKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

const nameOf = (commonName: string): Buffer =>
  sequence(set(sequence(oid(oids.commonName), utf8(commonName))));

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): Buffer =>
  createHash('sha256').update(spkiOf(key)).digest().subarray(0, 20);

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
