/** Every verb in every state of a run: taken as an event, or refused with the code of the table. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import type { Ask } from '../../lib/run/inbox.ts';
import { cellOf, type Order, type Stage } from '../../lib/run/verbs.ts';
import { order, planOf, runIn } from './stages.ts';

const stages: readonly Stage[] = [
  'opening',
  'awaiting-approval',
  'running',
  'held',
  'paused',
  'undoing',
  'cleaning-up',
  'ended',
];
const HASH = 'a'.repeat(64);

/** Somebody who may, saying what makes sense. */
const wishes: Readonly<Record<Order, readonly [person: string, ask: Ask, event: string]>> = {
  withdraw: ['lee', { verb: 'withdraw', planHash: HASH, reason: 'r' }, 'approval.withdrawn'],
  answer: ['choi', { verb: 'answer', step: 'ask', part: 'performed', text: 't' }, 'manual.step'],
  declare: ['choi', { verb: 'declare', text: '09:12 power is gone' }, 'disaster.declared'],
  pause: ['han', { verb: 'pause', reason: 'r' }, 'operator.pause'],
  resume: ['han', { verb: 'resume', reason: 'r' }, 'operator.resume'],
  retry: ['han', { verb: 'retry', reason: 'r' }, 'operator.retry'],
  skip: ['han', { verb: 'skip', step: 'resync', reason: 'r' }, 'operator.skip'],
  'confirm-skip': ['oh', { verb: 'confirm-skip', step: 'resync' }, 'skip.confirmed'],
  'decline-skip': ['oh', { verb: 'decline-skip', step: 'resync', reason: 'r' }, 'skip.declined'],
  abort: ['han', { verb: 'abort', reason: 'r' }, 'operator.abort'],
  note: ['nam', { verb: 'note', text: 'n' }, 'note'],
};
const verbs = Object.keys(wishes) as Order[];

/** Written from the words people are given, not from the table. */
const legal: Readonly<Record<Order, readonly Stage[]>> = {
  withdraw: ['awaiting-approval'],
  answer: ['running', 'held', 'undoing', 'cleaning-up'],
  declare: ['awaiting-approval', 'running', 'held', 'paused'],
  pause: ['running', 'undoing', 'cleaning-up'],
  resume: ['held'],
  retry: ['paused'],
  skip: ['running', 'held', 'paused', 'undoing', 'cleaning-up'],
  'confirm-skip': ['running', 'held', 'paused', 'undoing', 'cleaning-up'],
  'decline-skip': ['running', 'held', 'paused', 'undoing', 'cleaning-up'],
  abort: ['opening', 'awaiting-approval', 'running', 'held', 'paused', 'undoing'],
  note: stages.filter((stage) => stage !== 'ended'),
};

