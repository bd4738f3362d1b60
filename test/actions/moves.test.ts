/** The sides of a copy change through two gateways, and the twin arrays show what came of it. */
import { afterEach, expect, it } from '@jest/globals';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, putByHand, repaired } from '../support/moves.ts';
import { changesAt } from '../support/proof.ts';
import { login } from '../twin/world-support.ts';

let bank: Bank;
afterEach(() => bank.close());

const group = `group: "\${{ service.replication.group }}"`;
const [from, to] = ['from', 'to'].map((end) => `"\${{ service.replication.${end} }}"`);
const at = (site: string | undefined) => `site: ${site}, servers: "\${{ service.servers }}"`;

/** A runbook of these steps, in the place of one that the shelf knows. */
const runbook = (steps: string) => () =>
  `runbook: copies-resync
title: { ko: 시험, en: Probe }
drillType: planned-switch
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 120m, runWithin: 8h }
steps:${steps}`;

const stop = `
  - id: stop
    uses: servers/stop
    with: { ${at(from)} }
    undo: { uses: servers/start, with: { ${at(from)} } }`;
const fence = `
  - id: fence
    uses: paths/remove
    with: { ${group}, site: ${from} }
    undo: { uses: paths/restore, with: { ${group}, site: ${from} } }`;
const swap = `
  - id: swap
    uses: replication/swap
    with: { ${group}, to: ${to} }
    undo: { uses: replication/swap, with: { ${group}, to: ${from} } }`;
const drain = `
  - { id: drain, uses: replication/drain, with: { ${group} } }`;
/** Waits for something that never comes, and says so soon. */
const never = `
  - id: never
    uses: check/all
    with: { checks: "\${{ service.checks }}" }
    within: 10s
    on-failure: undo`;
const look = `
  - { id: look, uses: people/confirm, with: { role: dba }, within: 60m }`;
const reverse = `
  - { id: reverse, uses: replication/reverse, with: { ${group}, active: ${to} } }`;

const probe = (steps: string) =>
  openBank({ sparing: true, edit: { 'runbooks/copies-resync.yml': runbook(steps) } });

const SID = { main: '900000040014', dr: '900000040015' };
type Site = keyof typeof SID;
const half = (site: Site) =>
  `NotSpecified,LOAN01,LOAN01${site === 'main' ? 'P' : 'S'}_,NotSpecified`;
const objects = (site: Site, rest: string) => `/v1/objects/storages/${SID[site]}/${rest}`;

/** `P PAIR` or `S SSWS`, once each: the half of the group as its own array shows it. */
async function side(site: Site): Promise<string> {
  const array = await login(bank.world, site);
  const { body } = await array.get(objects(site, `remote-mirror-copygroups/${half(site)}`));
  const states = body.copyPairs.map((pair: Record<string, string>) =>
    pair['pvolStatus'] === undefined ? `S ${pair['svolStatus']}` : `P ${pair['pvolStatus']}`,
  );
  return [...new Set<string>(states)].sort().join();
}

/** Host groups that lead to the volumes of the service at main. */
async function hostsAtMain(): Promise<string[]> {
  const array = await login(bank.world, 'main');
  const found = await Promise.all(
    [1200, 1201, 1202].map(async (ldev) => {
      const { body } = await array.get(objects('main', `ldevs/${ldev}`));
      return (body.ports ?? []).map(
        (one: Record<string, unknown>) => `${ldev} ${one['hostGroupName']} ${one['lun']}`,
      );
    }),
  );
  return found.flat();
}

const sentAt = (site: Site) =>
  changesAt(bank, site)
    .filter(({ path }) => path.startsWith('/v1/'))
    .map(({ method, path }) => `${method} ${path.replace(objects(site, ''), '')}`);

it('exchanges the sides after a drain, and back with another exchange', async () => {
  bank = await probe(stop + fence + drain + swap + never);
  const before = await hostsAtMain();
  const run = await ordered(bank, 'copies-resync', 'loans');
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([head.pause, head.result?.result]).toEqual([undefined, 'failed']);
  const proof = (await bank.events(run)).findLast(
    (event) => event.type === 'judged' && event.data.step === 'drain',
  );
  expect(proof?.data).toMatchObject({
    verdicts: { drain: { state: 'done', reading: { proof: 'rpo-0' } } },
  });
  const takeovers = (site: Site) => sentAt(site).filter((call) => call.includes('takeover'));
  expect(takeovers('dr')).toEqual([
    `PUT remote-mirror-copygroups/${SID.main},LOAN01,LOAN01S_,LOAN01P_/actions/takeover/invoke`,
  ]);
  expect(takeovers('main')).toEqual([
    `PUT remote-mirror-copygroups/${SID.dr},LOAN01,LOAN01P_,LOAN01S_/actions/takeover/invoke`,
  ]);
  expect([await side('main'), await side('dr')]).toEqual(['P PAIR', 'S PAIR']);
  expect(await hostsAtMain()).toEqual(before);
});

it('no gateway lets through what could make two truths, whatever was approved', async () => {
  bank = await probe(look + stop + fence + drain + swap + reverse);
  const run = await ordered(bank, 'copies-resync', 'loans');
  await bank.drive(run, ({ asks }) => asks.length > 0, false);
  const before = await hostsAtMain();
  const swapping = await putByHand(bank, run, 'swap.swap');
  expect(swapping).toMatch(/GW-GRANT-REFUSED.*only-pair-path-120\d#h2/);
  expect(swapping).toContain(hazardText(2));
  // Its server runs.
  const removing = await putByHand(bank, run, 'fence.remove-1200-CL3-A-1-16');
  expect(removing).toMatch(/GW-GUARD.*server-stopped/);
  // Nothing was taken over, and main says so.
  const reversing = await putByHand(bank, run, 'reverse.reverse');
  expect(reversing).toMatch(/GW-GRANT-REFUSED.*side-primary-suspended#h3.*P PAIR/);
  expect(reversing).toContain(hazardText(3));
  expect(await putByHand(bank, run, 'reverse.halt')).toContain(hazardText(4));
  expect([await side('main'), await side('dr')]).toEqual(['P PAIR', 'S PAIR']);
  expect(await hostsAtMain()).toEqual(before);
  expect([...sentAt('main'), ...sentAt('dr')]).toEqual([]);
});

it('protects again from the side that was taken over, once no host reaches the old one', async () => {
  bank = await probe(look + stop + fence + reverse);
  await disaster(bank);
  await moved(bank, 'failover', 'loans');
  await repaired(bank);
  const run = await ordered(bank, 'copies-resync', 'loans');
  await bank.drive(run, ({ asks }) => asks.length > 0, false);
  // Main has come back with everything it ran.
  expect(await side('dr')).toBe('S SSWS');
  expect(await putByHand(bank, run, 'reverse.reverse')).toContain(hazardText(2));
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([head.pause, head.result?.result]).toEqual([undefined, 'passed']);
  expect([await side('main'), await side('dr')]).toEqual(['S PAIR', 'P PAIR']);
  expect(sentAt('dr').at(-1)).toBe(
    `PUT remote-mirror-copygroups/${SID.main},LOAN01,LOAN01S_,LOAN01P_/actions/resync/invoke`,
  );
});
