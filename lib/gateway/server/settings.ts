/**
 * The folder of a gateway: `gateway.yml`, `clouds.yaml`, `trust.yml`, `key.pem`, and `disk/`. It is
 * the only place where credentials of arrays and clouds are; none of them leaves this process.
 */
import { createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { parseYaml } from '../../yaml.ts';
import { GatewayError } from '../errors.ts';
import { fingerprint, p256 } from '../keys.ts';
import { drillableSchema } from '../protocol.ts';
import { parseTrust, type Trust } from '../trust.ts';
import { dnsSettingsSchema } from './targets/dns.ts';
import { type LoadedTasks, loadTasks } from './tasks/programs.ts';
import { tasksSettingsSchema } from './tasks/settings.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');

export const settingsSchema = z.strictObject({
  site: name,
  listen: z.strictObject({
    host: z.string(),
    port: z.int().min(1).max(65_535),
    /** How others reach it, when that is not `host` and `port`: messages are signed for it. */
    url: z.url().optional(),
    /** Files, from this folder on; without them only this machine may knock. */
    tls: z.strictObject({ cert: z.string(), key: z.string(), ca: z.string() }).optional(),
  }),
  /** With it messages are fetched from the control plane, and nobody needs to reach this site. */
  transport: z.strictObject({ poll: z.strictObject({ url: z.url() }) }).optional(),
  arrays: z.array(
    z.strictObject({
      storageDeviceId: z.string().regex(/^[0-9A-Z]{12}$/),
      url: z
        .url()
        .refine((url) => url.endsWith('/ConfigurationManager'), 'ends with /ConfigurationManager'),
      api: z.enum(['cm', 'embedded']),
      user: z.string(),
      password: z.string(),
      /** A user of the role Remote Copy alone: its sessions are lent to the other gateway. */
      lend: z.strictObject({ user: z.string(), password: z.string() }).optional(),
      /** A user of the role View Only for everything that is only read. */
      viewer: z.strictObject({ user: z.string(), password: z.string() }).optional(),
      /** A simulator that says so in each answer; without it such an answer is refused. */
      simulated: z.literal(true).optional(),
      /** Changes on their way to this array at once (default 4). */
      callsInFlight: z.int().min(1).max(32).optional(),
    }),
  ),
  /** Where the gateways of the other sites are reached. */
  peers: z.array(z.strictObject({ site: name, url: z.url() })).optional(),
  /** The entry of clouds.yaml that is this site's cloud. */
  cloud: name,
  drillable: drillableSchema,
  probes: z.strictObject({ proxy: z.url().optional(), urls: z.array(z.url()) }),
  /** Names that are looked up, and where. */
  dns: dnsSettingsSchema.optional(),
  /** Programs of this machine that plans may run. */
  tasks: tasksSettingsSchema.optional(),
});
export type Settings = z.infer<typeof settingsSchema>;
export type ArraySettings = Settings['arrays'][number];

/** As users of OpenStack know it; other keys of an entry are left to other programs. */
export const cloudsSchema = z.looseObject({
  clouds: z.record(
    z.string(),
    z.looseObject({
      region_name: z.string().optional(),
      auth: z.looseObject({
        auth_url: z.url(),
        username: z.string(),
        password: z.string(),
        project_name: z.string(),
        user_domain_name: z.string(),
        project_domain_name: z.string(),
      }),
    }),
  ),
});
export type CloudLogin = z.infer<typeof cloudsSchema>['clouds'][string];

export interface GatewayFolder {
  /** Where it lies; a gateway that was put together in memory has none. */
  readonly home?: string;
  readonly settings: Settings;
  readonly cloud: CloudLogin;
  readonly trust: Trust;
  /** Its site tasks, with the programs that were there when it was read. */
  readonly tasks?: LoadedTasks['tasks'];
  readonly amiss?: LoadedTasks['amiss'];
  /** PEM, and the first 16 hex digits of the public half's hash. */
  readonly key: { readonly privateKey: string; readonly keyId: string };
}

/** Throws a SourceError with file, line and column, or GW-FOLDER and GW-LISTEN. */
export async function loadGatewayFolder(folder: string): Promise<GatewayFolder> {
  const settings = parseYaml(await source(folder, 'gateway.yml'), settingsSchema);
  const { host, tls } = settings.listen;
  if (tls === undefined && !isLoopback(host)) {
    throw new GatewayError('GW-LISTEN', `listen.host is ${host}.`);
  }
  const { clouds } = parseYaml(await source(folder, 'clouds.yaml'), cloudsSchema);
  const trust = parseTrust(await source(folder, 'trust.yml'));
  const cloud = clouds[settings.cloud];
  if (cloud === undefined) {
    const why = `It has ${Object.keys(clouds).join(', ') || 'none'}.`;
    throw new GatewayError('GW-FOLDER', `clouds.yaml has no cloud ${settings.cloud}.`, { why });
  }
  const tasks = await loadTasks(folder, settings.tasks ?? []);
  return { home: folder, settings, cloud, trust, ...tasks, key: await loadKey(folder) };
}

async function loadKey(folder: string): Promise<GatewayFolder['key']> {
  const { file, text } = await source(folder, 'key.pem');
  if (((await stat(file)).mode & 0o077) !== 0) {
    throw new GatewayError('GW-FOLDER', `${file} can be read by others.`, {
      why: 'Its mode must be 0600.',
    });
  }
  try {
    p256(createPrivateKey(text));
    return { privateKey: text, keyId: fingerprint(text) };
  } catch (cause) {
    throw new GatewayError('GW-FOLDER', `${file} is no private key on P-256.`, { cause });
  }
}

async function source(folder: string, file: string): Promise<{ file: string; text: string }> {
  const path = join(folder, file);
  try {
    return { file: path, text: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new GatewayError('GW-FOLDER', `${path} cannot be read.`, { cause });
  }
}

/** The origin for which messages to this gateway are signed. */
export function ownOrigin({ host, port, url, tls }: Settings['listen']): string {
  if (url !== undefined) return new URL(url).origin;
  const scheme = tls === undefined ? 'http' : 'https';
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
