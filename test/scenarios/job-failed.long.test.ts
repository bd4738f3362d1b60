/** The array takes a call and says later that it did nothing: people look, and one may have it sent again. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { entriesAt } from '../support/epochs.ts';
import { ordered } from '../support/moves.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head): boolean => state === 'paused';

/** Attempts of the swap that the gateway of DR accepted. */
const swaps = (): unknown[] =>
  entriesAt(bank, 'dr').flatMap(({ type, callId, attempt }) =>
    type === 'accepted' && callId === 'swap.swap' ? [attempt] : [],
  );

/** From the first word of the exchange on the jobs of DR's array end as failed. */
async function failedSwap(fault: 'job-failed' | 'job-failed-done'): Promise<string> {
  let isOn = false;
  bank = await openBank({
    sparing: true,
    onEvent: ({ type, data }) => {
      if (isOn || type !== 'step.started' || (data as { step?: string }).step !== 'swap') return;
      isOn = true;
      bank.world.fault(fault, true, { site: 'dr' });
    },
  });
  return ordered(bank, 'switchover', 'loans');
}

test('nothing was done: never sent again by itself, and once more for each retry of a person', async () => {
  const run = await failedSwap('job-failed');
  const { pause } = await bank.drive(run, paused);
  expect([pause?.step, pause?.refusal.why]).toEqual([
    'swap',
    expect.stringMatching(/Job \d+ of the array failed.* retry sends it once more\./),
  ]);
  for (let i = 0; i < 5; i++) await bank.tick(run);
  expect(swaps()).toEqual([1]);
  await bank.press('han', 'drillbook:retry', run, '스토리지 담당자 확인');
  const again = await bank.drive(run, paused);
  expect([again.pause?.step, swaps()]).toEqual(['swap', [1, 2]]);
  bank.world.fault('job-failed', false, { site: 'dr' });
  await bank.press('han', 'drillbook:retry', run, '원인을 제거함');
  const { result } = await bank.drive(run, paused);
  expect([result?.result, swaps()]).toEqual(['passed', [1, 2, 3]]);
  const { writing, lost, twoSided } = bank.world.oracle.moves('loans');
  expect([writing, lost.onActive, twoSided]).toEqual([['dr'], 0, []]);
}, 60_000);

test('it was done all the same: the sides are believed, and nothing is sent again', async () => {
  const run = await failedSwap('job-failed-done');
  const { result } = await bank.drive(run, paused);
  expect([result?.result, swaps()]).toEqual(['passed', [1]]);
}, 60_000);
