/**
 * What a customer fills in: `config/sites.yml`, `services.yml`, `people.yml`, `policy.yml`. Parsed
 * once at the border; an error names file, line, column, path and the value found.
 */
import * as z from 'zod';
import type { Mapping } from './mapping.ts';
import { textSchema } from './runbook/plan.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID');
/** Array object names: no space, 1-29 characters (a space makes reads fail: docs/arrays.md). */
const arrayName = z
  .string()
  .regex(/^[A-Za-z0-9_.@-]{1,29}$/, 'an array object name without spaces');

export const siteSchema = z.strictObject({
  id,
  name: textSchema,
  gateway: z.url(),
  /** `mailbox`: the gateway fetches its messages, nobody calls it (direct). */
  transport: z.enum(['direct', 'mailbox']).optional(),
  array: z.strictObject({
    storageDeviceId: z.string().regex(/^[0-9A-Z]{12}$/),
    /** Which of the two servers that speak this API: a bound fact of every plan. */
    api: z.enum(['cm', 'embedded']),
  }),
  /** Two sites have the same one when it reaches over both (services of GAD). */
  cloud: id,
  /** Of a cloud that reaches over two sites: the availability zone of the compute hosts that stand here. */
  zone: z.string().min(1).optional(),
  /** Where it stands, as two letters: the law may want it at home. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'two capital letters, as KR')
    .optional(),
  /** As the company declares it, by site; said at one of the two is enough. */
  distanceKm: z.record(id, z.number().positive()).optional(),
});
export type Site = z.infer<typeof siteSchema>;

export const serverSchema = z.strictObject({
  name: id,
  /** Servers of a lower number are up before the next number starts. */
  order: z.int().min(1),
  flavor: z.string(),
  nics: z
    .array(
      z.strictObject({ mac: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/), ip: z.ipv4() }),
    )
    .min(1),
  /** Ids of the main volumes in device order. */
  volumes: z.array(uuid).min(1),
});
export type ServerSpec = z.infer<typeof serverSchema>;

/** Servers that keep nothing: made anew from an image wherever they are needed. */
export const statelessSchema = z.strictObject({
  /** Of more than one: `<name>-1`, `<name>-2`, … */
  name: id,
  /** By name in Glance of the DR site; kept there before it is needed. */
  image: z.string().min(1),
  flavor: z.string(),
  /** Network at the DR site. */
  network: uuid,
  count: z.int().min(1).max(50).default(1),
  /** cloud-init. It stands in plans and reports: no secrets in it. */
  userData: z.string().max(16_000).optional(),
});
export type StatelessSpec = z.infer<typeof statelessSchema>;

export const checkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ id, kind: z.literal('server-active'), server: id }),
  z.strictObject({ id, kind: z.literal('http'), url: z.url(), status: z.int().default(200) }),
  /** `pointer` selects a value; `equals` compares it, `same` wants it equal in all `urls`. */
  z.strictObject({
    id,
    kind: z.literal('http-json'),
    urls: z.array(z.url()).min(1),
    pointer: z.string().startsWith('/'),
    equals: z.json().optional(),
    same: z.boolean().default(false),
  }),
]);
export type CheckSpec = z.infer<typeof checkSchema>;

export const serviceSchema = z.strictObject({
  id,
  name: textSchema,
  tier: z.enum(['platinum', 'gold', 'silver', 'bronze']),
  rtoMinutes: z.int().positive(),
  /** How much may be lost in a disaster; without it what the tier allows. */
  rpoSeconds: z.int().min(0).optional(),
  critical: z.boolean(),
  replication: z.strictObject({
    type: z.enum(['UR', 'TC', 'GAD']),
    group: arrayName,
    /** TrueCopy: what its P-VOLs are meant to do with writes they cannot mirror; arrays are held to it. */
    fence: z.enum(['DATA', 'STATUS', 'NEVER']).optional(),
    /** The primary and the secondary site. */
    from: id,
    to: id,
    /** A third centre: its UR group from the primary, and the mirror from the secondary that waits in HOLD. */
    far: z.strictObject({ site: id, group: arrayName, delta: arrayName }).optional(),
  }),
  drill: z.strictObject({ group: arrayName, network: uuid }),
  /**
   * How its S-VOLs become bootable at DR: `twin` = volumes of the DR Cinder; `restored` = main's rows
   * restored there; `copy` = a copy that Cinder manages; `cut` = pairs dissolved, S-VOLs managed.
   */
  atDr: z.enum(['twin', 'restored', 'copy', 'cut']).optional(),
  /** Where its servers run in production, by site; needed to move it. */
  networks: z.record(id, uuid).optional(),
  servers: z.array(serverSchema).min(1),
  stateless: z.array(statelessSchema).optional(),
  checks: z.array(checkSchema).min(1),
});
export type Service = z.infer<typeof serviceSchema>;

