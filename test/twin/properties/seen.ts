/** Everything that REST shows of centres at one instant, of each array that answers. */
import { FIRST, SERIALS, type Site } from './plans.ts';
import { answersAt, ask, type Rig, sitesOf } from './rig.ts';

export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface PairSeen extends Fields {
  readonly copyPairName: string;
  readonly replicationType: 'UR' | 'TC' | 'GAD';
}

export interface GroupSeen {
  readonly remoteMirrorCopyGroupId: string;
  readonly copyGroupName: string;
  readonly localDeviceGroupName: string;
  readonly copyPairs: readonly PairSeen[];
}

export interface LdevSeen {
  readonly ldevId: number;
  readonly attributes: readonly string[];
}

interface Named {
  readonly copyGroupName: string;
  readonly pvolDeviceGroupName: string;
  readonly svolDeviceGroupName: string;
}

export interface ClonePairSeen extends Fields {
  readonly pvolLdevId: number;
  readonly svolLdevId: number;
}

/** One array. */
export interface View {
  /** Copy groups with both halves, by name; only those whose other array answers. */
  readonly full: Readonly<Record<string, GroupSeen>>;
  /** What it says of its own halves when nobody else is asked. */
  readonly local: Readonly<Record<string, GroupSeen>>;
  /** The list without copy groups. */
  readonly bound: readonly Fields[];
  readonly ldevs: readonly LdevSeen[];
  readonly journals: readonly Fields[];
  readonly paths: readonly Fields[];
  readonly clones: readonly { readonly copyPairs: readonly ClonePairSeen[] }[];
  readonly snapshots: readonly { readonly snapshots: readonly ClonePairSeen[] }[];
}

export type Seen = Readonly<Partial<Record<Site, View>>>;

export async function see(rig: Rig): Promise<Seen> {
  const views = sitesOf(rig)
    .filter((site) => answersAt(rig, site))
    .map(async (site) => [site, await viewOf(rig, site)]);
  return Object.fromEntries(await Promise.all(views));
}

async function viewOf(rig: Rig, site: Site): Promise<View> {
  const get = async (path: string, remote?: Site) => {
    const answer = await ask(rig, { site, method: 'GET', path, remote });
    if (answer?.status !== 200) throw new Error(`${site} ${path}: ${answer?.text}`);
    return answer.body;
  };
  const peers = sitesOf(rig).filter((other) => other !== site && answersAt(rig, other));
  const groups: GroupSeen[] = [];
  for (const peer of peers) {
    const query = `remoteStorageDeviceId=${SERIALS[peer]}&detailInfoType=pair`;
    groups.push(...(await get(`remote-mirror-copygroups?${query}`, peer)).data);
  }
  const clones: Named[] = (await get('local-clone-copygroups')).data;
  const snapshots: { snapshotGroupName: string }[] = (await get('snapshot-groups')).data;
  return {
    full: Object.fromEntries(groups.map((group) => [group.copyGroupName, group])),
    local: await localGroups(rig, site),
    bound: await boundTo(get, FIRST[site]),
    ldevs: (await get('ldevs?ldevOption=defined&count=100')).data,
    journals: (await get('journals?journalInfo=basic')).data,
    paths: (await get('remotepath-groups')).data,
    clones: await Promise.all(
      clones.map((one) => {
        const { copyGroupName, pvolDeviceGroupName, svolDeviceGroupName } = one;
        const id = [copyGroupName, pvolDeviceGroupName, svolDeviceGroupName].join(',');
        return get(`local-clone-copygroups/${id}`);
      }),
    ),
    snapshots: await Promise.all(
      snapshots.map(({ snapshotGroupName }) => get(`snapshot-groups/${snapshotGroupName}`)),
    ),
  };
}

/** Local ids are built from the names that groups were given. */
async function localGroups(rig: Rig, site: Site): Promise<Record<string, GroupSeen>> {
  const found: Record<string, GroupSeen> = {};
  for (const { state } of rig.inside.fabric.groupsAt(site)) {
    const id = `NotSpecified,${state.name},${state.deviceGroups[site]},NotSpecified`;
    const answer = await ask(rig, { site, method: 'GET', path: `remote-mirror-copygroups/${id}` });
    if (answer?.status === 200) found[state.name] = answer.body;
  }
  return found;
}

async function boundTo(get: (path: string) => Promise<{ data: Fields[] }>, head: number) {
  const lists = ['TC', 'UR', 'GAD'].map(async (type) => {
    return (await get(`remote-copypairs?replicationType=${type}&headLdevId=${head}`)).data;
  });
  return (await Promise.all(lists)).flat();
}
