/** What must have come before a call: here by the log, elsewhere by receipts, cell by cell. */
import { callKey } from '../../lib/gateway/keys.ts';
import type { Receipt } from '../../lib/gateway/protocol.ts';
import { signReceipt } from '../../lib/gateway/receipt.ts';
import type { Put } from '../../lib/gateway/server/checks.ts';
import { assertAfter, keepReceipts } from '../../lib/gateway/server/order.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import {
  back,
  foreign,
  main,
  open,
  otherHash,
  plan,
  planHash,
  putOf,
  receipt,
  release,
  said,
  skipOf,
  split,
  tidy,
  type World,
} from './log.ts';

/** Of a plan whose step `mayFail` goes on when it fails. */
function putAfter(after: readonly string[], change: Partial<PlanCall> = {}, mayFail = ''): Put {
  const call: PlanCall = {
    ...release,
    ...{ id: 'next.one', step: 'next', after: [...after] },
    ...change,
  };
  const title = { ko: 'x', en: 'x' };
  const step = { uses: 'x', title, phase: 'forward', input: {}, withinMs: 1 } as const;
  const steps: Plan['steps'] = [
    { ...step, id: 'none', needs: [] },
    { ...step, id: mayFail, needs: [], onFailure: 'continue' },
  ];
  const body = { planHash, callId: call.id, attempt: 1, epoch: 1, putBy: 0 };
  return { key: 'k', body, plan: { ...plan, steps }, call, looks: [] };
}

const follower = (phase: PlanCall['phase'], before: PlanCall, mayFail?: string): Put =>
  putAfter([], { phase, holes: [{ name: 'x', call: before.id, pointer: '/id' }] }, mayFail);

describe('what comes before a call', () => {
  const answerOf = ({ parts }: World, put: Put): string => {
    let lost: readonly PlanCall[] = [];
    const answer = said(() => {
      lost = assertAfter(parts, put);
    });
    return lost.length === 0 ? answer : `left ${lost.map(({ id }) => id).join()}`;
  };

  /** How the call before stands, and what follows it: forward, then clean-up after each phase. */
  const rows: [string, (world: World, id: string) => Promise<void>, string, string, string][] = [
    ['never', async () => {}, 'no', 'yes', 'yes'],
    ['void', (world, id) => world.log({ type: 'void', at: 1, key: keyOf(id) }), 'no', 'yes', 'yes'],
    ['accepted', (world, id) => world.sent(id), 'no', 'no', 'no'],
    ['refused', (world, id) => ended(world, id, 409), 'no', 'yes', 'no'],
    ['unclear', (world, id) => ended(world, id, 500), 'no', 'yes', 'no'],
    ['lost', (world, id) => ended(world, id), 'left', 'yes', 'yes'],
    ['well', (world, id) => ended(world, id, 202), 'yes', 'yes', 'yes'],
    ['not-needed', notNeeded, 'yes', 'yes', 'yes'],
  ];
  const keyOf = (callId: string): string => callKey({ run: plan.run, callId, attempt: 1 });
  async function ended(world: World, id: string, status?: number): Promise<void> {
    await world.sent(id);
    if (status !== undefined) return world.answered(id, status);
    await world.log({ type: 'lost', at: 1, key: keyOf(id), why: 'x' });
  }

  function notNeeded(world: World, callId: string): Promise<void> {
    const none = receipt(callId, { gateway: 'dr', kind: 'not-needed', status: 0 });
    const intent = { key: keyOf(callId), planHash, callId, attempt: 1, epoch: 1 };
    return world.log({ type: 'not-needed', at: 1, ...intent, receipt: none });
  }

  test.each(rows)('%s', async (standing, prepare, forward, tidied, undone) => {
    const cells: [PlanCall['phase'], PlanCall, string][] = [
      ['forward', split, forward],
      ['always', split, tidied],
      ['undo', split, tidied],
      ['always', back, undone],
      ['undo', tidy, undone],
    ];
    for (const [phase, before, wanted] of cells) {
      const world = await open();
      await prepare(world, before.id);
      const no = `GW-AFTER | next.one comes after ${before.id}, which is ${standing}.`;
      const answer = { yes: 'yes', no, left: `left ${before.id}` }[wanted];
      expect([phase, answerOf(world, follower(phase, before))]).toEqual([phase, answer]);
      // A step that two people skipped is settled, a step of that name in another plan is not.
      await world.log(skipOf(before.step, otherHash));
      expect(answerOf(world, follower(phase, before))).toBe(answer);
      await world.log(skipOf(before.step));
      expect(answerOf(world, follower(phase, before))).toBe('yes');
    }
  });

  test.each<[string, (world: World, id: string) => Promise<void>, string, string]>([
    // Where the plan goes on when the step fails: here by the log, elsewhere by a receipt only.
    ['never', async () => {}, 'yes', 'no'],
    ['void', (world, id) => world.log({ type: 'void', at: 1, key: keyOf(id) }), 'yes', 'no'],
    ['accepted', (world, id) => world.sent(id), 'no', 'no'],
    ['refused', (world, id) => ended(world, id, 409), 'yes', 'yes'],
    ['unclear', (world, id) => ended(world, id, 500), 'no', 'no'],
    ['lost', (world, id) => ended(world, id), 'left', 'no'],
    ['well', (world, id) => ended(world, id, 202), 'yes', 'yes'],
  ])('%s, of a step that may fail', async (_, prepare, here, away) => {
    const world = await open();
    await prepare(world, split.id);
    const first = (text: string): string => text.replace('GW-AFTER', 'no').split(' ')[0] ?? '';
    expect(first(answerOf(world, follower('forward', split, 'split')))).toBe(here);
    const status = { refused: 409, unclear: 500, well: 202 }[_];
    const told = status === undefined ? [] : [receipt(foreign.id, { status })];
    await keepReceipts(world.parts, withReceipts(world, ...told));
    const elsewhere = { ...foreign, step: 'fence' };
    const put = follower('forward', foreign, 'fence');
    const calls = put.plan.calls.map((one) => (one.id === foreign.id ? elsewhere : one));
    expect(first(answerOf(world, { ...put, plan: { ...put.plan, calls } }))).toBe(away);
  });

  test('behind a step that two people skipped is what that step waited for', async () => {
    const world = await open();
    const put = putAfter([release.id]);
    expect(answerOf(world, put)).toMatch(/after boot.release, which is never/);
    await world.log(skipOf('boot'));
    expect(answerOf(world, put)).toMatch(/after split.group, which is never/);
    await ended(world, split.id, 202);
    expect(answerOf(world, put)).toBe('yes');
    const holed = {
      ...release,
      after: [],
      holes: [{ name: 'x', call: foreign.id, pointer: '/id' }],
    };
    const calls = plan.calls.map((one) => (one.id === release.id ? holed : one));
    expect(answerOf(world, { ...put, plan: { ...plan, calls } })).toMatch(/after fence.main/);
  });

  test('is not what comes before that, and a name nobody has is nothing', async () => {
    const world = await open();
    await ended(world, release.id, 202);
    expect(answerOf(world, putAfter([release.id, 'no.such']))).toBe('yes');
    expect(answerOf(world, putAfter([]))).toBe('yes');
  });

  test('what was passed over because it may fail is not sent behind its followers', async () => {
    const put = putAfter([], { ...split }, 'split');
    const no = 'GW-AFTER | boot.release comes after split.group and was sent already.';
    const world = await open();
    await world.sent(tidy.id);
    expect(answerOf(world, put)).toBe('yes');
    await world.sent(release.id);
    expect(answerOf(world, put)).toBe(no);
    expect(answerOf(world, putAfter([], { ...split }, 'boot'))).toBe('yes');
    const coming = await open();
    const intent = { key: keyOf(release.id), callId: release.id, attempt: 1, epoch: 1 };
    await coming.log({ type: 'accepted', at: 1, planHash: otherHash, ...intent }, true);
    expect(answerOf(coming, put)).toBe('yes');
    await coming.log({ type: 'accepted', at: 1, planHash, ...intent }, true);
    expect(answerOf(coming, put)).toBe(no);
  });

  test('at another site it is known by its receipt, and what never came is said so', async () => {
    const world = await open();
    expect(answerOf(world, follower('forward', foreign))).toBe(
      'GW-AFTER | next.one comes after fence.main, which is of main, and no receipt of it came along.',
    );
    await keepReceipts(world.parts, withReceipts(world, receipt(foreign.id, { status: 500 })));
    expect(answerOf(world, follower('forward', foreign))).toMatch(/which is unclear\.$/);
    await keepReceipts(world.parts, withReceipts(world, receipt(foreign.id, {}, 2)));
    expect(answerOf(world, follower('forward', foreign))).toBe('yes');
  });
});

