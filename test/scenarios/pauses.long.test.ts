import { afterEach, describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { type Bank, openBank, shortTries } from '../support/bank.ts';
import { changesAt, repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const paused = ({ state }: Head) => state === 'paused';
const asking = (step: string) => (head: Head) => head.asks.some((ask) => ask.step === step);

async function refused(run: string): Promise<string[]> {
  const events = await bank.events(run);
  return events.flatMap((event) => (event.type === 'refused' ? [event.data.refusal.code] : []));
}

/** An answer to a step, pressed by anybody on the newest button of this kind. */
async function answer(handle: string, part: 'performed' | 'witnessed' | 'confirmed', run: string) {
  await bank.press(handle, actionIds[part], run, '확인했습니다');
  await bank.tick(run);
}

describe('servers that do not start', () => {
  it('pause the run; mended and retried it passes, nothing was sent twice (rule 3)', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    bank.world.fault('boot-failing', true);
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'boot' });
    expect(head.pause?.refusal.why).toMatch(/loan-db1/);
    await bank.press('han', actionIds.abort, run, '서버가 올라오지 않습니다');
    const end = await bank.drive(run, paused);
    expect(end.result).toMatchObject({ result: 'aborted' });
    expect(end.result?.reasons.join()).toContain('서버가 올라오지 않습니다');
    expect(await residue(bank, run)).toEqual([]);
    expect(repeated(bank)).toEqual([]);
  });

  it('by a refusal of the cloud are tried three times, then a person is asked', async () => {
    let refusing = true;
    let asked = 0;
    bank = await openBank({
      between: (_, http) => async (request) => {
        const boots =
          request.method === 'POST' && new URL(request.url).pathname.endsWith('/servers');
        if (!boots || !refusing) return http(request);
        asked++;
        return { status: 403, headers: {}, body: '{"forbidden":{"message":"Quota exceeded"}}' };
      },
    });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'boot', refusal: { code: 'RUN-ATTEMPTS' } });
    expect(asked).toBe(3);
    refusing = false;
    await bank.press('han', actionIds.retry, run, '쿼터를 늘렸습니다');
    const end = await bank.drive(run, paused);
    expect(end.result?.result).toBe('passed');
    expect(repeated(bank)).toEqual([]);
    expect(await residue(bank, run)).toEqual([]);
  });
});

describe('a check that fails (rule 7)', () => {
  it('pauses; after a retry that measures it well the run passes', async () => {
    let broken = true;
    bank = await openBank({
      edit: shortTries,
      between: (_, http) => async (request) => {
        const down = broken && request.url.includes('10.90.3.12:8080/health');
        return down ? { status: 500, headers: {}, body: '' } : http(request);
      },
    });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run, paused);
    expect(head.pause?.step).toBe('verify');
    broken = false;
    await bank.press('han', actionIds.retry, run, '서비스를 다시 올렸습니다');
    const end = await bank.drive(run, paused);
    expect(end.result?.result).toBe('passed');
    expect(await residue(bank, run)).toEqual([]);
  });

  it('never ends as passed when it stays failed and is given up', async () => {
    bank = await openBank({
      edit: shortTries,
      between: (_, http) => async (request) => {
        const down = request.url.includes('10.90.3.12:8080/health');
        return down ? { status: 500, headers: {}, body: '' } : http(request);
      },
    });
    const run = await bank.ask('drill loans');
    await bank.drive(run, paused);
    await bank.press('han', actionIds.abort, run, 'no use');
    expect((await bank.drive(run, paused)).result?.result).toBe('aborted');
    expect(await residue(bank, run)).toEqual([]);
  });
});

