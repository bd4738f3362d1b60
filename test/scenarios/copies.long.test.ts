import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { changesAt, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';
const copies = () => bank.world.samples.findLast(({ service }) => service === 'loans')?.copies;

/** The runbook without the step that looks whether the copies are PAIR. */
const withoutCheck = (text: string): string =>
  text.replace(/ {2}# Left split by an earlier drill[\s\S]*?(?= {2}- id: split)/, '');

describe('copies that somebody else left split', () => {
  it('stop the drill at once: since when is not known, the command is named', async () => {
    bank = await openBank();
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'copies' });
    expect(head.pause?.refusal.why).toContain('not split by Drillbook, time unknown');
    expect(head.pause?.refusal.why).toContain('/dr run copies-resync loans');
    expect(bank.clock.now() - (head.clocks.t2 ?? 0)).toBeLessThan(60_000);
    expect(changesAt(bank, 'dr')).toEqual([]);
  });

  it('are left alone by the always steps of a run that never split (rule 6)', async () => {
    bank = await openBank();
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const run = await bank.ask('drill loans');
    await bank.drive(run, paused);
    await bank.press('han', 'drillbook:abort', run, '복제본을 먼저 확인합니다');
    const head = await bank.drive(run);
    expect(head.result?.result).toBe('aborted');
    expect(head.steps.find(({ id }) => id === 'resync')?.state).toBe('not-needed');
    expect(changesAt(bank, 'dr')).toEqual([]);
    expect(copies()).toBe('PSUS 3');
  });

  it('are refused by clone/split itself when the runbook does not look', async () => {
    expect(withoutCheck(readFileSync('runbooks/drill-copy.yml', 'utf8'))).not.toContain(
      'clone/assert',
    );
    bank = await openBank({ edit: { 'runbooks/drill-copy.yml': withoutCheck } });
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'split', refusal: { code: 'RUN-PREEXISTING' } });
    expect(head.pause?.refusal.why).toContain('time unknown');
    expect(changesAt(bank, 'dr')).toEqual([]);
  });

  it('are made PAIR again by copies-resync, which takes two people (rule 1)', async () => {
    bank = await openBank();
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const run = await bank.ask('run copies-resync loans');
    await bank.press('lee', 'drillbook:approve', run);
    await bank.tick(run);
    await bank.press('lee', 'drillbook:approve', run);
    await bank.tick(run);
    expect(changesAt(bank, 'dr')).toEqual([]);
    expect((await bank.head(run)).state).toBe('awaiting-approval');
    const head = await bank.drive(run, paused);
    expect(head.result?.result).toBe('passed');
    expect(changesAt(bank, 'dr')).toHaveLength(1);
    expect(copies()).toBe('PAIR 3');
    const drill = await bank.ask('drill loans');
    expect((await bank.drive(drill, paused)).result?.result).toBe('passed');
    expect(bank.world.oracle.resyncUnderPath()).toBe(0);
  });
});

describe('copies that a drill of ours left split', () => {
  /** A drill whose clean-up is given up, so that its copies stay split. */
  async function leaveSplit(): Promise<Head> {
    const run = await bank.ask('drill loans');
    await bank.drive(run, ({ asks }) => asks.length > 0);
    await bank.press('han', 'drillbook:abort', run, 'stop');
    expect((await bank.drive(run, paused)).pause?.step).toBe('resync');
    await bank.press('han', 'drillbook:abort', run, 'give up');
    return bank.drive(run);
  }

  it('are told with the drill that split them and the time', async () => {
    let stubborn = true;
    bank = await openBank({
      between: (_, http) => async (request) => {
        const refuses = stubborn && request.url.endsWith('/resync/invoke');
        return refuses ? { status: 503, headers: {}, body: '{}' } : http(request);
      },
    });
    const first = await leaveSplit();
    stubborn = false;
    expect(first.result?.result).toBe('failed');
    const end = (await bank.events(first.run)).findLast(({ type }) => type === 'run.ended');
    expect(JSON.stringify(end?.data)).toContain('resync (');
    const splitAt = first.steps.find(({ id }) => id === 'split')?.startedAt ?? 0;
    const second = await bank.ask('drill loans');
    const why = (await bank.drive(second, paused)).pause?.refusal.why ?? '';
    expect(why).toContain(first.drill);
    expect(why).toContain(first.run);
    expect(why).toContain(new Date(splitAt).toISOString().slice(0, 16));
    await bank.press('han', 'drillbook:abort', second, 'resync first');
    await bank.drive(second);
    const third = await bank.ask('run copies-resync loans');
    expect((await bank.drive(third, paused)).result?.result).toBe('passed');
    expect(await bank.store.note('marks', 'clone:LOAN01-DRILL')).toBe('null');
    expect(repeated(bank)).toEqual([]);
  });

  it('are not blamed on a drill whose split the gateway never let through (rule 9)', async () => {
    bank = await openBank({
      wire: (http) => async (request) => {
        if (request.method === 'PUT' && request.body?.includes('split.split')) {
          throw new Error('connection reset');
        }
        return http(request);
      },
    });
    const run = await bank.ask('drill loans');
    await bank.drive(run, paused);
    await bank.press('han', 'drillbook:abort', run, 'line is down');
    expect((await bank.drive(run)).result?.result).toBe('aborted');
    expect(changesAt(bank, 'dr')).toEqual([]);
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const next = await bank.ask('drill loans');
    const head = await bank.drive(next, paused);
    expect(head.pause?.refusal.why).toContain('not split by Drillbook, time unknown');
  });
});
