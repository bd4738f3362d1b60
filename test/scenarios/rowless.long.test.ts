/** Services of which the DR Cinder knows nothing: each of the ways to start them there all the same. */
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { LocalFolder } from '../../lib/local/folder.ts';
import type { Head } from '../../lib/run/head.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, putByHand, repaired } from '../support/moves.ts';
import { changesAt, planOf, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

/** `loans` goes this way: its DR volumes have no rows, and its S-VOLs the labels of main. */
const loansBy = (way: string) => ({
  'config/services.yml': (text: string) =>
    text.replace('drill: { group: LOAN01-DRILL', `atDr: ${way}\n    drill: { group: LOAN01-DRILL`),
});
const paused = ({ state }: Head) => state === 'paused';
const moves = () => bank.world.oracle.moves('loans');

/** A GET at a site, as its gateway answers it. */
async function seen(site: string, target: string, path: string) {
  const receipt = await bank.worker.engine.gateways.get(site)?.read(target, path);
  return JSON.parse(receipt?.body ?? '{}');
}
const volumes = [
  'a3003324-c470-428b-8801-8f5e186391da',
  'f6e5c77a-2ee0-4f69-a14d-292e1f1eabfa',
  'b3947d9c-777a-4bbb-9f21-9833d97b001b',
];
const svols = [2200, 2201, 2202];
const contentsAt = (ldevs: readonly number[]) =>
  ldevs.map((ldev) => bank.world.oracle.contents('dr', ldev));
const managedAt = () => changesAt(bank, 'dr').filter(({ path }) => /volume-manage/.test(path));

test('copy and manage: servers start from copies, the pairs keep their differences', async () => {
  bank = await openBank({ sparing: true, edit: loansBy('copy') });
  await disaster(bank);
  const run = await ordered(bank, 'failover-copy', 'loans');
  const head = await bank.drive(run, paused);
  expect([head.result?.result, head.result?.reasons, head.pause]).toEqual([
    'passed',
    [],
    undefined,
  ]);
  expect(changesAt(bank, 'main')).toEqual([]);
  expect(managedAt()).toHaveLength(3);
  const { facts } = await planOf(bank, run);
  const { spares } = facts.bound as { spares: number[] };
  const held = contentsAt(svols);
  expect(held[0]?.heartbeat).toBeGreaterThan(0);
  expect(contentsAt(spares).map(({ heartbeat }) => heartbeat)).toEqual(
    held.map(({ heartbeat }) => heartbeat),
  );
  expect(moves()).toMatchObject({ active: 'dr', wrongDirection: [], twoSided: [] });
  expect(repeated(bank)).toEqual([]);
  // What is written now is on the copies: the pairs must not be moved as if it were in them.
  await repaired(bank);
  const back = await bank.ask('run reprotect loans');
  const refused = await bank.head(back);
  expect(JSON.stringify(refused.result)).toMatch(/atDr: copy: .*copies that are in no pair/);
});

test('cut and manage: said before it is signed, refused by the gateway until all is taken', async () => {
  bank = await openBank({ sparing: true, edit: loansBy('cut') });
  await disaster(bank);
  const run = await ordered(bank, 'failover-cut', 'loans');
  const { calls } = await planOf(bank, run);
  const cut = calls.find(({ id }) => id === 'cut.cut');
  expect(cut?.words.en).toContain('NO WAY BACK WITHOUT A FULL COPY');
  expect(cut?.words.en).toContain(hazardText(5));
  expect(cut?.words.ko).toContain(hazardText(5, 'ko'));
  expect(cut?.class).toBe('data');
  const { stake, class: danger } = await bank.head(run);
  expect([danger, stake]).toEqual(['takeover', 'cut']);
  const shown = JSON.stringify(await bank.slack.messages(bank.config.policy.channel));
  expect(shown).toContain(':red_circle: *전체 복사 없이는 되돌아갈 수 없습니다*');
  await bank.drive(run, ({ asks }) => asks.length > 0, false);
  expect(await putByHand(bank, run, 'cut.cut')).toMatch(/GW-GUARD.*side-taken#h9/);
  expect(changesAt(bank, 'dr')).toEqual([]);
  const head = await bank.drive(run, paused);
  expect([head.result?.result, head.result?.reasons, head.pause]).toEqual([
    'passed',
    [],
    undefined,
  ]);
  expect(managedAt()).toHaveLength(3);
  const { volumes: all } = await seen('dr', 'cinder:dr', '/volumes/detail');
  const own = all.filter(({ name }: { name: string }) => name.startsWith('drillbook-'));
  expect(own.map(({ status }: { status: string }) => status)).toEqual([
    'in-use',
    'in-use',
    'in-use',
  ]);
  expect(repeated(bank)).toEqual([]);
});

test('no way but the one that services.yml names, and none without one', async () => {
  bank = await openBank({ sparing: true, edit: loansBy('copy') });
  await disaster(bank);
  const said = async (text: string) => {
    const { result } = await bank.head(await bank.ask(text));
    return JSON.stringify(result);
  };
  // Hazard 5: nobody gives up the way back by a slip.
  expect(await said('run failover-cut loans')).toMatch(/atDr: copy; .*atDr: cut/);
  expect(await said('run failover loans')).toMatch(/use failover-copy/);
  expect(await said('run failover-copy internet-banking')).toMatch(/carry its id as label/);
  expect(changesAt(bank, 'dr')).toEqual([]);
});

/** What main's Cinder was dumped as, where the S-VOLs are, and a loader that only writes down. */
function controllerTask(folder: LocalFolder): void {
  const home = folder.gateway('dr');
  const columns = ['id', 'host', 'size', 'status', 'attach_status', 'provider_location'];
  const row = (id: string, i: number) =>
    [id, 'cinder-main@hbsd#pool0', i === 1 ? 200 : 40, 'in-use', 'attached', 1200 + i].join('\t');
  const put = (name: string, lines: readonly string[], mode = 0o600) =>
    writeFileSync(join(home, name), `${lines.join('\n')}\n`, { mode });
  put('rows.tsv', [columns.join('\t'), ...volumes.map(row)]);
  put(
    'locations.txt',
    volumes.map((id, i) => `loans ${id} ${svols[i]}`),
  );
  put('tasks/load-rows', ['#!/bin/sh', 'exec cat > restored.sql'], 0o755);
  cpSync('config/tasks/restore-controller', join(home, 'tasks/restore-controller'));
  chmodSync(join(home, 'tasks/restore-controller'), 0o755);
  const task = `  - name: restore-controller
    run: [tasks/restore-controller, rows.tsv, locations.txt, cinder-dr@hbsd#pool0, tasks/load-rows]
    args: { service: { type: string, enum: [loans] } }
    class: data
    within: 10m
`;
  const file = join(home, 'gateway.yml');
  const text = readFileSync(file, 'utf8').replace(/^tasks:\n/m, `tasks:\n${task}`);
  writeFileSync(file, text, { mode: 0o600 });
}

/** The database of DR's Cinder: what was loaded is there from now on. */
function loadRows(): void {
  const sql = readFileSync(join(bank.folder.gateway('dr'), 'restored.sql'), 'utf8');
  const rows = [
    ...sql.matchAll(/VALUES \('([^']*)', '([^']*)', '(\d+)', '(\w+)', '(\w+)', '(\d+)'\)/g),
  ];
  bank.world.restoreRows(
    'dr',
    rows.map(([, id = '', host = '', size, status, , ldev]) => ({
      ...{ id, name: id, host, sizeGiB: Number(size), ldevId: Number(ldev), metadata: {} },
      ...{ status: status === 'available' ? 'available' : 'error', bootable: true },
    })),
  );
}

test("restored controller: servers start from main's own volumes, and come home", async () => {
  bank = await openBank({
    sparing: true,
    edit: loansBy('restored'),
    installed: controllerTask,
    onEvent: ({ type, data }) => {
      const { call } = data as { call?: string };
      if (type === 'outcome' && call === 'restore.run') loadRows();
    },
  });
  await disaster(bank);
  const run = await ordered(bank, 'failover-restored', 'loans');
  const head = await bank.drive(run, paused);
  expect([head.result?.result, head.result?.reasons, head.pause]).toEqual([
    'passed',
    [],
    undefined,
  ]);
  expect(managedAt()).toEqual([]);
  expect(moves()).toMatchObject({
    active: 'dr',
    writing: ['dr'],
    wrongDirection: [],
    twoSided: [],
  });
  bank.clock.advance(600_000);
  await repaired(bank);
  for (const runbook of ['reprotect', 'failback']) {
    const { result } = await moved(bank, runbook, 'loans');
    expect([runbook, result?.result, result?.reasons]).toEqual([runbook, 'passed', []]);
    bank.clock.advance(600_000);
  }
  const { lost, openings, writing, writers, wrongDirection, twoSided } = moves();
  expect({ writing, wrongDirection, twoSided }).toEqual({
    writing: ['main'],
    wrongDirection: [],
    twoSided: [],
  });
  const atDr = writers.find(({ array }) => array === 'dr');
  expect(atDr?.acknowledged).toBeGreaterThan(0);
  expect(atDr?.on['main']).toBe(atDr?.acknowledged);
  // What main had not sent, and not a record more.
  expect(lost.everywhere).toBe(openings[0]?.lostRecords);
  expect(repeated(bank)).toEqual([]);
});
