/** Volumes of two clouds in pairs of their arrays, made and unmade as an administrator would. */
import { type ArrayDesk, untilPairs } from './hbsd-array.ts';
import type { Centre, Stage } from './hbsd-stage.ts';

/** A volume that Cinder made, and its LDEV. */
export interface Twin {
  readonly id: string;
  readonly ldevId: number;
}

/** Ports of the scenario: FC with a host group for pair paths, iSCSI with a target for them. */
export const PAIR_FC = { portId: 'CL1-A', hostGroupNumber: 1 };
export const PAIR_ISCSI = { portId: 'CL1-B', hostGroupNumber: 1 };

export async function twin({ cloud, array }: Centre, more: object = {}): Promise<Twin> {
  const id = await cloud.create(more);
  const [ldev] = await array.labelled(id);
  if (ldev === undefined) throw new Error(`no LDEV has the label of ${id}`);
  return { id, ldevId: ldev.ldevId };
}

export async function addPath(array: ArrayDesk, ldevId: number, where = PAIR_FC): Promise<void> {
  await array.change('POST luns', { body: { ...where, ldevId } });
}

/** As `CL1-A/DRILLBOOK-PAIR`, in the order of the array. */
export async function pathsOf(array: ArrayDesk, ldevId: number): Promise<string[]> {
  const { ports } = await array.ldev(ldevId);
  return ports.map(({ portId, hostGroupName }) => `${portId}/${hostGroupName}`);
}

/** All of them, or those to one host group. */
export async function dropPaths(array: ArrayDesk, ldevId: number, only = ''): Promise<void> {
  for (const { portId, hostGroupNumber, hostGroupName, lun } of (await array.ldev(ldevId)).ports) {
    if (only !== '' && only !== `${portId}/${hostGroupName}`) continue;
    await array.change(`DELETE luns/${portId},${hostGroupNumber},${lun}`);
  }
}

const UR = 'HBSD-UR';
const REMOTE = `remote-mirror-copygroups/NotSpecified,${UR}`;

/** Volumes without paths get the pair path first. */
export async function mirror(
  { main, dr }: Stage,
  { pvol, svol }: { readonly pvol: Twin; readonly svol: Twin },
  more: object = {},
): Promise<void> {
  for (const [{ array }, { ldevId }] of [
    [main, pvol],
    [dr, svol],
  ] as const) {
    if ((await array.ldev(ldevId)).numOfPorts === 0) await addPath(array, ldevId);
  }
  await main.array.change('POST remote-mirror-copypairs', {
    peer: dr.array,
    body: {
      copyGroupName: UR,
      copyPairName: `${UR}-01`,
      replicationType: 'UR',
      remoteStorageDeviceId: dr.array.facts.storageDeviceId,
      pvolLdevId: pvol.ldevId,
      svolLdevId: svol.ldevId,
      isNewGroupCreation: true,
      muNumber: 1,
      pvolJournalId: 0,
      svolJournalId: 0,
      pathGroupId: 0,
      ...more,
    },
  });
  await untilMirrored({ main, dr });
}

/** Both halves are in PAIR. */
export async function untilMirrored({ main, dr }: Pick<Stage, 'main' | 'dr'>): Promise<void> {
  await untilPairs(main.array, `${REMOTE},${UR}P_,NotSpecified`, 'PAIR');
  await untilPairs(dr.array, `${REMOTE},${UR}S_,NotSpecified`, 'PAIR');
}

export async function unmirror({ main, dr }: Stage): Promise<void> {
  const id = `${dr.array.facts.storageDeviceId},${UR},${UR}P_,${UR}S_`;
  await main.array.change(`POST remote-mirror-copygroups/${id}/actions/split/invoke`, {
    peer: dr.array,
    body: { parameters: { replicationType: 'UR' } },
  });
  await main.array.change(`DELETE remote-mirror-copypairs/${id},${UR}-01`, { peer: dr.array });
}

const SI = 'HBSD-SI';
const LOCAL = `local-clone-copygroups/${SI},${SI}P_,${SI}S_`;

export async function clone({ array }: Centre, pvol: Twin, svol: Twin): Promise<void> {
  await addPath(array, svol.ldevId);
  await array.change('POST local-clone-copypairs', {
    body: {
      copyGroupName: SI,
      copyPairName: `${SI}-01`,
      replicationType: 'SI',
      pvolLdevId: pvol.ldevId,
      svolLdevId: svol.ldevId,
      isNewGroupCreation: true,
      isConsistencyGroup: true,
    },
  });
  await untilPairs(array, LOCAL, 'PAIR');
}

/** Takes the copy; by the time it returns it stands still. */
export async function splitClone({ array }: Centre): Promise<void> {
  const body = { parameters: { quickMode: true } };
  await array.change(`POST ${LOCAL}/actions/split/invoke`, { body });
  await untilPairs(array, LOCAL, 'PSUS');
}

export async function resyncClone({ array }: Centre): Promise<void> {
  await array.change(`POST ${LOCAL}/actions/resync/invoke`, { body: {} });
  await untilPairs(array, LOCAL, 'PAIR');
}

export async function unclone({ array }: Centre): Promise<void> {
  const [, id = ''] = LOCAL.split('/');
  await array.change(`DELETE local-clone-copypairs/${id},${SI}-01`);
}
