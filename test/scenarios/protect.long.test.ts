/** A service grows by a disk that nobody replicates: seen, protected, and then part of every drill. */
import { afterEach, expect, test } from '@jest/globals';
import { TWIN_OF } from '../../lib/openstack/paths.ts';
import type { Head } from '../../lib/run/head.ts';
import { boundOf } from '../../lib/runbook/bound.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { adminOf } from '../support/controllers.ts';
import { newDisk, withoutBeatsOf } from '../support/grown.ts';
import { moved } from '../support/moves.ts';
import { changesAt, planOf, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const ended = ({ state }: Head) => state === 'ended' || state === 'awaiting-approval';
const passed = (head: Head) =>
  expect([head.result?.result, head.result?.reasons]).toEqual(['passed', []]);

const changes = () => changesAt(bank, 'main').length + changesAt(bank, 'dr').length;
/** Growing and leaving take two more first copies: seconds that not every run has. */
const isLong = process.env['DRILLBOOK_PROTECT'] === 'all';

test('a new volume is refused by drills, protected in two runs, and drilled with the others', async () => {
  bank = await openBank({ sparing: true, edit: withoutBeatsOf });
  const volume = await newDisk(bank);
  const refused = await bank.drive(await bank.ask('drill loans'), ended);
  expect(refused.result?.reasons.join()).toContain(`Main volume ${volume} is not replicated once`);
  expect(changesAt(bank, 'dr')).toEqual([]);

  passed(await moved(bank, 'protect-volumes', 'loans'));
  passed(await moved(bank, 'protect', 'loans'));
  expect(repeated(bank)).toEqual([]);
  // Run again they find everything as it is, and send nothing.
  const before = changes();
  const others = isLong ? ['protect-volumes', 'extend', 'retire', 'adopt'] : [];
  for (const runbook of ['protect', ...others]) {
    const again = await moved(bank, runbook, 'loans');
    passed(again);
    expect((await planOf(bank, again.run)).calls).toEqual([]);
  }
  expect(changes()).toBe(before);
  await drilledAt(25, volume);
  if (!isLong) return;

  bank.editRunbook('extend', (text) =>
    text.replace('volume: ""', `volume: ${volume}`).replace('gib: 0', 'gib: 40'),
  );
  passed(await moved(bank, 'extend', 'loans'));
  await drilledAt(40, volume);
  bank.editRunbook('retire', (text) =>
    text.replace('volumes: []', `volumes: [${volume}]`).replace('delete: false', 'delete: true'),
  );
  passed(await moved(bank, 'retire', 'loans'));
  const names = await (await adminOf(bank, 'dr')).names('cinder', '/volumes/detail');
  expect(names.filter((name) => name.startsWith('loan-db1-archive'))).toEqual([]);
  const open = await bank.drive(await bank.ask('drill loans'), ended);
  expect(open.result?.reasons.join()).toContain(`Main volume ${volume} is not replicated once`);
}, 120_000);

/** A drill on copies starts with the volume among the others, and it has this size. */
async function drilledAt(sizeGiB: number, volume: string): Promise<void> {
  const drilled = await moved(bank, 'drill-copy', 'loans');
  passed(drilled);
  const { volumes = [] } = boundOf((await planOf(bank, drilled.run)).facts);
  expect(volumes.find(({ main }) => main === volume)).toMatchObject({ sizeGiB });
}

test('volumes whose pairs the storage team made are adopted', async () => {
  bank = await openBank({ sparing: true });
  const dr = await adminOf(bank, 'dr');
  const [replica] = await dr.ids('cinder', '/volumes/detail?name=loan-app1-boot-dr');
  const status = (name: string) =>
    dr.change('POST', ['cinder', `/volumes/${replica}/action`], {
      'os-reset_status': { status: name },
    });
  await status('available');
  await dr.change('DELETE', ['cinder', `/volumes/${replica}/metadata/${TWIN_OF}`]);
  await status('maintenance');
  const lost = await bank.drive(await bank.ask('run switchover loans'), ended);
  expect(lost.result?.reasons.join()).toContain('0 volumes there say that they are its twin');
  const adopted = await moved(bank, 'adopt', 'loans');
  passed(adopted);
  const calls = (await planOf(bank, adopted.run)).calls.map(({ id }) => id);
  expect(calls).toEqual(['free', 'mark', 'park'].map((what) => `adopt.${what}-replica-3`));
  const asked = await bank.ask('run switchover loans');
  expect((await bank.head(asked)).state).toBe('awaiting-approval');
});

test('a disk in production that services.yml does not know stops drills and moves (hazard 7)', async () => {
  bank = await openBank({ sparing: true });
  const volume = await newDisk(bank, { listed: false });
  for (const runbook of ['drill-copy', 'switchover', 'protect']) {
    const head = await bank.drive(await bank.ask(`run ${runbook} loans`), ended, false);
    expect([runbook, head.result?.reasons.join()]).toEqual([
      runbook,
      expect.stringContaining(volume),
    ]);
  }
});

if (isLong) {
  test('a whole service leaves protection and comes back, in groups that are made anew', async () => {
    bank = await openBank({ sparing: true });
    bank.editRunbook('retire', (text) =>
      text.replace('volumes: []', 'volumes: all').replace('delete: false', 'delete: true'),
    );
    passed(await moved(bank, 'retire', 'loans'));
    passed(await moved(bank, 'protect-volumes', 'loans'));
    const journals = 'with: { journals: { from: 12, to: 52 } }';
    const without = await bank.drive(await bank.ask('run protect loans'), ended, false);
    expect(without.result?.reasons.join()).toContain('its first pair needs journals');
    bank.editRunbook('protect', (text) =>
      text.replace('uses: protection/pair\n', `uses: protection/pair\n    ${journals}\n`),
    );
    passed(await moved(bank, 'protect', 'loans'));
    // All volumes show one instant: the copies are those of the volumes that production writes to.
    passed(await moved(bank, 'drill-copy', 'loans'));
  }, 120_000);
}
