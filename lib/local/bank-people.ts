/** What people and programs of the bank do at their own controllers, past Drillbook. */
import type { Service } from '../config.ts';
import { loadGatewayFolder } from '../gateway/server/settings.ts';
import { cloudTargets } from '../gateway/server/targets/cloud.ts';
import { openLogins } from '../gateway/server/targets/logins.ts';
import type { Http, HttpResponse } from '../http.ts';
import { cinderPaths, resetStatusBody, TWIN_OF } from '../openstack/paths.ts';
import { backupsSchema, volumesSchema } from '../openstack/schema.ts';
import { LocalError } from './folder.ts';
import type { House } from './house.ts';

interface Bank {
  readonly house: Pick<House, 'folder' | 'clock'>;
  readonly service: Service;
  readonly http: Http;
}

/** Backs up every volume at main; makes something new at main; forgets whose volume one at DR is. */
export type Doing = 'back-up' | 'furnish' | 'unmark';

const doings: Readonly<Record<Doing, (bank: Bank) => Promise<string>>> = {
  'back-up': backUp,
  furnish,
  unmark,
};

/** What was done, in words. Throws LOCAL-CHILD when a cloud did not take it. */
export const doAtTheBank = (doing: Doing, bank: Bank): Promise<string> => doings[doing](bank);

/** Cinder takes its time (ms of the house). */
const LOOK_EVERY_MS = 5_000;
const LOOKS_MAX = 60;

async function backUp(bank: Bank): Promise<string> {
  const { id, replication, servers } = bank.service;
  const cinder = await openCloud(bank, replication.from, 'cinder');
  const volumes = servers.flatMap((server) => server.volumes);
  for (const volume_id of volumes) {
    // Servers go on writing.
    const backup = { volume_id, name: `nightly-${id}`, force: true };
    await cinder.change('POST', '/backups', { backup });
  }
  for (let look = 0; look < LOOKS_MAX; look++) {
    const { backups } = backupsSchema.parse(await cinder.read(cinderPaths.backups));
    const kept = backups.filter(({ status }) => status === 'available');
    if (volumes.every((volume) => kept.some((one) => one.volume_id === volume)))
      return `${volumes.length} volumes of ${id} backed up`;
    await bank.house.clock.sleep(LOOK_EVERY_MS);
  }
  throw refused('Not all of them became available.');
}

async function furnish(bank: Bank): Promise<string> {
  const { from } = bank.service.replication;
  const nova = await openCloud(bank, from, 'nova');
  await nova.change('POST', '/flavors', {
    flavor: { name: 'c16.m64', vcpus: 16, ram: 65_536, disk: 0 },
  });
  const neutron = await openCloud(bank, from, 'neutron');
  await neutron.change('POST', '/v2.0/security-groups', { security_group: { name: 'batch' } });
  return `flavor c16.m64 and security group batch are new at ${from}`;
}

/** As a storage team leaves it that paired the volumes without Drillbook. */
async function unmark(bank: Bank): Promise<string> {
  const { to } = bank.service.replication;
  const cinder = await openCloud(bank, to, 'cinder');
  const { volumes } = volumesSchema.parse(await cinder.read(cinderPaths.volumes));
  const own = bank.service.servers.flatMap((server) => server.volumes);
  const marked = volumes.find(({ metadata }) => own.includes(metadata[TWIN_OF] ?? ''));
  if (marked === undefined) throw refused(`No volume at ${to} is marked.`);
  const { id, name } = marked;
  await cinder.change('POST', cinderPaths.action(id), resetStatusBody('available'));
  await cinder.change('DELETE', `${cinderPaths.volume(id)}/metadata/${TWIN_OF}`);
  await cinder.change('POST', cinderPaths.action(id), resetStatusBody('maintenance'));
  return `volume ${name} at ${to} does not say any more whose twin it is`;
}

async function openCloud(
  { house, http }: Bank,
  site: string,
  service: 'cinder' | 'nova' | 'neutron',
) {
  const { settings, cloud } = await loadGatewayFolder(house.folder.gateway(site));
  const tools = { http, clock: house.clock, logins: openLogins(house.clock) };
  const target = `${service}:${settings.cloud}`;
  const line = cloudTargets({ name: settings.cloud, login: cloud }, tools).get(target);
  if (line === undefined) throw refused(`There is no ${target}.`);
  const taken = (asked: string, { status, body }: HttpResponse): string => {
    if (status < 300) return body;
    throw refused(`${target} answers ${status} to ${asked}.`);
  };
  return {
    read: async (path: string): Promise<unknown> =>
      JSON.parse(taken(`GET ${path}`, await line.get(path))),
    change: async (method: string, path: string, body?: object): Promise<void> => {
      taken(`${method} ${path}`, await line.begin().send({ method, path, body }));
    },
  };
}

const refused = (why: string): LocalError =>
  new LocalError('LOCAL-CHILD', 'The stage could not be set.', { why });
