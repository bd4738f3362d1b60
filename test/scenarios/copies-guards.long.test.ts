/** What could cost the drill copies their one instant, or the last good copy: nothing is sent. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { putByHand } from '../support/moves.ts';
import { changesAt } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head): boolean => state === 'paused';
const service = 'loans';

test('the consistency group is gone after the approval: the copies are not split one by one', async () => {
  let isTold = false;
  bank = await openBank({
    sparing: true,
    onEvent: ({ type, data }) => {
      const { step } = data as { step?: string };
      if (!isTold && type === 'step.started' && step === 'split') {
        isTold = true;
        bank.world.fault('no-consistency-group', true, { service });
      }
    },
  });
  const run = await bank.ask(`drill ${service}`);
  const { pause } = await bank.drive(run, paused);
  expect([pause?.step, pause?.refusal.why]).toEqual([
    'split',
    expect.stringContaining('would not split at one instant'),
  ]);
  expect(await putByHand(bank, run, 'split.split')).toMatch(/GW-GUARD.*"oneInstant":false/s);
  expect(changesAt(bank, 'dr')).toEqual([]);
  bank.world.fault('no-consistency-group', false, { service });
  await bank.press('han', 'drillbook:retry', run, '일관성 그룹을 다시 만들었습니다');
  expect((await bank.drive(run, paused)).result?.result).toBe('passed');
}, 60_000);

test('the S-VOLs are being copied: the copies, which may be the last good ones, wait', async () => {
  bank = await openBank({ sparing: true });
  bank.world.fault('copies-left-split', true, { service });
  bank.world.fault('pair-stuck', true, { service });
  bank.clock.advance(30_000);
  const run = await bank.ask(`run copies-resync ${service}`);
  const until = bank.clock.now() + 60_000;
  await bank.drive(run, () => bank.clock.now() > until);
  expect(JSON.stringify(await bank.events(run))).toContain(hazardText(9));
  expect(await putByHand(bank, run, 'resync.resync')).toMatch(/GW-GUARD.*side-whole/s);
  expect(changesAt(bank, 'dr')).toEqual([]);
  bank.world.fault('pair-stuck', false, { service });
  expect((await bank.drive(run, paused)).result?.result).toBe('passed');
}, 60_000);
