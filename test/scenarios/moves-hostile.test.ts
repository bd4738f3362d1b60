/** People and machines against a service that moves: nothing may be lost that no one was told of. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, repaired } from '../support/moves.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';
const say = (...what: unknown[]) => process.stdout.write(`${what.map((w) => JSON.stringify(w)).join(' ')}\n`);
const brief = ({ state, pause, result, waiting }: Head) => ({ state, pause, result: result?.result, reasons: result?.reasons, waiting });
function truth(service: string) {
  const { writing, active, primary, lost, twoSided, wrongDirection, openings, overwrites } = bank.world.oracle.moves(service);
  return { writing, active, primary, lost, twoSided, wrongDirection, openings, overwrites };
}

const at = (step: string, type = 'step.finished') => {
  const blow = { strike: () => {}, struck: false };
  return {
    blow,
    onEvent: (event: { type: string; data: unknown }) => {
      if (blow.struck || event.type !== type) return;
      if ((event.data as { step?: string }).step !== step) return;
      blow.struck = true;
      blow.strike();
    },
  };
};

test('A disk added after approval', async () => {
  bank = await openBank({ sparing: true });
  const run = await ordered(bank, 'switchover', 'loans');
  bank.world.fault('volume-added', true, { service: 'loans' });
  const head = await bank.drive(run, (h) => h.state === 'paused');
  say('A', brief(head), truth('loans'));
});

test('B link cut after fence, undo', async () => {
  const { blow, onEvent } = at('fence');
  bank = await openBank({ sparing: true, onEvent });
  blow.strike = () => bank.world.fault('link-cut', true);
  const run = await ordered(bank, 'switchover', 'loans');
  const head = await bank.drive(run, paused);
  say('B1', brief(head), truth('loans'));
  bank.clock.advance(600_000);
  await bank.type('han', `abort ${run} --undo 돌아갑니다`);
  const end = await bank.drive(run, paused);
  say('B2', brief(end), truth('loans'));
});

test('C main dies after swap, before boot', async () => {
  const { blow, onEvent } = at('swap');
  bank = await openBank({ sparing: true, onEvent });
  blow.strike = () => {
    bank.world.fault('site-dead', true, { site: 'main' });
    bank.killGateway('main');
  };
  const run = await ordered(bank, 'switchover', 'loans');
  const head = await bank.drive(run, paused);
  say('C1', brief(head), truth('loans'));
  bank.clock.advance(600_000);
  const over = await ordered(bank, 'failover', 'loans').catch((e) => String(e));
  say('C2', over);
  if (over.startsWith('R') || !over.includes('rror')) {
    const h = await bank.drive(over, paused);
    say('C3', brief(h), truth('loans'));
  } else say('C2b', brief(await bank.head(bank.lastSignal())), bank.told('kim').at(-1));
});

test('E retire stops half-way, undo', async () => {
  bank = await openBank({ sparing: true, between: (site, http) => async (r) => {
    if (site === 'dr' && r.method === 'DELETE' && r.url.includes('/ports/') && block.on) return { status: 409, headers: {}, body: '{}' };
    return http(r);
  } });
  const block = { on: false };
  say('E0', brief(await moved(bank, 'switchover', 'loans')));
  block.on = true;
  const run = await ordered(bank, 'failback', 'loans');
  const head = await bank.drive(run, paused);
  say('E1', brief(head), truth('loans'));
  await bank.type('han', `abort ${run} --undo 돌아갑니다`);
  const end = await bank.drive(run, paused);
  say('E2', brief(end), truth('loans'), bank.told('han').at(-1));
});

test('F reprotect while the business is at main', async () => {
  const { blow, onEvent } = at('opened');
  bank = await openBank({ sparing: true, onEvent });
  await disaster(bank);
  const run = await ordered(bank, 'failover', 'loans');
  await bank.drive(run, ({ state }) => state === 'paused' || blow.struck);
  await bank.type('han', `abort ${run} --keep 중지`);
  say('F1', brief(await bank.drive(run, paused)), truth('loans'));
  bank.world.fault('guests-return', true, { site: 'main' });
  await repaired(bank);
  bank.clock.advance(3_600_000);
  say('F2', truth('loans'));
  const again = await ordered(bank, 'reprotect', 'loans');
  say('F3', brief(await bank.drive(again, paused)), truth('loans'));
});
