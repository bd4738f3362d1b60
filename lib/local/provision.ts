/**
 * Writes what a customer would install by hand: the configuration with this machine's ports, keys,
 * and one folder per gateway with that site's credentials only.
 */
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import type { Config, Site } from '../config.ts';
import { fingerprint } from '../gateway/keys.ts';
import type { Drillable } from '../gateway/protocol.ts';
import { CONTROL_PLANE } from '../worker.ts';
import type { LocalFolder } from './folder.ts';
import { installSwitch } from './network-switch.ts';
import type { Ports } from './ports.ts';
import { certificateOf } from './tls.ts';

/** Log-ins of one site; they go into that site's gateway folder and nowhere else. */
export interface SiteLogin {
  readonly array: {
    readonly url: string;
    readonly user: string;
    readonly password: string;
    readonly lend: { readonly user: string; readonly password: string };
  };
  readonly cloud: {
    readonly authUrl: string;
    readonly user: string;
    readonly password: string;
    readonly project: string;
  };
  readonly drillable: Drillable;
  readonly probes: { readonly proxy: string; readonly urls: readonly string[] };
}

/** Copies `config/` once and writes this machine's gateway addresses into it. */
export function copyConfig(from: string, folder: LocalFolder, ports: Ports): void {
  if (existsSync(join(folder.config, 'sites.yml'))) return;
  cpSync(from, folder.config, { recursive: true });
  const file = join(folder.config, 'sites.yml');
  const text = readFileSync(file, 'utf8')
    .replace('127.0.0.1:4710', `127.0.0.1:${ports.gatewayMain}`)
    .replace('127.0.0.1:4720', `127.0.0.1:${ports.gatewayDr}`);
  writeFileSync(file, text);
}

/** Keys and gateway folders, once; a second call finds them and changes nothing. */
export function provision(
  folder: LocalFolder,
  config: Config,
  logins: Readonly<Record<string, SiteLogin>>,
): void {
  keyPair(folder.keys, 'control-plane');
  keyPair(folder.keys, 'evidence');
  const people = enrolPeople(folder, config);
  for (const site of config.sites) {
    const login = logins[site.id];
    if (login !== undefined) gatewayFolder(folder, { config, site, login });
  }
  for (const site of config.sites) writeTrust(folder, { config: { ...config, people }, site });
}

function gatewayFolder(
  folder: LocalFolder,
  at: { readonly config: Config; readonly site: Site; readonly login: SiteLogin },
): void {
  const { site, login } = at;
  const home = folder.gateway(site.id);
  if (existsSync(join(home, 'gateway.yml'))) return;
  mkdirSync(join(home, 'disk'), { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = newKeys();
  secret(join(home, 'key.pem'), privateKey);
  writeFileSync(join(folder.keys, `gateway-${site.id}.pub.pem`), publicKey);
  const url = new URL(site.gateway);
  secret(
    join(home, 'gateway.yml'),
    stringify({
      site: site.id,
      listen: {
        host: url.hostname,
        port: Number(url.port),
        ...(url.protocol === 'https:' ? { tls: certificateOf(folder, site.id) } : {}),
      },
      arrays: [
        {
          storageDeviceId: site.array.storageDeviceId,
          api: site.array.api,
          simulated: true,
          ...login.array,
        },
      ],
      cloud: site.cloud,
      drillable: login.drillable,
      probes: login.probes,
      peers: at.config.sites
        .filter((one) => one.id !== site.id)
        .map((one) => ({ site: one.id, url: one.gateway })),
      ...installSwitch(home, { config: at.config, site, configFolder: folder.config }),
    }),
  );
  const { authUrl, user, password, project } = login.cloud;
  const auth = {
    auth_url: authUrl,
    username: user,
    password,
    project_name: project,
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  };
  secret(join(home, 'clouds.yaml'), stringify({ clouds: { [site.cloud]: { auth } } }));
}

/** Whom a gateway believes: people with roles, the control plane, the gateway of the other site. */
function writeTrust(
  folder: LocalFolder,
  at: { readonly config: Config; readonly site: Site },
): void {
  const file = join(folder.gateway(at.site.id), 'trust.yml');
  if (existsSync(file)) return;
  const keyOf = (name: string) => readFileSync(join(folder.keys, `${name}.pub.pem`), 'utf8');
  const peers = at.config.sites.filter((site) => site.id !== at.site.id);
  secret(
    file,
    stringify({
      people: at.config.people
        .filter((person) => person.flags.length === 0)
        .map(({ id, roles, keys }) => ({
          id,
          roles: rolesHere(roles, at.config),
          ...(keys === undefined ? {} : { keys }),
        })),
      controlPlanes: [{ id: CONTROL_PLANE, publicKey: keyOf('control-plane') }],
      officers: OFFICERS,
      peers: peers.map(({ id }) => ({ site: id, publicKey: keyOf(`gateway-${id}`) })),
    }),
  );
}

/** On this machine the approvers look after the gateways' trust as well. */
const OFFICERS = 'dr-approver';

/**
 * An own key for everybody who may act, as `keys/people/<handle>.pem`; their public halves go into
 * people.yml. Once: who has keys there keeps them.
 */
function enrolPeople(folder: LocalFolder, { people }: Config): Config['people'] {
  const home = join(folder.keys, 'people');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const enrolled = people.map((person) => {
    if (person.keys !== undefined || person.flags.length > 0) return person;
    keyPair(home, person.handle);
    const publicKey = readFileSync(join(home, `${person.handle}.pub.pem`), 'utf8');
    return { ...person, keys: [{ id: fingerprint(publicKey), publicKey }] };
  });
  const file = join(folder.config, 'people.yml');
  const document = parseDocument(readFileSync(file, 'utf8'));
  for (const [index, { keys }] of enrolled.entries()) {
    if (people[index]?.keys === undefined && keys !== undefined) {
      document.setIn(['people', index, 'keys'], keys);
    }
  }
  writeFileSync(file, document.toString());
  return enrolled;
}

/** Whoever may order a retry by the house rules is an operator to the gateways. */
function rolesHere(roles: readonly string[], { policy }: Config): string[] {
  const operates = roles.some((role) => policy.operatorRoles.includes(role));
  return [...new Set([...roles, ...(operates ? ['operator'] : [])])];
}

function keyPair(folder: string, name: string): void {
  const file = join(folder, `${name}.pem`);
  if (existsSync(file)) return;
  const { privateKey, publicKey } = newKeys();
  writeFileSync(join(folder, `${name}.pub.pem`), publicKey);
  secret(file, privateKey);
}

function newKeys(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

const secret = (file: string, text: string): void => writeFileSync(file, text, { mode: 0o600 });
