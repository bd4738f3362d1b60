/**
 * The real gateways of two sites, in this process: arrays are those of the twin, the cloud of DR is
 * the cloud under test. Volumes of a real cloud have ids of their own, so they are made first and
 * the LDEVs of the simulated array get the labels that Cinder's driver would have given them.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reader } from '../../lib/actions/action.ts';
import type { Witness } from '../../lib/approval/statement.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import type { Config, Service } from '../../lib/config.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import type { Drillable, Gateway } from '../../lib/gateway/protocol.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway, type RunningGateway } from '../../lib/gateway/server/gateway.ts';
import { loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import { type Http, networkHttp } from '../../lib/http.ts';
import { openFolder } from '../../lib/local/folder.ts';
import { loginsOf } from '../../lib/local/logins.ts';
import { provision, type SiteLogin } from '../../lib/local/provision.ts';
import { TWIN_OF } from '../../lib/openstack/paths.ts';
import { systemRandom } from '../../lib/random.ts';
import { parsed } from '../../lib/run/reading.ts';
import {
  buildWorld,
  HOME_PROBE_ORIGIN,
  originOf,
  PROBE_ORIGIN,
  type World,
} from '../../lib/twin/world.ts';
import { CONTROL_PLANE, readKeys, type WorkerKeys } from '../../lib/worker.ts';
import { cloudSession, config as usual, scenario as usualScenario } from '../twin/world-support.ts';
import { type Caller, openSite, type Session, type Site, sessionOf } from './site.ts';
import { makeVolume, removeVolume } from './volume.ts';
import { textAt } from './wire.ts';

export interface House {
  readonly site: Site;
  readonly world: World;
  readonly clock: Clock;
  readonly config: Config;
  /** The smallest service of the bank: two servers, three volumes. */
  readonly service: Service;
  readonly gateways: Readonly<Record<string, Gateway>>;
  readonly read: Reader;
  /** What a person signs with. */
  ownKey(handle: string): Witness;
  /** Somebody who asks Neutron at DR for something, past the gateways. */
  readonly stranger: Caller;
  /** Array, cloud and gateway of a site are gone for good. */
  lose(site: string): Promise<void>;
  /** Every exchange of the DR gateway with the cloud, newest last. */
  readonly heard: readonly Heard[];
  /** Resolves when no call is on its way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface Heard {
  readonly line: string;
  readonly token: string | undefined;
  readonly status: number;
  readonly body: string;
}

const SERVICE = 'loans';

/** On the rig time is real: nobody waits longer than needed, and no volume is larger. */
const quick = {
  ...usualScenario,
  sizes: { ...usualScenario.sizes, bootGiB: 1, dataGiB: 2 },
  pace: { jobMs: 100, transferMs: 50, quickCopyMs: 1000, resyncMs: 1500, mirrorCopyMs: 2000 },
};

