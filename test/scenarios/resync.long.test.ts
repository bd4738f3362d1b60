/** A copy that stopped: it goes on in the direction it had, and never towards what somebody opened. */
import { afterEach, expect, test } from '@jest/globals';
import { canonical } from '../../lib/canonical.ts';
import type { Head } from '../../lib/run/head.ts';
import type { InboxBody } from '../../lib/run/inbox.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { moved, ordered, putByHand } from '../support/moves.ts';
import { repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head): boolean => state === 'paused';

async function takenBack(run: string): Promise<Head> {
  const person = bank.config.people.find(({ handle }) => handle === 'han')?.id ?? '';
  const ask = { verb: 'abort', reason: '회선 장애로 되돌림', mode: 'undo' } as const;
  const body: InboxBody = { v: 1, origin: { via: 'cli' }, ask };
  const at = bank.clock.now();
  await bank.store.putInbox({ run, delivery: 'undo', at, person, body: canonical(body) });
  return bank.drive(run, paused);
}

test('a switch that was taken back while the link was down leaves a copy that resync lets go on', async () => {
  let copying = false;
  bank = await openBank({
    sparing: true,
    onEvent: ({ type, data }) => {
      copying ||= type === 'outcome' && (data as { call?: string }).call === 'resync.resync';
    },
  });
  const run = await ordered(bank, 'switchover', 'loans');
  await bank.drive(run, ({ steps }) =>
    steps.some(({ id, state }) => id === 'fence' && state === 'done'),
  );
  bank.world.fault('link-cut', true);
  expect((await bank.drive(run, paused)).pause?.step).toBe('swap');
  bank.clock.advance(600_000);
  expect((await takenBack(run)).result?.result).toBe('aborted');
  bank.world.fault('link-cut', false);
  bank.clock.advance(60_000);
  // Until then nothing moves: the copy lacks what main has written since.
  const early = await bank.drive(await ordered(bank, 'switchover', 'loans'), paused);
  expect(early.pause?.step).toBe('healthy');
  await takenBack(early.run);
  const again = await ordered(bank, 'resync', 'loans');
  await bank.drive(again, () => copying);
  expect(await bank.type('kim', 'status')).toContain('복제 보호 없음');
  const { result } = await bank.drive(again, paused);
  expect([result?.result, result?.reasons]).toEqual(['passed', []]);
  expect(await bank.type('kim', 'status')).not.toContain('복제 보호 없음');
  const { writing, wrongDirection, overwrites } = bank.world.oracle.moves('loans');
  expect([writing, wrongDirection, overwrites]).toEqual([['main'], [], []]);
  expect(repeated(bank).filter((line) => line.includes('/resync/'))).toEqual([]);
  expect((await moved(bank, 'switchover', 'loans')).result?.result).toBe('passed');
}, 60_000);

test('somebody opened the copy: neither the run nor a gateway lets it be overwritten', async () => {
  bank = await openBank({ sparing: true });
  bank.world.fault('taken-over', true, { service: 'loans' });
  bank.clock.advance(60_000);
  const run = await ordered(bank, 'resync', 'loans');
  const { pause } = await bank.drive(run, paused);
  expect([pause?.step, pause?.refusal.why]).toEqual([
    'resync',
    expect.stringContaining(hazardText(3)),
  ]);
  expect((await bank.events(run)).filter(({ type }) => type === 'intent')).toEqual([]);
  expect(await putByHand(bank, run, 'resync.resync')).toMatch(/GW-.*side-secondary-closed/s);
  expect(bank.world.oracle.moves('loans').overwrites).toEqual([]);
}, 60_000);

test('link and main are lost while the sides change: that DR has no copy elsewhere stands in /dr status', async () => {
  let armed = true;
  bank = await openBank({
    sparing: true,
    between: (_site, http) => async (request) => {
      // Between what the gateways saw and what the array does.
      if (armed && request.url.endsWith('/actions/takeover/invoke')) {
        armed = false;
        bank.world.fault('link-cut', true);
        const answer = await http(request);
        bank.killGateway('main');
        return answer;
      }
      return http(request);
    },
  });
  const run = await ordered(bank, 'switchover', 'loans');
  await bank.drive(run, paused);
  expect(armed).toBe(false);
  expect(await bank.type('kim', 'status')).toContain('복제 보호 없음');
}, 60_000);
