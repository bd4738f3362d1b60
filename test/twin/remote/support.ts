/** Two or three arrays with copy groups between them, hosts that write, and short requests. */
import { type ManualClock, manualClock } from '../../../lib/clock.ts';
import { seededRandom } from '../../../lib/random.ts';
import type { History } from '../../../lib/twin/array/data/history.ts';
import { createWriters } from '../../../lib/twin/array/data/writers.ts';
import { historyOf } from '../../../lib/twin/array/parts.ts';
import { createFabric } from '../../../lib/twin/array/remote/fabric.ts';
import type { RoomMaker } from '../../../lib/twin/array/room.ts';
import { type Topology, topologySchema } from '../../../lib/twin/topology.ts';
import { type ArrayClient, DR, login, MAIN, type Sent, twoArrays } from '../array-support.ts';

export { DR, MAIN } from '../array-support.ts';
export const FAR = '900000040016';

const users = [
  { user: 'admin', password: 'admin-password' },
  { user: 'reader', password: 'reader-password', roles: ['view' as const] },
];
const paths = [{ portId: 'CL1-A', hostGroupNumber: 1 }];

/** `count` volumes of 10 GiB with an LU path, and a journal volume of 1 GiB at 900. */
function array(id: string, storageDeviceId: string, first: number, count = 8) {
  return {
    id,
    storageDeviceId,
    users,
    hostGroups: [{ portId: 'CL1-A', hostGroupNumber: 1, hostGroupName: 'DRILLBOOK-PAIR' }],
    ldevs: [
      ...Array.from({ length: count }, (_, i) => ({ ldevId: first + i, sizeGiB: 10, paths })),
      { ldevId: 900, sizeGiB: 1 },
      { ldevId: 901, sizeGiB: 1 },
      { ldevId: 902, sizeGiB: 5 },
    ],
    journals: [{ journalId: 1, ldevIds: [900] }],
    quorumDisks: [] as { quorumDiskId: number; ldevId: number; with: string }[],
  };
}

const link = (from: string, to: string) => ({ from, to });

export type Kind = 'UR' | 'TC' | 'GAD';

export interface PlanOptions {
  readonly type?: Kind;
  /** 0 = no group at all. */
  readonly pairs?: number;
  readonly fenceLevel?: 'DATA' | 'STATUS' | 'NEVER';
  readonly consistencyGroupId?: number;
  readonly delta?: boolean;
}

/** Group CG from main (1000 …) to DR (2000 …); hosts `app` write 40 records of 256 KiB a second. */
export function plan({ type = 'UR', pairs = 3, ...more }: PlanOptions = {}): Topology {
  const [main, dr] = [array('main', MAIN, 1000), array('dr', DR, 2000)];
  if (type === 'GAD') {
    main.quorumDisks = [{ quorumDiskId: 1, ldevId: 901, with: 'dr' }];
    dr.quorumDisks = [{ quorumDiskId: 1, ldevId: 901, with: 'main' }];
  }
  const extra = type === 'UR' ? { journals: { from: 1, to: 1 } } : {};
  const group = {
    name: 'CG',
    type,
    from: 'main',
    to: 'dr',
    ...extra,
    ...(type === 'GAD' ? { quorumDiskId: 1 } : {}),
    ...more,
    pairs: Array.from({ length: pairs }, (_, i) => ({
      name: `p${i}`,
      pvol: 1000 + i,
      svol: 2000 + i,
    })),
  };
  return topologySchema.parse({
    seed: 'remote',
    arrays: [main, dr],
    links: [link('main', 'dr'), link('dr', 'main')],
    groups: pairs === 0 ? [] : [group],
    writers: [{ name: 'app', array: 'main', ldevs: [1000, 1001, 1002], recordsPerSecond: 40 }],
  });
}

/** Main to near by TrueCopy, main to far by UR, and near to far waiting for the day. */
export function threeCentres(fenceLevel?: 'DATA' | 'NEVER'): Topology {
  const [main, near] = plan({ type: 'TC' }).arrays;
  if (main === undefined || near === undefined) throw new Error('no arrays');
  const far = {
    ...near,
    id: 'far',
    storageDeviceId: FAR,
    ldevs: near.ldevs.map((ldev) => ({
      ...ldev,
      ldevId: ldev.ldevId >= 2000 ? ldev.ldevId + 1000 : ldev.ldevId,
    })),
  };
  const both = ['main', 'dr', 'far'];
  const pairs = (pvol: number, svol: number) =>
    [0, 1, 2].map((i) => ({ name: `p${i}`, pvol: pvol + i, svol: svol + i }));
  const journals = { from: 1, to: 1 };
  return topologySchema.parse({
    seed: 'three',
    arrays: [main, near, far],
    links: both.flatMap((from) => both.filter((to) => to !== from).map((to) => ({ from, to }))),
    groups: [
      { name: 'CG', type: 'TC', fenceLevel, from: 'main', to: 'dr', pairs: pairs(1000, 2000) },
      { name: 'FAR', type: 'UR', from: 'main', to: 'far', journals, pairs: pairs(1000, 3000) },
      {
        name: 'WAIT',
        type: 'UR',
        from: 'dr',
        to: 'far',
        muNumber: 2,
        journals,
        delta: true,
        pairs: pairs(2000, 3000),
      },
    ],
    writers: plan().writers,
  });
}

