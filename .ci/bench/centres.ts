/** Two large centres as text, as somebody would hand them to `npm run twin`. */

export interface Scale {
  readonly groups: number;
  readonly pairs: number;
}

export const MAIN = '900000040014';
export const DR = '900000040015';
/** Pairs of a group; every group has as many, but for the first two. */
const GROUP_PAIRS = 50;
export const FIRST_USUAL = 2;
export const nameOf = (group: number): string => `CG${String(group).padStart(3, '0')}`;

const FIRST_JOURNAL = 60_000;

/** Of the groups the first has one pair and the second what that leaves over. */
function sizes({ groups, pairs }: Scale): number[] {
  const usual = Array.from({ length: groups - FIRST_USUAL }, () => GROUP_PAIRS);
  return [1, pairs - 1 - usual.length * GROUP_PAIRS, ...usual];
}

function arrayOf(id: string, storageDeviceId: string, { groups, pairs }: Scale) {
  const paths = [{ portId: 'CL1-A', hostGroupNumber: 1 }];
  const journals = Array.from({ length: groups }, (_, journalId) => ({
    journalId,
    ldevIds: [FIRST_JOURNAL + journalId],
  }));
  return {
    id,
    storageDeviceId,
    users: [{ user: 'admin', password: 'admin' }],
    hostGroups: [{ portId: 'CL1-A', hostGroupNumber: 1, hostGroupName: 'DRILLBOOK-PAIR' }],
    ranges: [{ firstLdevId: 0, count: pairs, sizeGiB: 10, label: 'VOL', paths }],
    ldevs: journals.flatMap(({ ldevIds }) => ldevIds.map((ldevId) => ({ ldevId, sizeGiB: 10 }))),
    journals,
  };
}

/** Every group has hosts of its own that write to all its volumes. JSON is YAML, too. */
export function centresOf(scale: Scale): string {
  let first = 0;
  const ranges = sizes(scale).map((count, i) => {
    const range = { name: nameOf(i), count, firstPvol: first, firstSvol: first };
    first += count;
    return range;
  });
  return JSON.stringify({
    topology: {
      seed: 'bench',
      arrays: [arrayOf('main', MAIN, scale), arrayOf('dr', DR, scale)],
      links: [
        { from: 'main', to: 'dr', megabytesPerSecond: 20_000 },
        { from: 'dr', to: 'main', megabytesPerSecond: 20_000 },
      ],
      groups: ranges.map(({ name, ...pairRange }, journal) => {
        const journals = { from: journal, to: journal };
        return { name, type: 'UR', from: 'main', to: 'dr', journals, pairRange };
      }),
      writers: ranges.map(({ name, firstPvol, count }) => ({
        name: `hosts-${name}`,
        array: 'main',
        ldevs: Array.from({ length: count }, (_, i) => firstPvol + i),
        recordsPerSecond: 20,
      })),
    },
  });
}
