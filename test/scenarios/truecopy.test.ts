/** TrueCopy moves like Universal Replicator, without journals; its fence level says what a disaster costs. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, lossSaid, moved, ordered, repaired, sign } from '../support/moves.ts';
import { repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const passed = ({ result }: Head) => [result?.result, result?.reasons];
const GOOD = ['passed', []];

const trueCopy = (fence: 'DATA' | 'NEVER') => ({
  'config/services.yml': (text: string) =>
    text.replace('{ type: UR, group: LOAN01', `{ type: TC, fence: ${fence}, group: LOAN01`),
});

/** Where loans writes now, and everything that must never have happened. */
function truth() {
  const { writing, lost, twoSided, wrongDirection, writers } = bank.world.oracle.moves('loans');
  expect([twoSided, wrongDirection, repeated(bank)]).toEqual([[], [], []]);
  return { writing, lost: lost.onActive, writers };
}

test('a planned switch, an hour of work at DR, and back: nothing is lost', async () => {
  bank = await openBank({ sparing: true, edit: trueCopy('DATA') });
  expect(passed(await moved(bank, 'switchover', 'loans'))).toEqual(GOOD);
  expect(truth()).toMatchObject({ writing: ['dr'], lost: 0 });
  bank.clock.advance(3_600_000);
  expect(passed(await moved(bank, 'failback', 'loans'))).toEqual(GOOD);
  expect(truth()).toMatchObject({ writing: ['main'], lost: 0 });
  for (const one of truth().writers) expect(one.on['main']).toBe(one.acknowledged);
}, 60_000);

test('fence DATA: a disaster loses nothing that was acknowledged; protected again, and home', async () => {
  bank = await openBank({ sparing: true, edit: trueCopy('DATA') });
  await disaster(bank);
  expect(passed(await moved(bank, 'failover', 'loans'))).toEqual(GOOD);
  const { openings } = bank.world.oracle.moves('loans');
  expect(openings).toMatchObject([{ lostRecords: 0, lostMs: 0 }]);
  expect(truth()).toMatchObject({ writing: ['dr'], lost: 0 });
  bank.clock.advance(3_600_000);
  await repaired(bank);
  expect(passed(await moved(bank, 'reprotect', 'loans'))).toEqual(GOOD);
  expect(passed(await moved(bank, 'failback', 'loans'))).toEqual(GOOD);
  expect(truth()).toMatchObject({ writing: ['main'], lost: 0 });
}, 60_000);

test('fence NEVER: main went on alone and then burnt down; that takes a red word, and the loss is told', async () => {
  const { 'config/services.yml': edit } = trueCopy('NEVER');
  bank = await openBank({ sparing: true, edit: { 'config/services.yml': edit } });
  bank.world.fault('link-cut', true);
  bank.clock.advance(600_000);
  bank.world.fault('site-dead', true, { site: 'main' });
  bank.killGateway('main');
  await expect(ordered(bank, 'failover', 'loans')).rejects.toThrow(/not current.*fence NEVER/s);
  bank.editRunbook('failover', (text) =>
    text.replace('proof: fence }', 'proof: fence, data: may-be-old }'),
  );
  const run = await bank.ask('run failover loans');
  const shown = JSON.stringify(await bank.slack.messages(bank.config.policy.channel));
  expect(shown.includes('데이터가 오래되고 불완전할 수 있음')).toBe(true);
  for (const handle of ['lee', 'park']) await sign(bank, run, handle);
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([passed(head), head.pause, head.stake]).toEqual([GOOD, undefined, 'old']);
  const [opening] = bank.world.oracle.moves('loans').openings;
  expect(opening?.lostRecords).toBeGreaterThan(10_000);
  const { lossMs, errorMs, method } = await lossSaid(bank, head.run);
  expect(method).toBe('measured');
  expect(Math.abs(lossMs - (opening?.lostMs ?? 0))).toBeLessThanOrEqual(errorMs);
}, 60_000);

test('an array with another fence level than services.yml says: nobody moves the service', async () => {
  bank = await openBank({
    sparing: true,
    edit: trueCopy('DATA'),
    between: (site, http) => async (request) => {
      const answer = await http(request);
      if (site !== 'dr') return answer;
      return {
        ...answer,
        body: String(answer.body).replace('"fenceLevel":"DATA"', '"fenceLevel":"NEVER"'),
      };
    },
  });
  const why = /Fence level of copy group LOAN01.*DATA/s;
  await expect(ordered(bank, 'switchover', 'loans')).rejects.toThrow(why);
}, 60_000);
