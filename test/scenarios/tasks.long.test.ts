/** The network is switched by a program of the site: approved, run once, seen, and taken back. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, type BankOptions, openBank } from '../support/bank.ts';
import { entriesAt } from '../support/epochs.ts';

let bank: Bank;
afterEach(() => bank.close());

const RUNBOOK = `runbook: copies-resync
title: { ko: 네트워크 전환, en: Switch the network }
drillType: planned-switch
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 60m, runWithin: 8h }
params: { domain: bank.example }
steps:
  - id: network
    uses: task/run
    with:
      task: switch-network
      site: "\${{ service.replication.to }}"
      args: { service: "\${{ service.id }}", to: "\${{ service.replication.to }}" }
    undo:
      uses: task/run
      with:
        task: switch-network
        site: "\${{ service.replication.to }}"
        args: { service: "\${{ service.id }}", to: "\${{ service.replication.from }}" }
  - id: name
    uses: network/resolves
    with:
      name: "\${{ service.id + '.' + params.domain }}"
      to: "\${{ service.replication.to + '.' + params.domain }}"
    within: 1m
  - id: business
    uses: people/confirm
    with: { role: business-owner, within: 60m }
`;

/** Class `copy`, so that clicks are enough; what class data asks for is the gateways' own test. */
const asCopy: BankOptions = {
  edit: { 'runbooks/copies-resync.yml': () => RUNBOOK },
  installed: (folder) => {
    const file = join(folder.gateway('dr'), 'gateway.yml');
    const text = readFileSync(file, 'utf8').replace('class: data', 'class: copy');
    writeFileSync(file, text, { mode: 0o600 });
  },
};
const zone = (): string => readFileSync(join(bank.folder.gateway('dr'), 'zone.txt'), 'utf8');
const leadsTo = (site: string): boolean =>
  zone().includes(`payments.bank.example. 60 IN CNAME ${site}.bank.example.`);
const runs = () => entriesAt(bank, 'dr').filter(({ type }) => type === 'accepted');

test('taken back where the name does not lead to the other site in time', async () => {
  bank = await openBank({
    ...asCopy,
    edit: {
      'runbooks/copies-resync.yml': () =>
        RUNBOOK.replace('    within: 1m', '    within: 10s\n    on-failure: undo').replace(
          'domain: bank.example',
          'domain: elsewhere.example',
        ),
    },
  });
  expect(leadsTo('main')).toBe(true);
  const run = await bank.ask('run copies-resync payments');
  await bank.drive(run, ({ state }: Head) => state === 'paused');
  expect(leadsTo('main')).toBe(true);
  expect(runs().map(({ callId }) => callId)).toEqual(['network.run', 'undo-network.run']);
  expect(zone()).toContain('loans.bank.example. 60 IN CNAME main.bank.example.');
});

test('what fails stops the run with its own words; a retry runs it once more', async () => {
  bank = await openBank(asCopy);
  const run = await bank.ask('run copies-resync payments');
  const zoneFile = join(bank.folder.gateway('dr'), 'zone.txt.new');
  // A folder stands where the new zone is to be written.
  mkdirSync(zoneFile);
  const paused = await bank.drive(run, ({ state }: Head) => state === 'paused');
  expect(paused.pause).toMatchObject({ step: 'network' });
  expect(JSON.stringify(paused.pause)).toContain('zone.txt.new');
  expect(leadsTo('main')).toBe(true);
  rmdirSync(zoneFile);
  bank.clock.advance(120_000);
  await bank.press('kim', 'drillbook:retry', run, '폴더를 지웠습니다');
  const head = await bank.drive(run);
  expect(head.result).toMatchObject({ result: 'passed' });
  expect(leadsTo('dr')).toBe(true);
  expect(runs()).toHaveLength(2);
});
