/** Orders of people through Slack's door: pause, resume, skip by two, withdraw, and what is seen. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { type Bank, openBank, shortTries } from '../support/bank.ts';
import { changesAt, repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const is = (state: Head['state']) => (head: Head) => head.state === state;
const asking = (step: string) => (head: Head) => head.asks.some((ask) => ask.step === step);

/** Types an order and lets the engine take it in; what the person is told alone comes back. */
async function say(handle: string, text: string, run: string): Promise<string> {
  await bank.type(handle, text);
  await bank.tick(run);
  return bank.told(handle).at(-1) ?? '';
}

const typesOf = async (run: string) => (await bank.events(run)).map(({ type }) => type);

it('a run is held, resumed, and a step of it skipped by two people: conditional, not passed', async () => {
  bank = await openBank({
    edit: shortTries,
    between: (_, http) => async (request) => {
      const down = request.url.includes('10.90.3.12:8080/health');
      return down ? { status: 500, headers: {}, body: '' } : http(request);
    },
  });
  const run = await bank.ask('drill loans');
  await bank.drive(run, asking('database'));
  await holdAndResume(run);
  await bank.drive(run, is('paused'));
  await skipByTwo(run);
  const end = await bank.drive(run, is('paused'));
  expect(end.result?.result).toBe('conditional');
  expect(end.steps.find(({ id }) => id === 'verify')?.state).toBe('skipped');
  expect(await residue(bank, run)).toEqual([]);
  expect(repeated(bank)).toEqual([]);
}, 60_000);

/** Nothing begins, and no limit runs: that of the step would have passed twice over. */
async function holdAndResume(run: string): Promise<void> {
  expect(await say('lee', `pause ${run} wait`, run)).toContain('RUN-ROLE');
  await say('han', `pause ${run} 원격 복제 점검`, run);
  const before = changesAt(bank, 'dr').length;
  bank.clock.advance(30 * 60_000);
  const held = await bank.drive(run, is('held'), false);
  expect(held.held).toMatchObject({ reason: '원격 복제 점검' });
  expect(held.waiting).toMatchObject({ for: 'operator' });
  expect(held.choices).toEqual(['resume', 'skip', 'abort']);
  const seen = await bank.type('kim', 'status loans');
  for (const word of ['보류', '원격 복제 점검', '/dr resume']) expect(seen).toContain(word);
  expect(await say('han', `retry ${run} now`, run)).toContain('RUN-HELD');
  expect(changesAt(bank, 'dr')).toHaveLength(before);
  await bank.press('han', actionIds.resume, run, '점검 끝');
  await bank.tick(run);
  expect((await bank.head(run)).state).toBe('running');
  expect(await typesOf(run)).not.toContain('step.failed');
}

async function skipByTwo(run: string): Promise<void> {
  expect(await bank.type('han', `skip ${run} verifi ignore`)).toContain('verify');
  await bank.press('han', actionIds.skip, run);
  expect(await say('han', `note ${run} 확인 중`, run)).toContain('RUN-REASON');
  await say('han', `skip ${run} verify 훈련망 방화벽`, run);
  const waiting = await bank.head(run);
  expect(waiting.waiting).toMatchObject({ for: 'second-person' });
  expect(waiting.skips).toMatchObject([{ step: 'verify', reason: '훈련망 방화벽' }]);
  expect(await say('han', `confirm-skip ${run} verify`, run)).toContain('RUN-SAME-PERSON');
  expect((await bank.head(run)).state).toBe('paused');
  await bank.press('kim', actionIds.confirmSkip, run);
}

describe('an approval that is taken back', () => {
  it('counts no more; the run waits for another one', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await bank.press('lee', actionIds.approve, run);
    await bank.tick(run);
    expect(await say('park', `withdraw ${run} 잘못 눌렀습니다`, run)).toContain(
      'RUN-NOT-COLLECTING',
    );
    await say('lee', `withdraw ${run} 일정 충돌`, run);
    expect((await bank.head(run)).approval?.granted).toEqual([]);
    await bank.press('park', actionIds.approve, run);
    await bank.tick(run);
    const head = await bank.head(run);
    expect(head.state).toBe('awaiting-approval');
    expect(head.waiting).toMatchObject({ for: 'approvals', who: [head.approval?.role] });
    expect(changesAt(bank, 'dr')).toEqual([]);
    expect(await bank.type('han', `abort r-0000000000 no`)).toContain('SLK-RUN');
    await say('kim', `abort --keep 다음 주`, run);
    const end = await bank.drive(run, undefined, false);
    expect(end.result).toMatchObject({ result: 'aborted', reasons: ['다음 주'] });
    expect(end.waiting).toBeUndefined();
  });
});

it('a run held while the lag is measured measures anew: two hours of pause are no lag', async () => {
  bank = await openBank();
  const run = await bank.ask('drill loans');
  const step = (id: string, state: string) => (head: Head) =>
    head.steps.some((one) => one.id === id && one.state === state);
  await bank.drive(run, step('healthy', 'running'));
  await say('han', `pause ${run} 점심`, run);
  bank.clock.advance(2 * 3_600_000);
  await say('han', `resume ${run} 재개`, run);
  const head = await bank.drive(run, (seen) => is('paused')(seen) || step('healthy', 'done')(seen));
  expect(head.pause).toBeUndefined();
  expect(await typesOf(run)).not.toContain('step.failed');
});
