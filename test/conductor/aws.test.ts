/** What only Step Functions has: generations, tokens, a history that fills, names used once. */
import { afterEach, describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import { manualClock } from '../../lib/clock.ts';
import { repeated } from '../support/proof.ts';
import { machineSchema } from './asl.ts';
import { type AwsCourse, ask, openAws } from './course.ts';
import { conductorMachine, definition } from './definition.ts';
import { stepFunctions } from './execute.ts';
import { virtualTime } from './virtual.ts';

const arn = 'arn:aws:lambda:ap-northeast-2:123456789012:function:drillbook-dev';

describe('the definition', () => {
  it('is Amazon States Language', () => {
    const filled = JSON.stringify(definition()).replaceAll(/\$\{(\w+)\}/g, `${arn}-$1`);
    const { isValid, errors } = validate(JSON.parse(filled));
    expect(errors).toEqual([]);
    expect(isValid).toBe(true);
  });

  it.each([
    ['a state of another type', /"Type":"Succeed"/, '"Type":"Fail"'],
    ['a field of another language', /"Output":"[^"]*"/, '"ResultPath":"$.x"'],
    ['another service', /lambda:invoke"/, 'sqs:sendMessage"'],
    ['a task that catches nothing', /"Catch":\[/, '"Catch":[],"Cat":['],
  ])('with %s is refused by what executes it', (_, from, to) => {
    const text = JSON.stringify(definition());
    expect(text).toMatch(from);
    expect(() => machineSchema.parse(JSON.parse(text.replace(from, to)))).toThrow();
  });
});

/** An execution whose functions answer by script. */
async function scripted(limit: number, answer: (payload: object, nth: number) => unknown) {
  const time = virtualTime(manualClock());
  let nth = 0;
  const aws = stepFunctions(conductorMachine(limit), {
    time,
    invoke: async (_, payload) => answer(Object(payload), nth++),
  });
  await aws.start('r-1', 1);
  const execution = aws.executions.get('r-1-1');
  if (execution === undefined) throw new Error('nothing was started');
  await time.rest();
  while (execution.status === 'RUNNING' && (await time.next())) await time.rest();
  return { aws, execution, calls: nth };
}

describe('a history', () => {
  const failing = () => {
    throw new Error('out of memory');
  };
  const tokenOf = (payload: object): string | undefined => ('token' in payload ? 'yes' : undefined);
  const worst: readonly (readonly [string, (payload: object) => unknown])[] = [
    ['there is always more to do', () => ({ next: 'again', seq: 1 })],
    ['an array is waited for', () => ({ next: 'wait', ms: 5_000, seq: 1 })],
    ['people are waited for who never come', () => ({ next: 'wait', ms: 9e15, seq: 1 })],
    ['every tick fails', failing],
    [
      'every second thing fails',
      (payload) =>
        tokenOf(payload) === undefined ? { next: 'wait', ms: 9e15, seq: 1 } : failing(),
    ],
  ];

  // 25,000 events for 2,000 units, so 12.5 a unit.
  it.each(worst)('is far from full when it is handed over, though %s', async (_, answer) => {
    const units = 40;
    const { execution } = await scripted(units, (payload) =>
      'handOver' in payload ? { next: 'replaced' } : answer(payload),
    );
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.path.at(-2)).toBe('HandOver');
    expect(execution.events).toBeLessThan(units * 12.5 * 0.9);
  });

  it('that is full ends the execution: what a sweep is for', async () => {
    const time = virtualTime(manualClock());
    const invoke = async () => ({ next: 'again' });
    const endless = stepFunctions(conductorMachine(9_999), { time, invoke, maxEvents: 500 });
    await endless.start('r-2', 1);
    while ((await endless.standing('r-2', 1)) === 'running') await time.rest();
    expect(endless.executions.get('r-2-1')?.error).toContain('500 events');
  });

  it('holds no answer of more than 256 KiB', async () => {
    const { execution } = await scripted(9, () => ({ next: 'again', why: 'x'.repeat(256 * 1024) }));
    expect(execution).toMatchObject({ status: 'FAILED' });
    expect(execution.error).toContain('DataLimitExceeded');
  });
});

let course: AwsCourse;
const generations = async (run: string) =>
  (await course.bank.events(run)).flatMap((event) =>
    event.type === 'conductor.started' ? [event.data.generation] : [],
  );
const passed = async (run: string) =>
  expect((await course.bank.head(run)).result?.result).toBe('passed');

describe('a run', () => {
  afterEach(() => course.bank.close());

  it('is handed from generation to generation, though some calls never come back', async () => {
    course = await openAws({
      limit: 2,
      fault: (nth) => (nth === 4 || nth === 7 ? 'hangs' : undefined),
    });
    const { aws, bank, time } = course;
    const run = await ask(course);
    const start = bank.clock.now();
    course.signal(run);
    await course.toTheEnd(run);
    await passed(run);
    expect(repeated(bank)).toEqual([]);
    expect(bank.clock.now() - start).toBeGreaterThan(330_000);
    const all = await generations(run);
    expect(all.length).toBeGreaterThan(1);
    expect(all).toEqual(all.map((_, i) => i + 1));
    expect([...aws.executions.keys()]).toEqual(all.map((n) => `${run}-${n}`));
    await time.rest();
    for (const { path, status } of aws.executions.values()) {
      const last = expect.stringMatching(/^(Replaced|End)$/);
      expect([status, path.at(-1)]).toEqual(['SUCCEEDED', last]);
    }
  });

  it('waits for people a tick an hour; a wish wakes it at once; wrong tokens do nothing', async () => {
    course = await openAws();
    const { aws, bank, time } = course;
    const run = await ask(course);
    course.signal(run);
    await course.play(run, (head) => head?.state === 'awaiting-approval');
    await time.rest();
    const { path } = aws.executions.get(`${run}-1`) ?? { path: [] };
    const ticks = () => path.filter((state) => state === 'Tick').length;
    const before = ticks();
    expect(path.at(-1)).toBe('Signal');
    expect(await time.next()).toBe(true);
    await time.rest();
    expect(ticks()).toBe(before + 1);
    const token = JSON.parse((await bank.store.note(run, 'token')) ?? '').token;
    expect(await aws.signal(token)).toBe(true);
    expect(await aws.signal(token)).toBe(false);
    await time.rest();
    const kept = (await bank.store.note(run, 'token')) ?? '';
    await bank.store.putNote(run, 'token', JSON.stringify({ token: 'of another life' }));
    course.signal(run);
    await time.rest();
    expect(path.at(-1)).toBe('Signal');
    await bank.store.putNote(run, 'token', kept);
    const at = bank.clock.now();
    await bank.press('lee', 'drillbook:deny', run, '다음에');
    course.signal(run);
    await time.rest();
    expect(course.sealed(run)).toBe(1);
    expect(bank.clock.now() - at).toBeLessThan(1_000);
  });

  it('hears a wish that came while its token was being kept', async () => {
    course = await openAws({ hears: () => false });
    const { aws, bank } = course;
    const run = await ask(course);
    // The wish is in the inbox and its signal is lost in the very moment between tick and token.
    const note = bank.store.putNote;
    let pressed = false;
    bank.store.putNote = async (...args) => {
      if (args[1] === 'token' && !pressed) {
        pressed = true;
        await bank.press('lee', 'drillbook:deny', run, '다음에');
      }
      return note(...args);
    };
    course.signal(run);
    await course.time.rest();
    expect(pressed).toBe(true);
    expect(course.sealed(run)).toBe(1);
    expect(aws.executions.get(`${run}-1`)?.status).toBe('SUCCEEDED');
  });

  it('hears that another call went on while its token was being kept', async () => {
    course = await openAws();
    const { aws, bank } = course;
    const run = await ask(course);
    const note = bank.store.putNote;
    let pressed = false;
    bank.store.putNote = async (...args) => {
      if (args[1] === 'token' && !pressed) {
        pressed = true;
        await bank.press('lee', 'drillbook:deny', run, '다음에');
        // A door's call takes the wish and ends the run; it finds no token to wake.
        await bank.tick(run);
        expect(await bank.store.inbox(run)).toEqual([]);
      }
      return note(...args);
    };
    course.signal(run);
    await course.time.rest();
    expect(course.sealed(run)).toBe(1);
    expect(aws.executions.get(`${run}-1`)?.status).toBe('SUCCEEDED');
  });

  it('is begun by a sweep when it never was, and followed up after an operator’s Stop', async () => {
    course = await openAws();
    const { aws, bank } = course;
    const begin = aws.start;
    aws.start = async () => {
      throw new Error('throttled');
    };
    const run = await ask(course);
    course.signal(run);
    await course.time.rest();
    expect(await generations(run)).toEqual([1]);
    expect(aws.executions.size).toBe(0);
    aws.start = begin;
    bank.clock.advance(4_000_000);
    await course.sweep();
    expect([...aws.executions.keys()]).toEqual([`${run}-1`]);
    await course.time.rest();
    aws.abort(`${run}-1`);
    bank.clock.advance(4_000_000);
    await Promise.all([course.sweep(), course.sweep()]);
    expect(await generations(run)).toEqual([1, 2]);
    expect([...aws.executions.keys()]).toEqual([`${run}-1`, `${run}-2`]);
  });
});