test('the page that people read has the same table', () => {
  const page = readFileSync('docs/orders.md', 'utf8');
  for (const verb of verbs) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${verb} | `)) ?? '';
    const cells = row.split('|').slice(2, -1);
    expect(stages.filter((_, i) => cells[i]?.trim() === 'yes')).toEqual(legal[verb]);
  }
});

describe.each(verbs)('%s', (verb) => {
  test.each(stages)('in a run that is %s', async (stage) => {
    const session = await runIn(stage);
    const [person, ask, event] = wishes[verb];
    if (verb.endsWith('-skip')) await order(session, 'han', wishes.skip[1]);
    const came = await order(session, person, ask);
    const cell = cellOf(verb, stage);
    expect(cell === 'legal').toBe(legal[verb].includes(stage));
    if (cell !== 'legal') {
      expect(came).toMatchObject({ type: 'refused', data: { person, refusal: { code: cell } } });
      return;
    }
    // Of a phase that is closed nobody is asked any more.
    const closed = verb === 'answer' && (stage === 'undoing' || stage === 'cleaning-up');
    if (closed) expect(came).toMatchObject({ data: { refusal: { code: 'RUN-NOTHING-ASKED' } } });
    else expect(came).toMatchObject({ type: event, data: { person } });
  });
});

async function codeOf(stage: Stage, person: string, ask: Ask): Promise<string> {
  const came = await order(await runIn(stage), person, ask);
  return came.type === 'refused' ? came.data.refusal.code : came.type;
}

describe('who may', () => {
  const stopped: Ask = { verb: 'pause', reason: 'r' };
  it.each([
    ['the requester', 'kim', 'operator.pause'],
    ['an operator', 'han', 'operator.pause'],
    ['an approver', 'lee', 'RUN-ROLE'],
    ['anybody else', 'nam', 'RUN-ROLE'],
    ['a stranger', 'unmapped', 'RUN-ROLE'],
  ])('pause: %s', async (_, person, wanted) => {
    expect(await codeOf('running', person, stopped)).toBe(wanted);
  });

  it.each([
    ['resume', 'held', { verb: 'resume', reason: 'r' }],
    ['retry', 'paused', { verb: 'retry', reason: 'r' }],
    ['skip', 'paused', { verb: 'skip', step: 'split', reason: 'r' }],
  ] as const)('%s: not the requester, who is no operator', async (_, stage, ask) => {
    expect(await codeOf(stage, 'kim', ask)).toBe('RUN-ROLE');
  });

  it('note: everybody enrolled, no stranger', async () => {
    expect(await codeOf('running', 'nam', { verb: 'note', text: 'n' })).toBe('note');
    expect(await codeOf('running', 'unmapped', { verb: 'note', text: 'n' })).toBe('RUN-ROLE');
  });

  it('withdraw: only who approved', async () => {
    const ask: Ask = { verb: 'withdraw', planHash: HASH, reason: 'r' };
    expect(await codeOf('awaiting-approval', 'han', ask)).toBe('RUN-NOT-COLLECTING');
    const other: Ask = { verb: 'withdraw', planHash: 'b'.repeat(64), reason: 'r' };
    expect(await codeOf('awaiting-approval', 'lee', other)).toBe('RUN-NOT-COLLECTING');
  });
});

describe('an empty reason', () => {
  it.each([
    ['pause', 'running', 'han', { verb: 'pause', reason: ' ' }],
    ['resume', 'held', 'han', { verb: 'resume', reason: '' }],
    ['retry', 'paused', 'han', { verb: 'retry', reason: '' }],
    ['skip', 'paused', 'han', { verb: 'skip', step: 'split', reason: '' }],
    ['abort', 'running', 'han', { verb: 'abort', reason: '\n' }],
    ['withdraw', 'awaiting-approval', 'lee', { verb: 'withdraw', planHash: HASH, reason: '' }],
    ['note', 'running', 'nam', { verb: 'note', text: '' }],
  ] as const)('is refused: %s', async (_, stage, person, ask) => {
    expect(await codeOf(stage, person, ask)).toBe('RUN-REASON');
  });
});

describe('a skip', () => {
  const wish: Ask = { verb: 'skip', step: 'split', reason: 'r' };
  const second: Ask = { verb: 'confirm-skip', step: 'split' };
  const code = (came: Awaited<ReturnType<typeof order>>) =>
    came.type === 'refused' ? came.data.refusal.code : came.type;

  it('needs another person, once', async () => {
    const session = await runIn('paused');
    expect(code(await order(session, 'oh', second))).toBe('RUN-NO-WISH');
    await order(session, 'han', wish);
    expect(code(await order(session, 'oh', wish))).toBe('RUN-WISHED');
    expect(code(await order(session, 'han', second))).toBe('RUN-SAME-PERSON');
    expect(code(await order(session, 'lee', second))).toBe('RUN-ROLE');
    expect(session.state().skips['split']?.second).toBeUndefined();
    expect(code(await order(session, 'oh', second))).toBe('skip.confirmed');
    expect(session.state().skips['split']).toMatchObject({ person: 'han', second: 'oh' });
    expect(code(await order(session, 'oh', second))).toBe('RUN-NO-WISH');
    const late: Ask = { verb: 'decline-skip', step: 'split', reason: 'r' };
    expect(code(await order(session, 'oh', late))).toBe('RUN-NO-WISH');
  });

  it('from class data on takes own keys, the second of a person who may approve', async () => {
    const session = await runIn('paused', planOf('data'));
    expect(code(await order(session, 'han', wish))).toBe('APR-OWN-KEY');
    const data = { step: 'split', person: 'han', reason: 'r' };
    await session.append({ type: 'operator.skip', actor: { id: 'han', kind: 'human' }, data });
    expect(code(await order(session, 'oh', second))).toBe('RUN-ROLE');
    expect(code(await order(session, 'lee', second))).toBe('APR-OWN-KEY');
  });

  it('declined may be asked for anew', async () => {
    const session = await runIn('paused');
    await order(session, 'han', wish);
    await order(session, 'han', { verb: 'decline-skip', step: 'split', reason: 'no' });
    expect(session.state().skips).toEqual({});
    expect(code(await order(session, 'oh', wish))).toBe('operator.skip');
  });

  it('is for a step that is not begun, failed, or held still; never with a call under way', async () => {
    const session = await runIn('running');
    const skip = async (step: string) =>
      code(await order(session, 'han', { verb: 'skip', step, reason: 'r' }));
    expect(await skip('nothing')).toBe('RUN-UNKNOWN-STEP');
    expect(await skip('look')).toBe('RUN-NOT-SKIPPABLE');
    expect(await skip('ask')).toBe('RUN-NOT-SKIPPABLE');
    expect(await skip('later')).toBe('operator.skip');
    await order(session, 'han', { verb: 'pause', reason: 'r' });
    expect(await skip('ask')).toBe('operator.skip');
    const intent = { step: 'split', call: 'split.go', attempt: 1, key: 'k', putBy: 0, epoch: 1 };
    await session.append({
      type: 'intent',
      actor: { id: 'drillbook', kind: 'system' },
      data: intent,
    });
    expect(await skip('split')).toBe('RUN-NOT-SKIPPABLE');
  });

  it('is looked at once more when it is confirmed: the step may have been begun again', async () => {
    const session = await runIn('paused');
    await order(session, 'han', wish);
    await order(session, 'han', { verb: 'retry', reason: 'mended' });
    await session.append({
      type: 'step.started',
      actor: { id: 'drillbook', kind: 'system' },
      data: { step: 'split', attempt: 2, deadline: 9e12 },
    });
    expect(code(await order(session, 'oh', second))).toBe('RUN-NOT-SKIPPABLE');
  });
});

it('an abort that undoes may be turned into one that keeps, not asked for twice', async () => {
  const session = await runIn('undoing');
  await order(session, 'han', { verb: 'abort', mode: 'undo', reason: 'r' });
  const again = await order(session, 'han', { verb: 'abort', mode: 'undo', reason: 'r' });
  expect(again).toMatchObject({ type: 'refused' });
  const keep = await order(session, 'han', { verb: 'abort', mode: 'keep', reason: 'r' });
  expect(keep).toMatchObject({ type: 'operator.abort', data: { mode: 'keep' } });
});