describe('giving up', () => {
  it('before approval: ended, nothing was sent, claims are back', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await bank.press('kim', actionIds.abort, run, '다음 주로 미룹니다');
    const head = await bank.drive(run, undefined, false);
    expect(head.result).toMatchObject({ result: 'aborted', reasons: ['다음 주로 미룹니다'] });
    expect(changesAt(bank, 'dr')).toEqual([]);
    expect(await bank.store.holder('service:loans')).toBeUndefined();
  });

  it('in the midst of it: the clean-up runs whole and the result says aborted', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await bank.drive(run, asking('database'));
    await bank.press('kim', actionIds.abort, run, 'enough');
    const head = await bank.drive(run, paused);
    expect(head.result?.result).toBe('aborted');
    expect(await residue(bank, run)).toEqual([]);
    expect(repeated(bank)).toEqual([]);
  });

  it('a second time, in a pause of the clean-up: failed, and the residue is listed', async () => {
    bank = await openBank({ edit: shortTries });
    const run = await bank.ask('drill loans');
    await bank.drive(run, asking('database'));
    bank.world.fault('http-500', true);
    await bank.press('han', actionIds.abort, run, 'first');
    const stuck = await bank.drive(run, paused);
    expect(stuck.pause).toMatchObject({ step: 'remove' });
    await bank.press('han', actionIds.abort, run, 'second');
    const head = await bank.drive(run, paused);
    expect(head.result?.result).toBe('failed');
    const ended = (await bank.events(run)).find((event) => event.type === 'run.ended');
    const left = ended?.type === 'run.ended' ? ended.data.residue.join('\n') : '';
    expect(left).toMatch(/remove .*did not finish/);
    expect(left).toMatch(/resync/);
    expect(left).toMatch(/clean/);
  });

  it('the clean-up pauses when it cannot go on and ends well after a retry', async () => {
    bank = await openBank({ edit: shortTries });
    const run = await bank.ask('drill loans');
    await bank.drive(run, asking('database'));
    bank.world.fault('http-500', true);
    await bank.press('han', actionIds.abort, run, 'first');
    await bank.drive(run, paused);
    bank.world.fault('http-500', false);
    await bank.press('han', actionIds.retry, run, 'cloud is back');
    expect((await bank.drive(run, paused)).result?.result).toBe('aborted');
    expect(await residue(bank, run)).toEqual([]);
    expect(repeated(bank)).toEqual([]);
  });

  it.each([
    ['retry', 'choi'],
    ['abort', 'choi'],
    ['retry', 'lee'],
    ['abort', 'smith'],
  ] as const)('%s by %s, who may not: refused, journaled, told', async (verb, handle) => {
    bank = await openBank();
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const run = await bank.ask('drill loans');
    await bank.drive(run, paused);
    await bank.press(handle, actionIds[verb], run, 'please');
    const head = await bank.drive(run, paused);
    expect(head.state).toBe('paused');
    expect(await refused(run)).toEqual(['RUN-ROLE']);
    expect(bank.told(handle).join()).toContain('RUN-ROLE');
  });
});

describe('steps that people do', () => {
  it('are only answered by the role, and witnessed by somebody else', async () => {
    bank = await openBank({
      edit: { 'config/people.yml': (text) => text.replace('[dba]', '[dba, witness]') },
    });
    const run = await bank.ask('drill loans');
    await bank.drive(run, asking('database'));
    await answer('han', 'performed', run);
    expect(await refused(run)).toEqual(['RUN-ROLE']);
    await answer('choi', 'performed', run);
    await answer('choi', 'witnessed', run);
    expect(await refused(run)).toEqual(['RUN-ROLE', 'RUN-SAME-PERSON']);
    await answer('han', 'witnessed', run);
    const given = (await bank.events(run)).flatMap((event) =>
      event.type === 'manual.step' ? [[event.data.part, event.data.role]] : [],
    );
    expect(given).toEqual([
      ['performed', 'dba'],
      ['witnessed', 'witness'],
    ]);
    await bank.drive(run, asking('business'));
    await answer('choi', 'confirmed', run);
    expect(await refused(run)).toEqual(['RUN-ROLE', 'RUN-SAME-PERSON', 'RUN-ROLE']);
    expect((await bank.head(run)).clocks.t4).toBeUndefined();
    expect((await bank.drive(run, paused)).result?.result).toBe('passed');
  });

  it('that nobody answers in time pause the run, never pass it (rule 12)', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await bank.drive(run, asking('database'));
    bank.clock.advance(15 * 60_000);
    const head = await bank.drive(run, paused, false);
    expect(head.pause).toMatchObject({ step: 'database', refusal: { code: 'RUN-LATE' } });
    await bank.press('han', actionIds.retry, run, 'DBA가 왔습니다');
    expect((await bank.drive(run, paused)).result?.result).toBe('passed');
  });
});
