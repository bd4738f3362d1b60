/**
 * A gateway that falls silent, a worker that dies between two lines, a retry at the wrong moment:
 * none of these may leave a run that nobody can end, or send what nobody has looked at.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const isOf = (event: { readonly data: unknown }, step: string): boolean =>
  (event.data as { step?: string }).step === step;

const paused = ({ state }: Head) => state === 'paused';

/** Ticks for hours of the bank's time; people do nothing. */
async function hours(run: string, count: number): Promise<Head> {
  const until = bank.clock.now() + count * 3_600_000;
  while (bank.clock.now() < until) {
    const pace = await bank.tick(run);
    const head = await bank.head(run);
    if (pace.next === 'end' || head.state === 'ended') return head;
    if (pace.next === 'wait') bank.clock.advance(Math.max(pace.ms, 120_000));
    if (head.state === 'paused') return head;
  }
  return bank.head(run);
}

describe('a gateway that falls silent', () => {
  it('in the middle of a step: the step’s limit asks a person, two aborts end it', async () => {
    let dead = false;
    bank = await openBank({
      wire: (http) => async (request) => {
        if (dead && request.url.includes(':4720')) throw new Error('timeout');
        return http(request);
      },
      onEvent: (event) => {
        if (event.type === 'intent' && isOf(event, 'boot')) dead = true;
      },
    });
    const run = await bank.ask('drill loans');
    await bank.drive(run, () => dead);
    const stopped = await hours(run, 8);
    expect(stopped.pause).toMatchObject({ step: 'boot', refusal: { code: 'RUN-LATE' } });
    expect(stopped.pause?.refusal.why).toMatch(/Gateway dr does not say what became of boot\./);
    await bank.press('han', actionIds.abort, run, '게이트웨이가 응답하지 않습니다');
    expect((await hours(run, 2)).state).toBe('paused');
    await bank.press('han', actionIds.abort, run, '수동으로 정리합니다');
    const end = await bank.drive(run, () => false, false);
    expect(end.result).toMatchObject({ result: 'failed' });
    const [last] = (await bank.events(run)).filter((event) => event.type === 'run.ended');
    const left = last?.type === 'run.ended' ? last.data.residue.join() : '';
    expect(left).toMatch(/resync/);
    expect(left).toMatch(/did not say what became of it/);
    expect(await bank.store.holder('service:loans')).toBeUndefined();
  });

  it('before it has the plan: the run ends instead of opening for ever', async () => {
    let dead = false;
    bank = await openBank({
      wire: (http) => async (request) => {
        if (dead && request.url.includes(':4710')) throw new Error('timeout');
        return http(request);
      },
      onEvent: (event) => {
        if (event.type === 'plan.resolved') dead = true;
      },
    });
    const run = await bank.ask('drill loans');
    const end = await bank.drive(run);
    expect(end.result).toMatchObject({ result: 'failed' });
    expect(end.result?.reasons.join()).toMatch(/gateway main did not take the plan/);
  });
});

describe('a retry of the first step that sends', () => {
  it('reads the facts first, and not again after its own split (rule 2)', async () => {
    let broken = false;
    let tried = false;
    bank = await openBank({
      edit: {
        'runbooks/drill-copy.yml': (text) =>
          text.replace('atTime: true }', 'atTime: true }\n    within: 2m'),
      },
      between: (site, http) => async (request) =>
        broken && site === 'dr' && request.method === 'GET' && request.url.includes('/journals')
          ? { status: 500, headers: {}, body: '' }
          : http(request),
      onEvent: (event) => {
        if (event.type === 'step.started' && isOf(event, 'split')) broken = !tried;
        tried ||= broken;
      },
    });
    const run = await bank.ask('drill loans');
    expect((await bank.drive(run, paused)).pause).toMatchObject({ step: 'split' });
    broken = false;
    await bank.press('han', actionIds.retry, run, '저널 조회를 복구했습니다');
    const end = await bank.drive(run, paused);
    expect(end.result).toMatchObject({ result: 'passed' });
    const events = await bank.events(run);
    const split = events.findIndex((event) => event.type === 'intent');
    const checks = events.flatMap((event, i) =>
      event.type === 'facts.checked' && event.data.at === 'first-call' ? [i] : [],
    );
    expect(checks.length).toBeGreaterThan(0);
    expect(Math.max(...checks)).toBeLessThan(split);
    expect(repeated(bank)).toEqual([]);
    expect(await residue(bank, run)).toEqual([]);
  });
});

describe('a worker that dies between two lines', () => {
  it('after a failure and before its pause: nobody restarts the step by himself', async () => {
    // A put that fails is tried once more: this worker does not live to see that either.
    let tries = 2;
    bank = await openBank({
      store: (store) => ({
        ...store,
        append: async (chain, item) => {
          if (tries > 0 && item.line.includes('"type":"run.paused"')) {
            tries -= 1;
            throw new Error('killed');
          }
          return store.append(chain, item);
        },
      }),
    });
    bank.world.fault('copies-left-split', true, { service: 'loans' });
    const run = await bank.ask('drill loans');
    await expect(bank.drive(run, paused)).rejects.toThrow('killed');
    const head = await bank.drive(run, paused);
    expect(head.pause).toMatchObject({ step: 'copies' });
    const events = await bank.events(run);
    const started = events.filter(
      (event) => event.type === 'step.started' && event.data.step === 'copies',
    );
    expect(started).toHaveLength(1);
  });

  it('with the copy groups taken: whoever ends the run gives them back', async () => {
    let crash = true;
    bank = await openBank({
      store: (store) => ({
        ...store,
        putLock: async (unit, next, before) => {
          const taken = await store.putLock(unit, next, before);
          if (crash) {
            crash = false;
            throw new Error('killed');
          }
          return taken;
        },
      }),
    });
    await expect(bank.ask('drill loans')).rejects.toThrow('killed');
    const run = bank.lastSignal();
    await bank.drive(run, ({ state }) => state === 'awaiting-approval', false);
    await bank.press('kim', actionIds.abort, run, '중단합니다');
    await bank.drive(run);
    const next = await bank.ask('drill loans');
    expect((await bank.drive(next)).result).toMatchObject({ result: 'passed' });
  });
});

describe('an approval', () => {
  it('is void when the runbook was changed after the plan was made (rule 2)', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await bank.drive(run, ({ state }) => state === 'awaiting-approval', false);
    bank.editRunbook('drill-copy', (text) => `${text}\n# a word more\n`);
    const end = await bank.drive(run);
    expect(end.result).toMatchObject({ result: 'voided' });
    expect(end.result?.reasons.join()).toMatch(/runbook drill-copy was changed/);
    expect(bank.world.effects).toHaveLength(0);
  });
});
