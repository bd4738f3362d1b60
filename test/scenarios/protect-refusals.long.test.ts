/** What a twin volume cannot be made of is refused by name, before anything is changed anywhere. */
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { Http } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { newDisk, withoutBeatsOf } from '../support/grown.ts';
import { changesAt } from '../support/proof.ts';

type Json = Record<string, unknown>;
/** What answers of a site to GETs of such a path say otherwise. */
interface Trouble {
  readonly site: string;
  readonly path: RegExp;
  readonly change: (body: Json) => Json;
}

let bank: Bank;
let volume = '';
let trouble: Trouble | undefined;

const between =
  (site: string, http: Http): Http =>
  async (request) => {
    const answer = await http(request);
    const { pathname } = new URL(request.url);
    if (trouble?.site !== site || request.method !== 'GET' || !trouble.path.test(pathname)) {
      return answer;
    }
    return { ...answer, body: JSON.stringify(trouble.change(JSON.parse(answer.body))) };
  };

const ended = ({ state }: Head) => state === 'ended' || state === 'awaiting-approval';
const asked = async (runbook: string, told?: Trouble): Promise<string> => {
  trouble = told;
  const head = await bank.drive(await bank.ask(`run ${runbook} loans`), ended, false);
  trouble = undefined;
  return head.result?.reasons.join() ?? head.state;
};

const volumeAt = (site: string, more: Json): Trouble => ({
  ...{ site, path: /\/volumes\/[0-9a-f-]{36}$/ },
  change: ({ volume: one }) => ({ volume: { ...(one as Json), ...more } }),
});
const listed = (path: RegExp, site: string, change: (body: Json) => Json): Trouble => {
  return { site, path, change };
};

const conditions: readonly (readonly [string, Trouble, RegExp])[] = [
  ['ACT-TWIN-ENCRYPTED', volumeAt('main', { encrypted: true }), /opened with another key/],
  [
    'ACT-TWIN-TERMINATION',
    listed(/\/servers\/[0-9a-f-]{36}$/, 'main', ({ server }) => {
      const own = { ...(server as Json) };
      const disks = own['os-extended-volumes:volumes_attached'] as Json[];
      const lost = disks.map((disk) => ({ ...disk, delete_on_termination: true }));
      return { server: { ...own, 'os-extended-volumes:volumes_attached': lost } };
    }),
    /deleted server takes it along/,
  ],
  [
    'ACT-TWIN-ROOM',
    listed(/\/limits$/, 'dr', () => {
      const used = { totalVolumesUsed: 10, totalGigabytesUsed: 900 };
      const absolute = { ...used, maxTotalVolumes: 11, maxTotalVolumeGigabytes: 1000 };
      return { limits: { absolute } };
    }),
    /2 volumes of quota, 1 are left/,
  ],
  [
    'ACT-TWIN-ROOM',
    listed(/\/pools$/, 'dr', () => ({ data: [{ poolId: 0, availableVolumeCapacity: 1024 }] })),
    /50 GiB in a pool, 1 are left/,
  ],
  ['ACT-TWIN-TYPE', volumeAt('main', { volume_type: 'tier-0' }), /tier-0/],
  [
    'ACT-TWIN-PATH',
    listed(/\/host-groups$/, 'main', () => ({ data: [] })),
    /No host group DRILLBOOK… at main/,
  ],
  [
    'ACT-TWIN-LABEL',
    listed(/\/ldevs$/, 'main', () => ({ data: [] })),
    /0 LDEVs at main carry its id/,
  ],
];

beforeAll(async () => {
  bank = await openBank({ sparing: true, between, edit: withoutBeatsOf });
  volume = await newDisk(bank);
});
afterAll(() => bank.close());

describe('a condition of twin volumes that does not hold', () => {
  it.each(conditions)('%s', async (code, told, why) => {
    const reason = await asked('protect-volumes', told);
    expect(reason).toContain(code);
    expect(reason).toMatch(why);
    expect(changesAt(bank, 'dr')).toEqual([]);
  });
});

test('pairs are not planned before there are volumes', async () => {
  expect(await asked('protect')).toContain(`DR volume of ${volume} does not exist`);
  expect(await asked('protect-volumes')).toBe('awaiting-approval');
});
