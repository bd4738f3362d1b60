/**
 * The folder of a gateway: `gateway.yml`, `clouds.yaml`, `trust.yml`, `key.pem`, and `disk/`. It is
 * the only place where credentials of arrays and clouds are; none of them leaves this process.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { parseYaml } from '../../yaml.ts';
import { GatewayError } from '../errors.ts';
import { fingerprint, p256 } from '../keys.ts';
import { drillableSchema } from '../protocol.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');
const publicKey = z.string().refine(isP256, 'a public key in PEM, ECDSA P-256');

export const settingsSchema = z.strictObject({
  site: name,
  listen: z.strictObject({ host: z.string(), port: z.int().min(1).max(65_535) }),
  arrays: z.array(
    z.strictObject({
      storageDeviceId: z.string().regex(/^[0-9A-Z]{12}$/),
      url: z
        .url()
        .refine((url) => url.endsWith('/ConfigurationManager'), 'ends with /ConfigurationManager'),
      api: z.enum(['cm', 'embedded']),
      user: z.string(),
      password: z.string(),
    }),
  ),
  /** The entry of clouds.yaml that is this site's cloud. */
  cloud: name,
  drillable: drillableSchema,
  probes: z.strictObject({ proxy: z.url().optional(), urls: z.array(z.url()) }),
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

export const trustSchema = z.strictObject({
  people: z.array(z.strictObject({ id: z.string(), roles: z.array(z.string()) })),
  controlPlanes: z.array(z.strictObject({ id: z.string(), publicKey })),
  peers: z.array(z.strictObject({ site: name, publicKey })),
});
export type Trust = z.infer<typeof trustSchema>;

export interface GatewayFolder {
  readonly settings: Settings;
  readonly cloud: CloudLogin;
  readonly trust: Trust;
  /** PEM, and the first 16 hex digits of the public half's hash. */
  readonly key: { readonly privateKey: string; readonly keyId: string };
}

/** Throws a SourceError with file, line and column, or GW-FOLDER and GW-LISTEN. */
export async function loadGatewayFolder(folder: string): Promise<GatewayFolder> {
  const settings = parseYaml(await source(folder, 'gateway.yml'), settingsSchema);
  if (!isLoopback(settings.listen.host)) {
    throw new GatewayError('GW-LISTEN', `listen.host is ${settings.listen.host}.`);
  }
  const { clouds } = parseYaml(await source(folder, 'clouds.yaml'), cloudsSchema);
  const trust = parseYaml(await source(folder, 'trust.yml'), trustSchema);
  const cloud = clouds[settings.cloud];
  if (cloud === undefined) {
    const why = `It has ${Object.keys(clouds).join(', ') || 'none'}.`;
    throw new GatewayError('GW-FOLDER', `clouds.yaml has no cloud ${settings.cloud}.`, { why });
  }
  return { settings, cloud, trust, key: await loadKey(folder) };
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

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

function isP256(pem: string): boolean {
  try {
    return p256(createPublicKey(pem)) !== undefined;
  } catch {
    return false;
  }
}
