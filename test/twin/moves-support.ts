/** Production of payments moved between two simulated centres, by the requests a gateway would make. */
import type { ManualClock } from '../../lib/clock.ts';
import type { World } from '../../lib/twin/world.ts';
import { bench, cloudCaller, login, type Sent } from './world-support.ts';

type End = 'main' | 'dr';
const OTHER = { main: 'dr', dr: 'main' } as const;
const DEVICES = { main: 'PAY01P_', dr: 'PAY01S_' } as const;
const PAYMENTS = 'payments';
export const UR = { replicationType: 'UR' };
export const SWAP = { ...UR, doSwapSvol: true };

type Caller = Awaited<ReturnType<typeof cloudCaller>>;

export interface Production {
  readonly world: World;
  readonly clock: ManualClock;
  readonly cloud: Readonly<Record<End, Caller>>;
}

/** A fresh twin that has run for a while. */
export async function production(): Promise<Production> {
  const { world, clock } = bench();
  clock.advance(60_000);
  return { world, clock, cloud: await clouds(world) };
}

/** Logged in at both; a token lives for an hour. */
export async function clouds(world: World): Promise<Production['cloud']> {
  const at = (end: End) => {
    const { userName = '', password = '', projectName = '' } = world.credentials.clouds[end] ?? {};
    return cloudCaller(world, end, { name: userName, password, projectName });
  };
  return { main: await at('main'), dr: await at('dr') };
}

export const service = (world: World) => {
  const [found] = world.map.services;
  if (found === undefined) throw new Error('no service');
  return found;
};

/** The id of the copy group as one side sees it: in full, or in the form that needs no other side. */
function groupId({ world }: Production, end: End, form: 'full' | 'local'): string {
  const far = OTHER[end];
  const sid = world.topology.arrays.find(({ id }) => id === far)?.storageDeviceId ?? '';
  const [there, device] = form === 'full' ? [sid, DEVICES[far]] : ['NotSpecified', 'NotSpecified'];
  return [there, service(world).group, DEVICES[end], device].join(',');
}

/** An action on the group, with sessions of its own; waits for the end of its job. */
export async function act(
  bank: Production,
  [end, action]: readonly [End, 'split' | 'resync' | 'takeover'],
  parameters: object,
  form: 'full' | 'local' = 'full',
): Promise<Sent> {
  const here = await login(bank.world, end);
  const path = `/v1/objects/remote-mirror-copygroups/${groupId(bank, end, form)}`;
  const far = form === 'full' ? await login(bank.world, OTHER[end]) : undefined;
  return await here.send('POST', `${path}/actions/${action}/invoke`, {
    body: { parameters },
    headers: {
      'response-job-status': 'Completed;',
      'response-max-wait': '1800',
      'job-mode-wait-configuration-change': 'NoWait',
      ...(far === undefined ? {} : { 'remote-authorization': far.token }),
    },
  });
}

/** What one side tells of its own half. */
export async function half(bank: Production, end: End) {
  const array = await login(bank.world, end);
  const { body } = await array.get(
    `/v1/objects/remote-mirror-copygroups/${groupId(bank, end, 'local')}`,
  );
  return body.copyPairs;
}

export async function journal(bank: Production, end: End) {
  const array = await login(bank.world, end);
  const { body } = await array.get('/v1/objects/journals?journalInfo=basic');
  const { masterJournalId, restoreJournalId } = service(bank.world);
  const wanted = end === 'main' ? masterJournalId : restoreJournalId;
  return body.data.find(({ journalId }: { journalId: number }) => journalId === wanted);
}

const serversAt = async (bank: Production, end: End) => {
  const { servers } = (await bank.cloud[end]('GET /compute/v2.1/servers')).body;
  return servers.filter(({ name }: { name: string }) => name.startsWith('pay-'));
};

export async function power(bank: Production, end: End, action: 'os-stop' | 'os-start') {
  for (const { id } of await serversAt(bank, end)) {
    await bank.cloud[end](`POST /compute/v2.1/servers/${id}/action`, { [action]: null });
  }
  bank.clock.advance(10_000);
}

/** Boots every server of payments at DR from the volumes whose LDEVs are the S-VOLs. */
export async function bootAtDr(bank: Production): Promise<void> {
  const { world, cloud, clock } = bank;
  const project = world.credentials.clouds['dr']?.projectId;
  const { volumes } = service(world);
  const spec = world.config.services.find(({ id }) => id === PAYMENTS);
  const { flavors } = (await cloud.dr('GET /compute/v2.1/flavors/detail')).body;
  for (const { name, flavor, nics } of spec?.servers ?? []) {
    const own = volumes.filter(({ server }) => server === name);
    for (const { drVolumeId } of own) {
      const body = { 'os-reset_status': { status: 'available' } };
      await cloud.dr(`POST /volume/v3/${project}/volumes/${drVolumeId}/action`, body);
    }
    const fixed = { mac_address: nics[0]?.mac, fixed_ips: [{ ip_address: nics[0]?.ip }] };
    const made = await cloud.dr('POST /network/v2.0/ports', {
      port: { network_id: spec?.networks?.['dr'], name, ...fixed },
    });
    await cloud.dr('POST /compute/v2.1/servers', {
      server: {
        name,
        flavorRef: flavors.find((one: { name: string }) => one.name === flavor).id,
        networks: [{ port: made.body.port.id }],
        block_device_mapping_v2: own.map(({ drVolumeId }, place) => ({
          boot_index: place === 0 ? 0 : null,
          uuid: drVolumeId,
          source_type: 'volume',
          destination_type: 'volume',
          delete_on_termination: false,
        })),
      },
    });
    clock.advance(20_000);
    // Whoever boots servers looks whether they are up.
    await cloud.dr('GET /compute/v2.1/servers');
  }
}

/** What a server of payments answers to its monitoring. */
export async function health({ world }: Production, end: End): Promise<number> {
  const url = 'http://10.90.1.11:8080/health';
  const probe = end === 'main' ? world.homeProbe : world.probe;
  return (await probe({ method: 'GET', url, headers: {} })).status;
}