/** Sessions end after 300 idle seconds. */
const STEP = 290;

export type Rig = Awaited<ReturnType<typeof rig>>;

/** The hosts had been writing for a thousand seconds when a rig is made; `more` = other rooms. */
export async function rig(
  topology: Topology = plan(),
  clock: ManualClock = manualClock(),
  more: () => readonly RoomMaker[] = () => [],
) {
  const startedAt = clock.now() - 1_000_000;
  const writers = createWriters(topology.writers, startedAt);
  const fabric = createFabric(topology, { clock, random: seededRandom('remote'), writers });
  const arrays = twoArrays({
    clock,
    topology,
    rooms: (id) => [fabric.room(id), ...more()],
    writers,
  });
  const settle = () => fabric.settle(clock.now());
  settle();
  const admin = { main: await login(arrays.main), dr: await login(arrays.dr) };
  return {
    ...arrays,
    fabric,
    writers,
    topology,
    admin,
    /** Time passes; the sessions are kept alive and nothing is looked at meanwhile. */
    pass(seconds: number) {
      for (let left = seconds; left > 0; left -= STEP) {
        clock.advance(Math.min(left, STEP) * 1000);
        for (const { array, token } of [admin.main, admin.dr]) {
          array.parts.sessions.require(token, clock.now());
        }
      }
      settle();
    },
    /** What a volume holds now. */
    history(id: string, ldevId: number): History {
      settle();
      const parts = arrays.arrays.get(id)?.parts;
      if (parts === undefined) throw new Error(`no array ${id}`);
      return historyOf(parts, ldevId, clock.now());
    },
  };
}

type Site = 'main' | 'dr';
const OTHER = { main: 'dr', dr: 'main' } as const;
const SID = { main: MAIN, dr: DR } as const;
const DEVICES = { main: 'CGP_', dr: 'CGS_' } as const;

/** The id of group CG (or of a pair in it) as seen from a site, in full or local form. */
export function groupId(site: Site, form: 'full' | 'local' = 'full', pair?: string): string {
  const far = OTHER[site];
  const [sid, device] =
    form === 'full' ? [SID[far], DEVICES[far]] : ['NotSpecified', 'NotSpecified'];
  return [sid, 'CG', DEVICES[site], device, ...(pair === undefined ? [] : [pair])].join(',');
}

/** The second credential: a session of the other array. */
export const remoteOf = (rig: Rig, site: Site) => ({
  'remote-authorization': rig.admin[OTHER[site]].token,
});

export type Parameters = Readonly<Record<string, unknown>>;

/** Sends an action of group CG to a site and waits for the job. */
export async function act(
  rig: Rig,
  [site, action]: readonly [Site, 'split' | 'resync' | 'takeover'],
  parameters: Parameters,
  how: { readonly form?: 'full' | 'local'; readonly pair?: string } = {},
): Promise<Sent> {
  const form = how.form ?? 'full';
  const objects = how.pair === undefined ? 'remote-mirror-copygroups' : 'remote-mirror-copypairs';
  return await rig.admin[site].done(
    'POST',
    `${objects}/${groupId(site, form, how.pair)}/actions/${action}/invoke`,
    { parameters },
    form === 'full' ? remoteOf(rig, site) : {},
  );
}

/** `P/S` of every pair, with both halves as each array tells of itself. */
export async function states(rig: Rig): Promise<string[]> {
  const half = async (client: ArrayClient, site: Site, name: string) => {
    const { status, body } = await client.get(`remote-mirror-copygroups/${groupId(site, 'local')}`);
    const found = status === 200 ? body.copyPairs : [];
    return new Map<string, string>(
      found.map((pair: Record<string, string>) => [pair['copyPairName'], pair[name]]),
    );
  };
  const group = rig.fabric.group('CG');
  const from = group?.direction.from === 'dr' ? 'dr' : 'main';
  const [p, s] = [
    await half(rig.admin[from], from, 'pvolStatus'),
    await half(rig.admin[OTHER[from]], OTHER[from], 'svolStatus'),
  ];
  return (group?.pairs ?? []).map(
    ({ name }) => `${p.get(name) ?? 'SMPL'}/${s.get(name) ?? 'SMPL'}`,
  );
}

/** The one state that all pairs are in. */
export async function state(rig: Rig): Promise<string> {
  return [...new Set(await states(rig))].join(' ') || 'SMPL/SMPL';
}

/** The journal of a site as `journalInfo=basic` shows it. */
export async function journal(rig: Rig, site: Site): Promise<Record<string, never>> {
  const { body } = await rig.admin[site].get('journals?journalInfo=basic');
  return body.data.find(({ journalId }: { journalId: number }) => journalId === 1);
}