export const personSchema = z.strictObject({
  /** Random employee id, `p-` and 8 hex digits; names are personal data and stay here. */
  id: z.string().regex(/^p-[0-9a-f]{8}$/),
  /** Short name for the command line: `--as kim`. */
  handle: id,
  name: textSchema,
  roles: z.array(id),
  language: z.enum(['ko', 'en']),
  /** Own keys, for approvals above class `copy`; the gateways have them in trust.yml too. */
  keys: z
    .array(
      z.strictObject({
        id: z.string(),
        publicKey: z.string().startsWith('-----BEGIN PUBLIC KEY-----', 'a public key in PEM'),
      }),
    )
    .optional(),
  slack: z.array(z.strictObject({ team: z.string(), user: z.string() })),
  /** What `users.info` shows; all false and e-mail confirmed for an approver. */
  flags: z
    .array(z.enum(['guest', 'bot', 'stranger', 'deactivated', 'email-unconfirmed']))
    .default([]),
});
export type Person = z.infer<typeof personSchema>;

/** What a service of this grade has to offer. */
const tierSchema = z.strictObject({
  rpoSeconds: z.int().min(0),
  rtoMinutes: z.int().positive(),
  /** Between the centre it runs at and the one it is copied to. */
  distanceKm: z.number().min(0),
  /** Centres that hold its data, its own included. */
  sites: z.int().min(1),
  /** Kinds that are good enough; `BACKUP` is restored from a backup. */
  replication: z.array(z.enum(['GAD', 'TC', 'UR', 'BACKUP'])).min(1),
});
const tiersSchema = z.strictObject({
  platinum: tierSchema,
  gold: tierSchema,
  silver: tierSchema,
  bronze: tierSchema,
});
export type Tier = z.infer<typeof tierSchema>;

const lawSchema = z.strictObject({
  industry: z.enum(['bank', 'insurer']),
  /** Longest RTO of a critical function. */
  criticalRtoMinutes: z.strictObject({
    bank: z.int().positive(),
    insurer: z.int().positive(),
  }),
  /** A real switch to the other centre at least this often. */
  switchEveryDays: z.int().positive(),
  /** The country that centres have to stand in. */
  country: z.string().regex(/^[A-Z]{2}$/, 'two capital letters, as KR'),
});

/**
 * What may be asked as proof that a site which is given up cannot write any more: a person's word
 * with a witness; the remote paths between the arrays down, seen by the array that is opened; nothing
 * of the site answering through its gateway any more; the record of the power that was cut.
 */
const fencings = ['witness', 'remote-paths-down', 'site-silent', 'power-cut-record'] as const;
const ALWAYS: readonly (typeof fencings)[number][] = ['witness', 'remote-paths-down'];

export const policySchema = z.strictObject({
  tenant: id,
  company: textSchema,
  /** Regions that may hold data (rule 13). */
  allowedRegions: z.array(z.string()).min(1),
  channel: z.string(),
  /** Channels shared with other organisations are refused. */
  sharedChannels: z.array(z.string()).default([]),
  workspace: z.string(),
  requesterRoles: z.array(id).min(1),
  operatorRoles: z.array(id).min(1),
  channelLanguage: z.enum(['ko', 'en']),
  /** The guideline's table; services that do not meet their tier are refused. */
  tiers: tiersSchema.optional(),
  law: lawSchema.optional(),
  /** The clock that an RTO counts from (docs/tiers.md); T0 is the strictest and the default. */
  rtoFrom: z.enum(['T0', 'T1', 'T2']).optional(),
  /** All of these are asked before one side is opened without the other. The first two always. */
  fencing: z
    .array(z.enum(fencings))
    .refine((all) => ALWAYS.every((one) => all.includes(one)), {
      error: `${ALWAYS.join(' and ')} are always asked`,
    })
    .optional(),
});
export type Policy = z.infer<typeof policySchema>;

export interface Config {
  /** What is meant to differ between the controllers; absent: nothing. */
  readonly mapping?: Mapping;
  readonly sites: readonly Site[];
  readonly services: readonly Service[];
  readonly people: readonly Person[];
  readonly policy: Policy;
}
