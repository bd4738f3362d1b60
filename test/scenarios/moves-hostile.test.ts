/** People and machines against a service that moves: nothing may be lost that no one was told of. */
import { afterEach, expect, test } from '@jest/globals';
import { readDrill } from '../../lib/evidence/content.ts';
import { drillResult } from '../../lib/evidence/result.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, repaired } from '../support/moves.ts';
import { login } from '../twin/world-support.ts';

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

async function pathsAt(site: 'main' | 'dr') {
  const array = await login(bank.world, site);
  const unit = bank.world.units.find(({ id }) => id === 'loans');
  const sid = site === 'main' ? '900000040014' : '900000040015';
  const rows: string[] = [];
  for (const pair of unit?.pairs ?? []) {
    const ldev = site === 'main' ? pair.pvol : pair.svol;
    const { body } = await array.get(`/v1/objects/storages/${sid}/ldevs/${ldev}`);
    for (const p of body.ports ?? []) rows.push(`${ldev} ${p.portId},${p.hostGroupNumber},${p.lun} ${p.hostGroupName}`);
  }
  return rows.sort();
}

test('D partial fence', async () => {
  const block = { on: true, n: 0 };
  bank = await openBank({ sparing: true, between: (site, http) => async (r) => {
    if (site === 'main' && r.method === 'DELETE' && r.url.includes('/luns/') && block.on && block.n++ >= 2) return { status: 503, headers: {}, body: '{"errorCode":{"SSB1":"x"},"messageId":"KART00003-E","message":"busy"}' };
    return http(r);
  } });
  const before = await pathsAt('main');
  const run = await ordered(bank, 'switchover', 'loans');
  const head = await bank.drive(run, paused);
  say('D1', brief(head), truth('loans'), before.length, (await pathsAt('main')).length);
  await bank.type('han', `abort ${run} --keep 중지`);
  say('D2', brief(await bank.drive(run, paused)));
  block.on = false;
  bank.clock.advance(120_000);
  const again = await ordered(bank, 'switchover', 'loans');
  say('D3', brief(await bank.drive(again, paused)), truth('loans'));
  const back = await ordered(bank, 'failback', 'loans');
  say('D4', brief(await bank.drive(back, paused)), truth('loans'));
  const after = await pathsAt('main');
  say('D5', before, after);
});

test('H main dies in the middle of the boot at DR', async () => {
  const blow = { struck: false };
  bank = await openBank({ sparing: true, onEvent: (event) => {
    if (blow.struck || event.type !== 'intent' || !JSON.stringify(event.data).includes('boot.start-loan-app1')) return;
    blow.struck = true;
    bank.world.fault('site-dead', true, { site: 'main' });
    bank.killGateway('main');
  } });
  const run = await ordered(bank, 'switchover', 'loans');
  const head = await bank.drive(run, paused);
  say('H1', brief(head), truth('loans'));
  const over = await ordered(bank, 'failover', 'loans').catch((e) => String(e));
  say('H2', over, bank.told('kim').at(-1));
  if (over.startsWith('r-')) say('H3', brief(await bank.drive(over, paused)), truth('loans'));
});

test('I keep after swap', async () => {
  const { blow, onEvent } = at('swap');
  bank = await openBank({ sparing: true, onEvent });
  const run = await ordered(bank, 'switchover', 'loans');
  await bank.drive(run, ({ state }) => state === 'paused' || blow.struck);
  await bank.type('han', `abort ${run} --keep 중지`);
  say('I1', brief(await bank.drive(run, paused)), truth('loans'));
  for (const what of ['failback']) {
    const next = await ordered(bank, what, 'loans').catch((e) => String(e));
    say('I2', what, next);
    if (next.startsWith('r-')) say('I3', brief(await bank.drive(next, paused)), truth('loans'));
  }
});

test('J keep after fence, then the way home', async () => {
  const { blow, onEvent } = at('fence');
  bank = await openBank({ sparing: true, onEvent });
  const run = await ordered(bank, 'switchover', 'loans');
  await bank.drive(run, ({ state }) => state === 'paused' || blow.struck);
  await bank.type('han', `abort ${run} --keep 중지`);
  say('J1', brief(await bank.drive(run, paused)), truth('loans'));
  bank.clock.advance(60_000);
  const next = await ordered(bank, 'failback', 'loans').catch((e) => String(e));
  say('J2', next);
  if (next.startsWith('r-')) say('J3', brief(await bank.drive(next, paused)), truth('loans'));
});

test('K failback undone, and again', async () => {
  bank = await openBank({ sparing: true });
  say('K0', brief(await moved(bank, 'switchover', 'loans')));
  const run = await ordered(bank, 'failback', 'loans');
  const h = await bank.drive(run, ({ state, asks }) => state === 'paused' || asks.some(({ step }) => step === 'business'));
  say('K1', brief(h), truth('loans'));
  await bank.type('han', `abort ${run} --undo 돌아갑니다`);
  say('K2', brief(await bank.drive(run, paused)), truth('loans'));
  bank.clock.advance(60_000);
  const next = await ordered(bank, 'failback', 'loans').catch((e) => String(e));
  if (next.startsWith('r-')) say('K3', brief(await bank.drive(next, paused)), truth('loans'));
  else say('K3', next);
});

test('L declared to have ended before it did', async () => {
  bank = await openBank({ sparing: true });
  const said = bank.clock.now();
  bank.clock.advance(600_000);
  bank.world.fault('link-down', true, { service: 'loans' });
  bank.clock.advance(25_000);
  await disaster(bank);
  const run = await ordered(bank, 'failover', 'loans');
  await bank.type('han', `declare ${run} ${new Date(said).toISOString().slice(0, 19)}Z power is gone at main`);
  const head = await bank.drive(run, paused);
  const { store, blobs, config } = bank;
  const drill = await readDrill(run, { store, blobs, tenant: config.policy.tenant });
  const { rpo, loss, clocks } = drillResult(drill, bank.config);
  say('L', brief(head), truth('loans').openings, rpo, loss, clocks);
});

test('G a server nobody knows by name', async () => {
  bank = await openBank({ sparing: true, between: (site, http) => async (r) => {
    const answer = await http(r);
    if (site !== 'main' || !r.url.includes('/servers')) return answer;
    return { ...answer, body: answer.body.replaceAll('"name":"loan-app1"', '"name":"loan-app1-old"') };
  } });
  const run = await ordered(bank, 'switchover', 'loans').catch((e) => String(e));
  if (run.startsWith('r-')) say('G1', brief(await bank.drive(run, paused)), truth('loans'));
  else say('G1', run);
});

test('M a disk attached while the servers stop', async () => {
  const blow = { struck: false };
  bank = await openBank({ sparing: true, onEvent: (event) => {
    if (blow.struck || event.type !== 'intent' || !JSON.stringify(event.data).includes('stop.lock-loan-app1')) return;
    blow.struck = true;
    bank.world.fault('volume-added', true, { service: 'loans' });
  } });
  const run = await ordered(bank, 'switchover', 'loans');
  say('M1', brief(await bank.drive(run, paused)), truth('loans'), blow);
  bank.world.fault('volume-added', false, { service: 'loans' });
  await bank.press('han', 'drillbook:retry', run, 'it is detached');
  say('M2', brief(await bank.drive(run, paused)), truth('loans'));
});
