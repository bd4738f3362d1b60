/**
 * Where the gateway itself stands. A gateway that lives on the array or in the cloud that it protects
 * is gone in the very moment in which it is needed.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Target } from '../../server/targets/target.ts';
import { type Finding, fault, fine, warning } from './finding.ts';

export interface HostFacts {
  /** DMI: who made this machine, and its own number. Empty where it cannot be read. */
  readonly vendor: string;
  readonly product: string;
  readonly uuid: string;
  /** Disks with the vendor and the world wide name that they show. */
  readonly disks: readonly {
    readonly name: string;
    readonly vendor: string;
    readonly wwid: string;
  }[];
}

/** `sys` is the root of sysfs. */
export async function readHost(sys: string): Promise<HostFacts> {
  const read = (...path: string[]) =>
    readFile(join(sys, ...path), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const dmi = (name: string) => read('class', 'dmi', 'id', name);
  const names = await readdir(join(sys, 'block')).catch(() => []);
  const disks = names.map(async (name) => ({
    name,
    vendor: await read('block', name, 'device', 'vendor'),
    wwid: await read('block', name, 'device', 'wwid'),
  }));
  return {
    vendor: await dmi('sys_vendor'),
    product: await dmi('product_name'),
    uuid: (await dmi('product_uuid')).toLowerCase(),
    disks: await Promise.all(disks),
  };
}

/** `nova` asks the cloud whether this machine is one of its servers. */
export async function checkHost(
  host: HostFacts,
  { arrays, nova }: { readonly arrays: readonly string[]; readonly nova: Pick<Target, 'get'> },
): Promise<readonly Finding[]> {
  const troubles = [...diskFindings(host, arrays), ...(await guestFindings(host, nova))];
  if (troubles.length > 0) return troubles;
  const machine = [host.vendor, host.product].filter((text) => text !== '').join(' ');
  return [fine('host', `It stands on ${machine || 'a machine that does not say what it is'}.`)];
}

function diskFindings({ disks }: HostFacts, arrays: readonly string[]): Finding[] {
  return disks
    .filter(({ vendor }) => /^hitachi$/i.test(vendor))
    .map(({ name, wwid }) => {
      const array = arrays.find((id) => isOf(wwid, id));
      if (array === undefined) {
        const what = `Its disk ${name} lies on a Hitachi array, as far as can be seen another one.`;
        return warning({ about: 'host', code: 'GW-HOST', what });
      }
      const what = `Its disk ${name} is a volume of array ${array}, which this gateway protects.`;
      return fault({ about: 'host', code: 'GW-HOST', what });
    });
}

/** `naa.60060e80…` carries the array's serial number in hex; an id is model (6 digits) and serial. */
function isOf(wwid: string, storageDeviceId: string): boolean {
  const serial = Number(storageDeviceId.slice(6)).toString(16);
  return serial.length >= 4 && wwid.toLowerCase().includes(serial);
}

async function guestFindings(host: HostFacts, nova: Pick<Target, 'get'>): Promise<Finding[]> {
  if (!/openstack/i.test(`${host.vendor} ${host.product}`)) return [];
  const about = 'host';
  const status = await nova.get(`/servers/${host.uuid || 'unknown'}`).then(
    (answer) => (host.uuid === '' ? 0 : answer.status),
    () => 0,
  );
  if (status === 200) {
    const what = `It is server ${host.uuid} of the cloud that it protects.`;
    return [fault({ about, code: 'GW-HOST', what })];
  }
  if (status === 404) {
    const what = 'It is a server of an OpenStack cloud, but not of this one.';
    return [warning({ about, code: 'GW-HOST', what })];
  }
  const what =
    'It is a server of an OpenStack cloud, and this one does not say whether it is its own.';
  return [fault({ about, code: 'GW-HOST', what })];
}
