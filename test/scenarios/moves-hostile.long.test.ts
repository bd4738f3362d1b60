/** People and machines against a service that moves: nothing is lost that nobody was told of, and no way ends. */
import { afterEach, expect, test } from '@jest/globals';
import { iso } from '../../lib/clock.ts';
import { readDrill } from '../../lib/evidence/content.ts';
import { drillResult } from '../../lib/evidence/result.ts';
import type { Http } from '../../lib/http.ts';
import type { Head } from '../../lib/run/head.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, type BankOptions, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, repaired } from '../support/moves.ts';
import { login } from '../twin/world-support.ts';

let bank: Bank;
afterEach(() => bank.close());

type Event = Parameters<NonNullable<BankOptions['onEvent']>>[0];

/** A bank in which something happens once, at the first line of a journal that fits. */
async function struck(
  at: (event: Event) => boolean,
  strike: () => void,
  options: BankOptions = {},
) {
  const blow = { done: false };
  const onEvent = (event: Event) => {
    if (blow.done || !at(event)) return;
    blow.done = true;
    strike();
  };
  bank = await openBank({ sparing: true, onEvent, ...options });
  return blow;
}
const ends =
  (step: string) =>
  ({ type, data }: Event) =>
    type === 'step.finished' && (data as { step?: string }).step === step;
const sends =
  (call: string) =>
  ({ type, data }: Event) =>
    type === 'intent' && JSON.stringify(data).includes(call);

const paused = ({ state }: Head) => state === 'paused';
const drive = (run: string) => bank.drive(run, paused);
const why = ({ pause }: Head) => `${pause?.step}: ${pause?.refusal.why}`;

async function aborted(run: string, mode: 'undo' | 'keep'): Promise<Head> {
  await bank.type('han', `abort ${run} --${mode} 중지합니다`);
  return drive(run);
}

/** Where hosts of the service write; nothing that must never happen has happened. */
function writing(): readonly string[] {
  const { writing: sites, lost, twoSided, wrongDirection } = bank.world.oracle.moves('loans');
  expect({ lost: lost.onActive, twoSided, wrongDirection }).toEqual({
    ...{ lost: 0, twoSided: [], wrongDirection: [] },
  });
  return sites;
}

/** Why a runbook was not even planned. */
async function refused(runbook: string): Promise<string> {
  const { result } = await bank.head(await bank.ask(`run ${runbook} loans`));
  return result?.reasons?.join() ?? '';
}

/** Main comes back after a takeover that nobody went on from, and works on alone. */
async function desertedTakeover(): Promise<void> {
  await disaster(bank);
  const run = await ordered(bank, 'failover', 'loans');
  await bank.drive(run, ({ asks }) => asks.some(({ step }) => step === 'database'));
  await aborted(run, 'undo');
  bank.world.fault('guests-return', true, { site: 'main' });
  await repaired(bank);
  bank.clock.advance(3_600_000);
}

test('a takeover that nobody works on is no reason to overwrite main, where the business is', async () => {
  bank = await openBank({ sparing: true });
  await desertedTakeover();
  const before = bank.world.oracle.moves('loans');
  expect(before.writing).toEqual(['main']);
  expect(await refused('reprotect')).toMatch(/loan-db1, loan-app1 of loans not at dr/);
  // Main goes on, and what it acknowledged is there.
  const { writing: sites, overwrites, wrongDirection } = bank.world.oracle.moves('loans');
  expect([sites, overwrites, wrongDirection]).toEqual([['main'], [], []]);
});

test('servers at DR that went off hold the way back up, at the gateway as well', async () => {
  let isBack = false;
  await struck(
    (event) => isBack && ends('fence')(event),
    () => {
      bank.world.fault('site-dead', true, { site: 'dr' });
      bank.world.fault('site-dead', false, { site: 'dr' });
    },
  );
  await disaster(bank);
  expect((await moved(bank, 'failover', 'loans')).result?.result).toBe('passed');
  await repaired(bank);
  isBack = true;
  const head = await drive(await ordered(bank, 'reprotect', 'loans'));
  expect(why(head)).toMatch(/^reverse: GW-GUARD: reverse.reverse: server-active-/);
  expect(why(head)).toContain(hazardText(4));
  expect(bank.world.oracle.moves('loans').overwrites).toEqual([]);
});

test('the link breaks before the sides changed: taken back, the service runs at home again', async () => {
  await struck(ends('fence'), () => bank.world.fault('link-cut', true));
  const run = await ordered(bank, 'switchover', 'loans');
  expect((await drive(run)).pause?.step).toBe('swap');
  bank.clock.advance(600_000);
  const end = await aborted(run, 'undo');
  expect([end.pause, end.result?.result, writing()]).toEqual([undefined, 'aborted', ['main']]);
});

test('main dies after the sides changed: a failover finds DR open, and says nothing of a loss', async () => {
  await struck(ends('swap'), () => {
    bank.world.fault('site-dead', true, { site: 'main' });
    bank.killGateway('main');
  });
  const run = await ordered(bank, 'switchover', 'loans');
  expect((await drive(run)).pause?.step).toBe('boot');
  bank.clock.advance(600_000);
  const over = await moved(bank, 'failover', 'loans');
  expect([over.result?.result, writing()]).toEqual(['passed', ['dr']]);
  expect((await lossOf(over.run)).rpo).toMatchObject({
    value: null,
    reason: { en: expect.stringContaining('opened before this run') },
  });
});

