/**
 * `trust.yml`: whom a gateway believes. It stands in the gateway's folder and changes only there, by
 * two people it already names.
 */
import * as z from 'zod';
import { hashOf } from '../canonical.ts';
import { parseYaml, type Source } from '../yaml.ts';
import { fingerprint, p256, publicKeyOf } from './keys.ts';

const publicKey = z.string().refine(isP256, 'a public key in PEM, ECDSA P-256');
const site = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');

/** A person's own key. `kind` leaves room for others: a passkey has no PEM. */
const personalKeySchema = z.strictObject({
  id: z.string().min(1),
  publicKey,
  kind: z.literal('file').optional(),
});

const shape = z.strictObject({
  people: z.array(
    z.strictObject({
      id: z.string(),
      roles: z.array(z.string()),
      /** Needed to approve what is above class `copy`, and to change this file. */
      keys: z.array(personalKeySchema).optional(),
    }),
  ),
  controlPlanes: z.array(z.strictObject({ id: z.string(), publicKey })),
  peers: z.array(z.strictObject({ site, publicKey })),
  /** The role whose holders may, two together, change this file and re-arm the gateway. */
  officers: z.string().optional(),
  /** Domain that passkeys are bound to. */
  rpId: z.string().optional(),
});

/** Under which id a plane at the gateway of this site signs its orders, with the gateway's own key. */
export const aloneId = (site: string): string => `alone-${site}`;

/**
 * One key that stands under two names would make one person two. Only a peer's may: as
 * `alone-<site>` among the control planes it may give orders when there is no other control plane.
 */
export const trustSchema = shape.superRefine((trust, context) => {
  const { people, controlPlanes, peers } = trust;
  const isPeer = ({ id, publicKey }: { id: string; publicKey: string }) =>
    peers.some((peer) => aloneId(peer.site) === id && peer.publicKey === publicKey);
  const keys = [
    ...people.flatMap((person) => person.keys ?? []),
    ...controlPlanes,
    ...peers.map((peer) => ({ id: `peer ${peer.site}`, publicKey: peer.publicKey })),
  ];
  for (const [what, values] of [
    ['person', people.map(({ id }) => id)],
    ['key id', keys.map(({ id }) => id)],
    ['public key', keys.filter((key) => isP256(key.publicKey) && !isPeer(key)).map(printOf)],
  ] as const) {
    const twice = values.find((value, i) => values.indexOf(value) < i);
    if (twice === undefined) continue;
    context.addIssue({ code: 'custom', message: `the ${what} ${twice} stands here twice` });
  }
});
export type Trust = z.infer<typeof trustSchema>;

const printOf = (key: { readonly publicKey: string }): string => fingerprint(key.publicKey);

export const parseTrust = (source: Source): Trust => parseYaml(source, trustSchema);

/** Of what it says; comments and order of keys are free. */
export const trustHash = (trust: Trust): string => hashOf(trust);

const OFFICER = 'trust-officer';

/** People who may change the file, with their keys: role and key, both. */
export function officersOf(trust: Trust): Trust['people'] {
  const role = trust.officers ?? OFFICER;
  return trust.people.filter(
    (person) => person.roles.includes(role) && (person.keys ?? []).length > 0,
  );
}

/** What a change takes away (`-`) and brings (`+`), one line each, for people who sign it. */
export function trustDiff(from: Trust, to: Trust): string[] {
  const [before, after] = [linesOf(from), linesOf(to)];
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

/** Every fact of the file in words; keys by their fingerprint. */
export function linesOf(trust: Trust): string[] {
  return [
    ...trust.people.flatMap(({ id, roles, keys = [] }) => [
      `person ${id}: ${[...roles].sort().join(', ') || 'no role'}`,
      ...keys.map((key) => `key ${key.id} of ${id}: ${printOf(key)}`),
    ]),
    ...trust.controlPlanes.map((key) => `control plane ${key.id}: ${printOf(key)}`),
    ...trust.peers.map((key) => `gateway of ${key.site}: ${printOf(key)}`),
    `changed by two people of role ${trust.officers ?? OFFICER}`,
    ...(trust.rpId === undefined ? [] : [`passkeys of ${trust.rpId}`]),
  ];
}

function isP256(pem: string): boolean {
  try {
    return p256(publicKeyOf(pem)) !== undefined;
  } catch {
    return false;
  }
}
