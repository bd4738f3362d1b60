/**
 * The certificate authority of the twin's doors, made on the spot: clients that insist on TLS (the
 * Hitachi driver is one) trust its certificate and nothing else of ours.
 */
import type { Random } from '../../random.ts';
import * as x509 from '../../x509/authority.ts';

export interface Authority {
  /** What clients are told to trust, PEM. */
  readonly cert: string;
  /** A certificate for loopback; an expired one ran out long ago. */
  issue(commonName: string, how?: { readonly expired: boolean }): x509.Identity;
}

/** Fixed, because a client judges by the wall clock and not by the clock of the twin. */
const FROM = Date.UTC(2020, 0, 1);
const UNTIL = Date.UTC(2049, 11, 31);
const EXPIRED = Date.UTC(2021, 0, 1);

/** A new authority; keep what `made` gives to continue it with `authorityFrom`. */
export const makeAuthority = (random: Random): x509.Identity =>
  x509.makeAuthority({ name: 'Drillbook twin CA', from: FROM, until: UNTIL }, random);

export function authorityFrom(authority: x509.Identity, random: Random): Authority {
  return {
    cert: authority.cert,
    issue: (name, { expired } = { expired: false }) => {
      const hosts = ['localhost', '127.0.0.1'];
      const until = expired ? EXPIRED : UNTIL;
      return x509.issue(authority, { name, hosts, uses: ['server'], from: FROM, until }, random);
    },
  };
}