export async function openHouse(): Promise<House> {
  const site = await openSite();
  const isRig = site.kind === 'rig';
  const scenario = isRig ? quick : usualScenario;
  const clock = isRig ? systemClock() : site.clock;
  const world = buildWorld(usual, scenario, { clock, random: systemRandom });
  const logins = loginsOf(usual, scenario, {
    array: (id) => originOf('array', id),
    cloud: (name) => originOf('cloud', name),
    probe: PROBE_ORIGIN,
    homeProbe: HOME_PROBE_ORIGIN,
  });
  const lent = isRig ? await lend(site, world) : undefined;
  const config = lent === undefined ? usual : withNetworks(usual, lent);
  const service = serviceOf(config);
  const root = mkdtempSync(join(tmpdir(), 'drillbook-contract-'));
  const folder = openFolder(root, { fresh: true });
  // Keys of people are enrolled in it.
  cpSync('config/people.yml', join(folder.config, 'people.yml'));
  const dr = logins['dr'];
  if (dr === undefined) throw new Error('the bank has no site dr');
  provision(folder, config, { ...logins, dr: lent === undefined ? dr : lent.login(dr) });

  const heard: Heard[] = [];
  const http = listening(isRig ? toBoth(world.http) : world.http, heard);
  const running = new Map<string, RunningGateway>();
  const peerHttp: Http = async (request) => {
    const peer = config.sites.find(({ gateway }) => request.url.startsWith(gateway));
    const handle = running.get(peer?.id ?? '')?.handle;
    if (handle === undefined) throw new Error(`connection refused: ${request.url}`);
    return handle(request);
  };
  for (const { id } of config.sites) {
    const home = folder.gateway(id);
    const deps = { clock, random: systemRandom, say: () => {} };
    const disk = await openDisk({ folder: join(home, 'disk'), site: id, ...deps });
    const folderOfSite = await loadGatewayFolder(home);
    running.set(id, createGateway({ folder: folderOfSite, http, peerHttp, disk, ...deps }));
  }
  // Messages of the second in which a gateway started are refused as stale.
  await clock.sleep(1_500);
  const keys = await readKeys(folder.keys, config);
  const gateways = clientsOf(config, { running, keys, clock });
  return {
    ...{ site, world, clock, config, service, gateways, heard },
    read: readerOf(gateways),
    stranger: isRig ? (await sessionOf(site)).service('neutron') : strangerIn(world),
    ownKey: (handle) => {
      const privateKey = readFileSync(join(folder.keys, 'people', `${handle}.pem`), 'utf8');
      return { keyId: fingerprint(privateKey), privateKey };
    },
    lose: async (id) => {
      const gateway = running.get(id);
      running.delete(id);
      await gateway?.close();
      world.fault('site-dead', true, { site: id });
    },
    settled: async () => {
      for (const one of running.values()) await one.settled();
    },
    close: async () => {
      for (const one of running.values()) await one.close();
      folder.close();
      rmSync(root, { recursive: true, force: true });
      await lent?.giveBack();
      await site.close();
    },
  };
}

function serviceOf(config: Config): Service {
  const found = config.services.find(({ id }) => id === SERVICE);
  if (found === undefined) throw new Error(`the bank has no service ${SERVICE}`);
  return found;
}

/** Networks of a real cloud have ids of their own. */
const withNetworks = (config: Config, { drill, production }: Lent): Config => ({
  ...config,
  services: config.services.map((service) =>
    service.id === SERVICE
      ? {
          ...service,
          drill: { ...service.drill, network: drill },
          networks: { ...service.networks, dr: production },
        }
      : service,
  ),
});

interface Lent {
  /** Ids of both networks of the service at DR. */
  readonly drill: string;
  readonly production: string;
  login(usual: SiteLogin): SiteLogin;
  giveBack(): Promise<void>;
}

/** Makes in the real cloud what a bank has there before its first drill. */
async function lend(site: Site, world: World): Promise<Lent> {
  const session = await sessionOf(site);
  const cinder = session.service('cinder', 'volume 3.59');
  const array = world.ports.get('dr');
  const map = world.map.services.find(({ id }) => id === SERVICE);
  if (array === undefined || map === undefined) throw new Error('the twin has no such service');
  const volumes: string[] = [];
  const copies: string[] = [];
  for (const volume of map.volumes) {
    for (const ldev of [volume.svol, volume.copyLdev]) {
      const isCopy = ldev === volume.copyLdev;
      const metadata = isCopy ? {} : { [TWIN_OF]: volume.mainVolumeId };
      const id = await parkedVolume(site, cinder, { ...volume, metadata });
      array.relabel(ldev, id.replaceAll('-', ''));
      volumes.push(id);
      if (isCopy) copies.push(id);
    }
  }
  const drill = await ownNetwork(site, session, 'contract-drill');
  const production = await ownNetwork(site, session, 'contract-production');
  const drillable: Drillable = {
    copyGroups: [map.cloneGroup],
    ldevs: map.volumes.map(({ copyLdev }) => copyLdev),
    volumes: copies,
    networks: [drill.id],
  };
  const { username: user, password } = site.operator;
  return {
    drill: drill.id,
    production: production.id,
    login: (usual) => ({
      ...usual,
      cloud: { authUrl: site.authUrl, user, password, project: site.project.name },
      drillable,
    }),
    giveBack: async () => {
      for (const id of volumes) await removeVolume(site, cinder, id);
      await drill.giveBack();
      await production.giveBack();
    },
  };
}

