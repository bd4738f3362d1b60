/** LU paths: which LDEV hosts of a host group see under which number. */
import * as z from 'zod';
import type { HostGroup } from '../mapping.ts';
import type { Call, Parts } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { bad, type ErrorWords, missing, refusedWith, rejected, wished } from '../wire.ts';
import { groupAsked, groupOf, hostGroupId } from './host-groups.ts';
import { attributesOf } from './ldev-view.ts';

const roles = ['provisioning'] as const;

export const lunRoutes: ObjectRoutes = {
  type: 'luns',
  list: (parts, call) => {
    const group = groupAsked(parts, call);
    const basic = flag(call, 'isBasicLunInformation');
    const luns = Object.entries(group?.luns ?? {});
    return {
      data: luns.flatMap(([lun, ldevId]) =>
        group === undefined ? [] : [lunView(parts, group, { lun: Number(lun), ldevId, basic })],
      ),
    };
  },
  one: (parts, { ids }) => {
    const { group, lun, ldevId } = pathOf(parts, ids);
    return lunView(parts, group, { lun, ldevId, basic: false });
  },
  create: { change: addPaths, roles },
  remove: { change: dropPath, roles },
};

function flag({ query }: Call, name: string): boolean {
  const text = (query.get(name) ?? 'false').toLowerCase();
  if (text !== 'true' && text !== 'false') throw bad(`The value of ${name} is not valid.`);
  return text === 'true';
}

interface Lun {
  readonly lun: number;
  readonly ldevId: number;
  readonly basic: boolean;
}

function lunView(parts: Parts, group: HostGroup, { lun, ldevId, basic }: Lun) {
  const { portId, hostGroupNumber, hostMode, hostModeOptions } = group;
  const same = { lunId: `${hostGroupId(group)},${lun}`, portId, hostGroupNumber };
  const attributes = parts.ldevs.find(ldevId)?.attributes ?? [];
  if (basic) return { ...same, lun, ldevId };
  return {
    ...same,
    hostMode,
    lun,
    ldevId,
    isCommandDevice: attributes.includes('CMD'),
    luHostReserve: {
      openSystem: false,
      persistent: false,
      pgrKey: false,
      mainframe: false,
      acaReserve: false,
    },
    ...(hostModeOptions.length === 0 ? {} : { hostModeOptions }),
  };
}

function pathOf(parts: Parts, ids: readonly string[]) {
  const group = groupOf(parts, ids);
  const lun = Number(ids[2]);
  const ldevId = group.luns[lun];
  if (ids.length !== 3 || ldevId === undefined) throw missing(`LUN ${ids.join(',')}`);
  return { group, lun, ldevId };
}

const createSchema = z
  .strictObject({
    portId: z.string().optional(),
    portIds: z.array(z.string()).min(1).max(6).optional(),
    hostGroupNumber: z.int().min(0).max(254),
    ldevId: z.int().min(0).max(65_279),
    lun: z.int().min(0).max(2047).optional(),
  })
  .refine(
    ({ portId, portIds }) => (portId === undefined) !== (portIds === undefined),
    'Either portId or portIds is required.',
  );

/** Several ports: the same number in the group of the same number on each of them. */
function addPaths(parts: Parts, { body }: Call): Changed {
  const wish = wished(createSchema, body);
  const { hostGroupNumber, ldevId } = wish;
  const ports = wish.portIds ?? [wish.portId ?? ''];
  const groups = ports.map((port) => groupOf(parts, [port, String(hostGroupNumber)]));
  const ldev = parts.ldevs.find(ldevId);
  if (ldev === undefined) throw missing(`LDEV ${ldevId}`);
  const inner = attributesOf(parts, ldev).find((word) => ['JNL', 'POOL'].includes(word));
  if (inner !== undefined) return refuse(rejected(`The LDEV is a ${inner} volume.`));
  const lun = wish.lun ?? commonFree(parts, groups);
  if (lun === undefined) return refuse(rejected('No LUN is free.'));
  for (const group of groups) {
    const why = taken(group, lun, ldevId);
    if (why !== undefined) return refuse(why);
  }
  for (const group of groups) parts.mapping.map(group, lun, ldevId);
  return { affected: groups.map((group) => `luns/${hostGroupId(group)},${lun}`) };
}

const refuse = (refused: ErrorWords): Changed => ({ affected: [], refused });

function commonFree({ mapping }: Parts, groups: readonly HostGroup[]): number | undefined {
  let lun = 0;
  for (;;) {
    const next = Math.max(...groups.map((group) => mapping.freeLun(group, lun) ?? Infinity));
    if (next === Number.POSITIVE_INFINITY) return undefined;
    if (next === lun) return lun;
    lun = next;
  }
}

function taken({ luns }: HostGroup, lun: number, ldevId: number): ErrorWords | undefined {
  if (Object.values(luns).includes(ldevId)) {
    return refusedWith('B958-015A', 'The LU path is already defined.', `LDEV ${ldevId}`);
  }
  const other = luns[lun];
  return other === undefined
    ? undefined
    : refusedWith('B958-0947', 'Another LDEV is mapped to the LUN.', `LDEV ${other}`);
}

/** Also of a volume in a pair: real arrays were read to allow it, and only to refuse its deletion. */
function dropPath(parts: Parts, { ids, body }: Call): Changed {
  wished(z.strictObject({}), body);
  const { group, lun } = pathOf(parts, ids);
  parts.mapping.unmap(group, lun);
  return { affected: [`luns/${ids.join(',')}`] };
}
