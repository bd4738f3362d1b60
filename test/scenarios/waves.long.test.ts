/** Several services in one drill, approved together, one after another (rules 1, 2 and 3). */
import { afterEach, describe, expect, it } from '@jest/globals';
import { sealIfLast } from '../../lib/evidence/seal.ts';
import { fileSigner } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { eventsOf } from '../support/epochs.ts';
import { doubleIntents, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

/** Every member does what it can; people play their parts at the member that waits for them. */
async function drive(runs: readonly string[], until: (heads: Head[]) => boolean): Promise<Head[]> {
  for (let i = 0; i < 400; i++) {
    for (const run of runs) await bank.tick(run);
    const heads = await Promise.all(runs.map((run) => bank.head(run)));
    if (until(heads) || heads.every(({ state }) => state === 'ended')) return heads;
    let acted = false;
    for (const head of heads) acted = (await bank.playCue(head)) || acted;
    if (!acted) bank.clock.advance(30_000);
  }
  throw new Error('the wave did not come to rest');
}

const begun = async (run: string) => (await eventsOf(bank, run, 'step.started'))[0]?.ts ?? '';

/** The members' runs in their order. */
async function openWave(text = 'wave copies-resync loans payments'): Promise<string[]> {
  bank = await openBank({ sparing: true });
  await bank.type('kim', text);
  return bank.signals();
}

describe('a wave of two services', () => {
  it('is one drill under one approval; the second begins when the first has ended well', async () => {
    const runs = await openWave('wave drill-copy loans payments');
    const heads = await drive(runs, () => false);
    expect(heads.map(({ result }) => result?.result)).toEqual(['passed', 'passed']);
    expect(new Set(heads.map(({ drill }) => drill))).toEqual(new Set(['DR-2026-001']));
    const [first = '', second = ''] = runs;
    const done = await eventsOf(bank, first, 'step.finished');
    const ready = done.find(({ data }) => data.step === 'business')?.ts ?? '';
    expect((await begun(second)) >= ready).toBe(true);
    expect(repeated(bank)).toEqual([]);
    expect(await doubleIntents(bank, second)).toEqual([]);
    // Two people, once; both runs carry what they decided, under the hash of the list.
    const grants = await Promise.all(runs.map((run) => eventsOf(bank, run, 'approval.granted')));
    const said = grants.map((of) => of.map(({ data }) => `${data.person} ${data.nonce}`));
    expect(said[1]).toEqual(said[0]);
    const [bound] = await eventsOf(bank, first, 'wave.bound');
    expect(grants.flat().map(({ data }) => data.planHash)).toEqual(Array(4).fill(bound?.data.hash));
    const { store, blobs, keys, config, worker, folder } = bank;
    const signer = fileSigner(keys.evidence);
    const order = { store, blobs, config, signer, folder: folder.packs };
    const whole = { ...order, gatewayKeys: keys.gateways, ledger: worker.ledger };
    const pack = await sealIfLast({ ...whole, run: second });
    const publicKeyPem = await signer.publicKeyPem();
    const { checks } = await verifyPack(pack?.path ?? '', { publicKeyPem });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(pack).toMatchObject({ drill: 'DR-2026-001', result: 'passed' });
  }, 120_000);

  it('a changed plan of one member voids the approval of all', async () => {
    const runs = await openWave('wave drill-copy loans payments');
    const waiting = (heads: Head[]) => heads.some(({ state }) => state === 'awaiting-approval');
    const heads = await drive(runs, waiting);
    expect(heads.map(({ wave }) => wave?.members.map(({ service }) => service))).toEqual([
      ['loans', 'payments'],
      ['loans', 'payments'],
    ]);
    bank.editRunbook('drill-copy', (text) => `${text}\n# one more line\n`);
    const ends = await drive(runs, () => false);
    expect(ends.map(({ result }) => result?.result)).toEqual(['voided', 'voided']);
    for (const run of runs) expect(await eventsOf(bank, run, 'intent')).toEqual([]);
  });

  it('a failure of one makes the next stand still until a person decides', async () => {
    const runs = await openWave('wave drill-copy loans payments');
    const [first = '', second = ''] = runs;
    await drive(runs, ([head]) => head?.steps.some(({ state }) => state === 'done') === true);
    await bank.type('kim', `abort ${first} --keep 문제가 보입니다`);
    const heads = await drive(runs, (all) => all[1]?.state === 'paused');
    expect(heads[1]?.pause?.refusal.code).toBe('RUN-WAVE');
    expect(await eventsOf(bank, second, 'step.started')).toEqual([]);
    await bank.type('han', `retry ${second} 앞의 실행과 무관합니다`);
    const goes = await drive(
      runs,
      (all) => all[1]?.steps.some(({ state }) => state === 'done') === true,
    );
    expect(goes[1]?.steps.some(({ state }) => state === 'done')).toBe(true);
    expect((await eventsOf(bank, second, 'wave.turn'))[0]?.data).toEqual({
      after: first,
      result: 'aborted',
    });
  }, 120_000);

  it('one denial ends all', async () => {
    const runs = await openWave();
    const waiting = (heads: Head[]) => heads.some(({ state }) => state === 'awaiting-approval');
    await drive(runs, waiting);
    await bank.press('lee', 'drillbook:deny', runs[0] ?? '', 'not today');
    const ends = await drive(runs, () => false);
    expect(ends.map(({ result }) => result?.result)).toEqual(['denied', 'denied']);
  });
});