const withReceipts = (world: World, ...receipts: Receipt[]): Put =>
  putOf(world, split.id, { receipts });

describe('receipts that come along', () => {
  test('are kept once, and nothing is written when there is nothing new', async () => {
    const world = await open();
    const lines = world.written.length;
    await keepReceipts(world.parts, putOf(world, split.id));
    await keepReceipts(world.parts, withReceipts(world));
    expect(world.written).toHaveLength(lines);
    const [one, two] = [receipt(foreign.id), receipt(foreign.id, {}, 100)];
    await keepReceipts(world.parts, withReceipts(world, one));
    await keepReceipts(world.parts, withReceipts(world, one, two));
    await keepReceipts(world.parts, withReceipts(world, two, one));
    expect(world.written.slice(lines)).toEqual([
      { type: 'peer-receipts', at: world.start, receipts: [one] },
      { type: 'peer-receipts', at: world.start, receipts: [two] },
    ]);
  });

  const none = 'It is of no call of this plan at main.';
  test.each<[string, Receipt, string]>([
    ['a stranger', receipt(foreign.id, { gateway: 'x' }), 'trust.yml has no gateway x.'],
    ['another signer', receipt(foreign.id, { gateway: 'far' }), 'It does not verify.'],
    ['another plan', receipt(foreign.id, { planHash: otherHash }), none],
    ['a call of ours', receipt(split.id), none],
    ['no call', receipt(foreign.id, { callId: 'x.y' }), none],
    ['a read', receipt(foreign.id, { kind: 'read' }), none],
    ['attempt 0', receipt(foreign.id, {}, 0), 'Its key is of no attempt of that call.'],
    ['attempt 101', receipt(foreign.id, {}, 101), 'Its key is of no attempt of that call.'],
    ['another key', receipt(foreign.id, { key: 'k' }), 'Its key is of no attempt of that call.'],
  ])('of %s does not count', async (_, one, why) => {
    const world = await open();
    const lines = world.written.length;
    const refused = { code: 'GW-RECEIPT', why };
    await expect(
      keepReceipts(world.parts, withReceipts(world, receipt(foreign.id), one)),
    ).rejects.toMatchObject(refused);
    expect(world.written).toHaveLength(lines);
  });

  test('without a name of its call does not count', async () => {
    const world = await open();
    const { callId: _, ...nameless } = receipt(foreign.id);
    const { signature: __, ...unsigned } = nameless;
    const one = signReceipt(unsigned, main.privateKey);
    await expect(keepReceipts(world.parts, withReceipts(world, one))).rejects.toMatchObject({
      what: 'The receipt for  does not count.',
    });
  });
});