async function lossOf(run: string) {
  const { store, blobs, config } = bank;
  return drillResult(await readDrill(run, { store, blobs, tenant: config.policy.tenant }), config);
}

test('nobody goes back to servers that the run has begun to delete', async () => {
  const between = (site: string, http: Http): Http => {
    const keeps = ({ method, url }: Parameters<Http>[0]) =>
      site === 'dr' && method === 'DELETE' && url.includes('/ports/');
    return async (request) =>
      keeps(request) ? { status: 409, headers: {}, body: '{}' } : http(request);
  };
  bank = await openBank({ sparing: true, between });
  await moved(bank, 'switchover', 'loans');
  const run = await ordered(bank, 'failback', 'loans');
  expect((await drive(run)).pause?.step).toBe('retire');
  expect((await aborted(run, 'undo')).pause?.step).toBe('retire');
  const answers = (await bank.events(run)).filter(({ type }) => type === 'refused');
  expect(JSON.stringify(answers)).toContain('RUN-NO-WAY-BACK');
  expect(writing()).toEqual(['main']);
});

/** LU paths to the volumes of the service at main. */
async function paths(): Promise<string[]> {
  const array = await login(bank.world, 'main');
  const unit = bank.world.units.find(({ id }) => id === 'loans');
  const rows = await Promise.all(
    (unit?.pairs ?? []).map(async ({ pvol }) => {
      const { body } = await array.get(`/v1/objects/storages/900000040014/ldevs/${pvol}`);
      const ports: Record<string, unknown>[] = body.ports ?? [];
      return ports.map(({ portId, hostGroupNumber: n, lun }) => `${pvol} ${portId},${n},${lun}`);
    }),
  );
  return rows.flat().sort();
}

test('a run that stopped half-way in fencing: the next one knows what is away and gives it back', async () => {
  let busy = true;
  let removed = 0;
  const between = (site: string, http: Http): Http => {
    const isBusy = ({ method, url }: Parameters<Http>[0]) =>
      busy && site === 'main' && method === 'DELETE' && url.includes('/luns/') && removed++ > 1;
    return async (request) =>
      isBusy(request) ? { status: 503, headers: {}, body: '{}' } : http(request);
  };
  const fence = await struck(ends('fence'), () => undefined, { between });
  const before = await paths();
  const first = await ordered(bank, 'switchover', 'loans');
  expect((await drive(first)).pause?.step).toBe('fence');
  await aborted(first, 'keep');
  expect((await paths()).length).toBe(before.length - 2);
  busy = false;
  bank.clock.advance(120_000);
  const second = await ordered(bank, 'switchover', 'loans');
  await bank.drive(second, ({ state }) => state === 'paused' || fence.done);
  expect((await aborted(second, 'undo')).result?.result).toBe('aborted');
  expect(await paths()).toEqual(before);
});

test('a disk attached while the servers stop would be left behind: the run stops', async () => {
  await struck(sends('stop.lock-loan-app1'), () =>
    bank.world.fault('volume-added', true, { service: 'loans' }),
  );
  const run = await ordered(bank, 'switchover', 'loans');
  const head = await drive(run);
  expect(why(head)).toMatch(/^stop: loan-db1 .* not those of services.yml/);
  expect(why(head)).toContain(hazardText(7));
});

test('a server of another name at the volumes of the service is not cut off while it writes', async () => {
  const between = (site: string, http: Http): Http => {
    const renamed = (body: string) => body.replaceAll('"name":"loan-app1"', '"name":"other"');
    return async (request) => {
      const answer = await http(request);
      const isList = site === 'main' && request.url.includes('/servers');
      return isList ? { ...answer, body: renamed(answer.body) } : answer;
    };
  };
  bank = await openBank({ sparing: true, between });
  expect(why(await drive(await ordered(bank, 'switchover', 'loans')))).toMatch(/^stop: other /);
  expect(writing()).toEqual(['main']);
});

test('main declared dead before it was: its later heartbeat is no proof that nothing was lost', async () => {
  bank = await openBank({ sparing: true });
  const said = iso(bank.clock.now());
  bank.clock.advance(600_000);
  bank.world.fault('link-down', true, { service: 'loans' });
  bank.clock.advance(25_000);
  await disaster(bank);
  const run = await ordered(bank, 'failover', 'loans');
  await bank.type('han', `declare ${run} ${said} power is gone at main`);
  expect((await drive(run)).result?.result).toBe('passed');
  expect(bank.world.oracle.moves('loans').openings[0]?.lostRecords).toBeGreaterThan(100);
  const { rpo, loss } = await lossOf(run);
  expect(rpo.value).toBeNull();
  expect(loss).toBeUndefined();
});

test('two people say that main is fenced, and main says that it works: DR stays closed', async () => {
  bank = await openBank({ sparing: true });
  bank.world.fault('link-cut', true);
  bank.clock.advance(600_000);
  const head = await drive(await ordered(bank, 'failover', 'loans'));
  expect(why(head)).toMatch(/^silent: main answers, and so does its array: .*loan-db1 ACTIVE/);
  expect(bank.world.oracle.moves('loans')).toMatchObject({ openings: [], twoSided: [] });
});
