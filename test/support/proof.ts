/** What must be true of the twin after a run, whatever happened on the way. */
import type { Config, Service } from '../../lib/config.ts';
import { neutronPaths, novaPaths } from '../../lib/openstack/paths.ts';
import { boundOf } from '../../lib/runbook/bound.ts';
import { type Plan, planSchema } from '../../lib/runbook/plan.ts';
import type { Bank } from './bank.ts';

export const serviceOf = (config: Config, id: string): Service => {
  const found = config.services.find((service) => service.id === id);
  if (found === undefined) throw new Error(`no service ${id}`);
  return found;
};

/** Effects that the twin accepted more than once: none, if every call was sent at most once. */
export function repeated({ world }: Bank): string[] {
  const counts = new Map<string, number>();
  for (const { site, target, method, path, bodyHash } of world.effects) {
    if (/sessions|tokens/.test(path)) continue;
    const name = [site, target, method, path, bodyHash].join(' ');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([name, count]) => `${count} x ${name}`);
}

/** Changes at a site, sessions left out. */
export const changesAt = ({ world }: Bank, site: string) =>
  world.effects.filter((effect) => effect.site === site && !/sessions/.test(effect.path));

/** Samples in which the remote copy of a service was neither PAIR nor PFUL. */
export const suspended = ({ world }: Bank) =>
  world.samples.filter(({ pvolStatus, svolStatus }) =>
    [pvolStatus, svolStatus].some((state) => !['PAIR', 'PFUL'].includes(state)),
  );

export async function planOf(bank: Bank, run: string): Promise<Plan> {
  const resolved = (await bank.events(run)).find(({ type }) => type === 'plan.resolved');
  const blob = resolved?.evidence.find(({ label }) => label === 'plan');
  if (blob === undefined) throw new Error(`${run} has no plan`);
  return planSchema.parse(JSON.parse((await bank.blobs.get(blob.sha256)).toString('utf8')));
}

/** What a drill of this service left behind, in words; empty when nothing. */
export async function residue(bank: Bank, run: string): Promise<string[]> {
  const plan = await planOf(bank, run);
  const { volumes = [], clone, sites } = boundOf(plan.facts);
  const { to } = serviceOf(bank.config, plan.service.id).replication;
  const cloud = sites[to]?.cloud ?? '';
  const array = `array:${sites[to]?.storageDeviceId}`;
  const { network } = serviceOf(bank.config, plan.service.id).drill;
  const { servers } = await readAt(bank, to, [`nova:${cloud}`, novaPaths.servers]);
  const { ports } = await readAt(bank, to, [`neutron:${cloud}`, neutronPaths.ports(network)]);
  const found: string[] = servers.map((server: { name: string }) => `server ${server.name}`);
  for (const port of ports) {
    if (port.device_owner !== 'network:dhcp') found.push(`port ${port.name}`);
  }
  for (const { copyVolume, copyLdev } of volumes) {
    const { volume } = await readAt(bank, to, [`cinder:${cloud}`, `/volumes/${copyVolume}`]);
    if (volume.status !== 'maintenance') found.push(`volume ${copyVolume} is ${volume.status}`);
    const embedded = sites[to]?.api === 'embedded';
    const objects = embedded ? '/v1/objects' : `/v1/objects/storages/${sites[to]?.storageDeviceId}`;
    const ldev = await readAt(bank, to, [array, `${objects}/ldevs/${copyLdev}`]);
    if (ldev.numOfPorts > 1) found.push(`LDEV ${copyLdev} has ${ldev.numOfPorts} paths`);
  }
  const last = bank.world.samples.findLast((sample) => sample.service === plan.service.id);
  const wanted = `PAIR ${clone?.pairs.length ?? 0}`;
  if (last?.copies !== wanted) found.push(`copies are ${last?.copies}, not ${wanted}`);
  return found;
}

async function readAt(bank: Bank, site: string, [target, path]: [string, string]) {
  const receipt = await bank.worker.engine.gateways.get(site)?.read(target, path);
  return JSON.parse(receipt?.body ?? '{}');
}

/** Intents that were journaled while an earlier one for the same call was still open. */
export async function doubleIntents(bank: Bank, run: string): Promise<string[]> {
  const open = new Map<string, number>();
  const found: string[] = [];
  for (const event of await bank.events(run)) {
    if (event.type === 'intent') {
      const { call, attempt } = event.data;
      if (open.has(call)) found.push(`${call}: ${open.get(call)} and ${attempt}`);
      open.set(call, attempt);
    }
    if (event.type === 'outcome') open.delete(event.data.call);
  }
  return found;
}
