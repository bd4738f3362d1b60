/** Three centres, three gateways: main is lost, the second is taken over, the third follows it. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved } from '../support/moves.ts';
import { changesAt, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const passed = ({ result }: Head) => [result?.result, result?.reasons];
const GOOD = ['passed', []];

const third = `  - id: far
    name: { ko: 제3센터, en: Third centre }
    gateway: http://127.0.0.1:4730
    array: { storageDeviceId: "900000040016", api: cm }
    cloud: far
    country: KR
`;
const centres = {
  'config/sites.yml': (text: string) => `${text}${third}`,
  'config/services.yml': (text: string) =>
    text.replace(
      '{ type: UR, group: LOAN01, from: main, to: dr }',
      '{ type: TC, fence: DATA, group: LOAN01, from: main, to: dr,' +
        ' far: { site: far, group: LOAN-FAR, delta: LOAN-DELTA } }',
    ),
};

test('the mirror that waited runs, sent by one gateway with a session that the third one lends', async () => {
  bank = await openBank({ sparing: true, edit: centres });
  await disaster(bank);
  expect(passed(await moved(bank, 'failover', 'loans'))).toEqual(GOOD);
  bank.clock.advance(600_000);
  expect(passed(await moved(bank, 'delta-resync', 'loans'))).toEqual(GOOD);
  const { oracle, map } = bank.world;
  expect([oracle.moves('loans').lost.onActive, repeated(bank)]).toEqual([0, []]);
  expect(changesAt(bank, 'dr').filter(({ path }) => path.includes('LOAN-DELTA'))).toHaveLength(1);
  bank.clock.advance(60_000);
  const volumes = map.services.find(({ id }) => id === 'loans')?.volumes ?? [];
  expect(volumes.length).toBeGreaterThan(0);
  for (const { svol, farLdev } of volumes) {
    const [here, there] = [oracle.contents('dr', svol), oracle.contents('far', farLdev)];
    // A few seconds are on their way; everything before the takeover is there, and the work since.
    expect(here.heartbeat - there.heartbeat).toBeLessThan(5);
    expect(there.drillWrites).toBe(here.drillWrites);
  }
}, 60_000);