interface Parked {
  readonly sizeGiB: number;
  readonly bootable: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

async function parkedVolume(site: Site, cinder: Caller, volume: Parked): Promise<string> {
  const { sizeGiB: size, bootable, metadata } = volume;
  const id = await makeVolume(site, cinder, { size, name: 'contract-copy', metadata });
  const act = (body: object) => cinder(`POST /volumes/${id}/action`, { body });
  if (bootable) await act({ 'os-set_bootable': { bootable } });
  await act({ 'os-reset_status': { status: 'maintenance' } });
  return id;
}

/** One that the addresses of the service lie in; without Neutron only an id. */
async function ownNetwork(site: Site, session: Session, name: string) {
  const absent = '2970e819-ae6f-4f35-af02-bfb4365bf63a';
  if (!site.services.includes('neutron')) return { id: absent, giveBack: async () => {} };
  const neutron = session.service('neutron');
  const wish = { network: { name } };
  const id = textAt(await neutron('POST /v2.0/networks', { body: wish }), '/network/id');
  const subnet = { network_id: id, ip_version: 4, cidr: '10.90.3.0/24', enable_dhcp: false };
  await neutron('POST /v2.0/subnets', { body: { subnet } });
  return {
    id,
    giveBack: async () => {
      await neutron(`DELETE /v2.0/networks/${id}`);
    },
  };
}

function strangerIn(world: World): Caller {
  return async (line, say = {}) => {
    const send = await cloudSession(world);
    return send(line.replace(' ', ' /network'), say.body);
  };
}

/** The twin's addresses exist in this process only; all others are on the network. */
function toBoth(twin: Http): Http {
  const network = networkHttp();
  return (request) => {
    const { hostname } = new URL(request.url);
    const isTwin = hostname.endsWith('.twin') || request.proxy !== undefined;
    return isTwin ? twin(request) : network(request);
  };
}

function listening(http: Http, heard: Heard[]): Http {
  return async (request) => {
    const answer = await http(request);
    const { status, body } = answer;
    const token = request.headers['x-auth-token'];
    heard.push({ line: `${request.method} ${request.url}`, token, status, body });
    return answer;
  };
}

interface Parts {
  readonly running: ReadonlyMap<string, RunningGateway>;
  readonly keys: WorkerKeys;
  readonly clock: Clock;
}

function clientsOf(config: Config, { running, keys, clock }: Parts): Record<string, Gateway> {
  return Object.fromEntries(
    config.sites.map(({ id, gateway }) => [
      id,
      gatewayClient({
        ...{ site: id, url: gateway, clock, random: systemRandom },
        http: (request) => {
          const one = running.get(id);
          return one === undefined ? Promise.reject(new Error('nobody')) : one.handle(request);
        },
        signer: { keyId: CONTROL_PLANE, privateKey: keys.controlPlane },
        gatewayKey: keys.gateways[id] ?? '',
      }),
    ]),
  );
}

/** As the engine reads: whatever goes wrong is a half that is unknown. */
function readerOf(gateways: Readonly<Record<string, Gateway>>): Reader {
  return async (site, target, path) => {
    const gateway = gateways[site];
    if (gateway === undefined) return { ok: false, why: `no gateway at ${site}` };
    try {
      const receipt = await gateway.read(target, path);
      return { ok: true, status: receipt.status, body: parsed(receipt.body), receipt };
    } catch (error) {
      return { ok: false, why: error instanceof Error ? error.message : String(error) };
    }
  };
}
