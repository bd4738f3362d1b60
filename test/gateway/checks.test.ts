/** May this call be put, and may the other gateway send its own: each reason against it, alone. */
import { callKey } from '../../lib/gateway/keys.ts';
import type { PutCall } from '../../lib/gateway/protocol.ts';
import { type Asked, assertMayGrant, assertMayPut } from '../../lib/gateway/server/checks.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import type { PlanCall } from '../../lib/runbook/plan.ts';
import {
  back,
  backAtMain,
  END_MS,
  foreign,
  grave,
  open,
  other,
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
  WITHIN_MS,
  type World,
} from './log.ts';

const mayPut = (world: World, callId: string, change: Partial<PutCall> = {}): string =>
  said(() => assertMayPut(world.parts, putOf(world, callId, change)));
const mayGrant = ({ parts }: World, call: PlanCall, change: Partial<Asked> = {}): string =>
  said(() => assertMayGrant(parts, { plan, planHash, call, epoch: 1, danger: 'copy', ...change }));

const seen = { incarnation: 'i-2', counter: 9 };
const amnesia: Entry = { type: 'amnesia', at: 1, seen, by: 'main' };
const newer = { type: 'epoch', at: 1, unit: plan.unit, epoch: 1, planHash, run: 'r-9' } as const;
const armed = (at: number): Entry => ({
  ...{ type: 'armed', at, ends: 'i-0', has: 0, begins: 'i-1', order: 'o', people: [] },
});

describe('what stops a put, and a yes to the other gateway, alike', () => {
  test('nothing stops the first call of an approved run', async () => {
    const world = await open();
    expect(mayPut(world, split.id)).toBe('yes');
    expect(mayGrant(world, foreign)).toBe('yes');
  });

  test.each<[string, (start: number) => Entry, string]>([
    ['a memory that was lost', () => amnesia, 'GW-AMNESIA'],
    ['a skip of the step', () => skipOf('split'), 'GW-SKIP'],
    ['an epoch of another run', () => newer, 'GW-EPOCH'],
    ['an arming since', (start) => armed(start + END_MS), 'GW-AMNESIA'],
  ])('%s', async (_, entry, code) => {
    const world = await open();
    await world.log(entry(world.start));
    expect(mayPut(world, split.id)).toMatch(code);
    expect(mayGrant(world, foreign)).toMatch(code);
  });

  test('an older epoch', async () => {
    const world = await open();
    await world.log({ ...newer, run: plan.run, epoch: 2 });
    expect(mayPut(world, split.id)).toMatch('GW-EPOCH');
    expect(mayGrant(world, foreign)).toMatch('GW-EPOCH');
    expect(mayPut(world, split.id, { epoch: 2 })).toBe('yes');
    expect(mayGrant(world, foreign, { epoch: 2 })).toBe('yes');
  });

  test('an epoch that nobody announced, while another run holds the unit', async () => {
    const world = await open();
    await world.log(newer);
    const no = `GW-EPOCH | Epoch 2 of ${plan.unit} is not taken. | Run r-9 holds it`;
    expect(mayPut(world, split.id, { epoch: 2 })).toMatch(no);
    await world.log({ ...newer, run: plan.run, epoch: 2 });
    expect(mayPut(world, split.id, { epoch: 3 })).toBe('yes');
  });

  test('another plan that this run began with; the same plan again does not', async () => {
    const world = await open();
    await world.sent(split.id);
    expect(mayPut(world, release.id)).toBe('yes');
    expect(mayGrant(world, foreign)).toBe('yes');
    const second = await open();
    const begun = { type: 'plan', at: 1, planHash: otherHash, plan: other } as const;
    await second.log({ ...begun, runbook: 'x', config: {} });
    await second.sent(split.id, 1, { planHash: otherHash });
    const no = `GW-RUN-OTHER-PLAN | Run ${plan.run} began with another plan.`;
    expect(mayPut(second, release.id)).toBe(no);
    expect(mayGrant(second, foreign)).toBe(no);
  });

  test('approvals that are not there, do not reach that far, or whose people left', async () => {
    const none = await open('nobody');
    const no =
      'GW-NOT-APPROVED | split.group is not approved here. | The call is of class copy; of';
    expect(mayPut(none, split.id)).toBe(`${no} approvals, none came.`);
    expect(mayGrant(none, foreign)).toMatch(/fence.main .* none came/);
    const less = await open('none');
    expect(mayPut(less, split.id)).toBe(`${no} approvals, they cover none.`);
    const some = await open();
    expect(mayPut(some, grave.id)).toMatch(/class data; of approvals, they cover copy\.$/);
    expect(mayGrant(some, foreign, { danger: 'data' })).toMatch(/data; .* cover copy\.$/);
    const { parts } = some;
    const gone = { ...parts.folder, trust: { ...parts.folder.trust, people: [] } };
    const without = { ...some, parts: { ...parts, folder: gone } };
    expect(mayPut(without, split.id)).toBe(`${no} approvals, they cover nothing now.`);
  });

  test('undoing that began here, is being written down, or began at the other site', async () => {
    const no = (id: string) => `GW-PHASE | ${id}: undoing has begun.`;
    const here = await open();
    await here.sent(split.id);
    expect(mayPut(here, release.id)).toBe('yes');
    await here.sent(back.id);
    expect(mayPut(here, release.id)).toBe(no(release.id));
    expect(mayGrant(here, foreign)).toBe(no(foreign.id));
    for (const one of [back, tidy]) expect(mayPut(here, one.id, { attempt: 1 })).toBe('yes');
    expect(mayGrant(here, backAtMain)).toBe('yes');
    const away = await open();
    await away.log({ type: 'peer-receipts', at: 1, receipts: [receipt(backAtMain.id)] });
    expect(mayPut(away, split.id)).toBe(no(split.id));
    const tidied = await open();
    await tidied.sent(tidy.id);
    expect(mayPut(tidied, split.id)).toBe('yes');
  });

  test('only while a call of this very plan that is sent is being written down', async () => {
    const coming = (hash: string): Entry => {
      const key = callKey({ run: plan.run, callId: back.id, attempt: 1 });
      const intent = { key, planHash: hash, callId: back.id, attempt: 1, epoch: 1 };
      return { type: 'accepted', at: 1, ...intent };
    };
    const world = await open();
    await world.log(coming('of another run'), true);
    expect(mayPut(world, split.id)).toBe('yes');
    const none = receipt(back.id, { gateway: 'dr', kind: 'not-needed', status: 0 });
    const { key = '' } = none;
    const intent = { key, planHash, callId: back.id, attempt: 1, epoch: 1 };
    await world.log({ type: 'not-needed', at: 1, ...intent, receipt: none }, true);
    expect(mayPut(world, split.id)).toBe('yes');
    await world.log(coming(planHash), true);
    expect(mayPut(world, split.id)).toMatch('GW-PHASE');
  });
});

describe('the time of a put', () => {
  test('is the instant it names at the latest', async () => {
    const world = await open();
    expect(mayPut(world, split.id, { putBy: world.start + 1 })).toBe('yes');
    expect(mayPut(world, split.id, { putBy: world.start - 1 })).toBe(
      'GW-LATE | The put is 1 ms late.',
    );
  });

  test('ends with the approvals for the first forward call', async () => {
    const world = await open();
    world.clock.advance(END_MS);
    expect(mayPut(world, split.id)).toBe('yes');
    world.clock.advance(1);
    expect(mayPut(world, split.id)).toBe('GW-EXPIRED | The approvals ended 1 ms ago.');
  });

  test('ends for later ones so long after the first, whatever else was sent', async () => {
    const world = await open();
    await world.sent(tidy.id);
    world.clock.advance(1_000);
    const none = receipt(split.id, { gateway: 'dr', kind: 'not-needed', status: 0 });
    const { key = '' } = none;
    const intent = { key, planHash, callId: split.id, attempt: 1, epoch: 1 };
    await world.log({ type: 'not-needed', at: world.clock.now(), ...intent, receipt: none });
    await world.sent(split.id, 2);
    world.clock.advance(1_000);
    await world.sent('a call nobody planned');
    await world.sent(release.id);
    world.clock.advance(WITHIN_MS - 1_000);
    expect(mayPut(world, release.id)).toBe('yes');
    world.clock.advance(1);
    expect(mayPut(world, release.id)).toBe('GW-EXPIRED | The time of the run ended 1 ms ago.');
    expect(mayPut(world, tidy.id)).toBe('yes');
  });

  test('has not come for cleaning up before something was changed', async () => {
    const world = await open();
    const no = (id: string) => `GW-PHASE | ${id}: this run has changed nothing here to undo.`;
    expect(mayPut(world, back.id)).toBe(no(back.id));
    await world.sent(tidy.id);
    expect(mayPut(world, back.id)).toBe(no(back.id));
    await world.sent(split.id);
    expect(mayPut(world, back.id)).toBe('yes');
  });

  test('of a yes for the other gateway ends with the run, cleaning up never', async () => {
    const world = await open();
    world.clock.advance(END_MS + WITHIN_MS);
    expect(mayGrant(world, foreign)).toBe('yes');
    world.clock.advance(1);
    expect(mayGrant(world, foreign)).toBe('GW-EXPIRED | The time of the run ended 1 ms ago.');
    expect(mayGrant(world, backAtMain)).toBe('yes');
  });
});

describe('attempt n + 1', () => {
  const retry = { event: 'e-1', person: 'p-00000003' };
  const second = (world: World, change: Partial<PutCall> = {}): string =>
    mayPut(world, split.id, { attempt: 2, ...change });
  const key = callKey({ run: plan.run, callId: split.id, attempt: 1 });
  const lost: Entry = { type: 'lost', at: 1, key, why: 'x' };

  test('is put when n is void or was refused, and not before somebody asked', async () => {
    const world = await open();
    expect(second(world)).toBe(
      'GW-ATTEMPT | Attempt 1 of split.group is not known here; ask for its key first.',
    );
    await world.log({ type: 'void', at: 1, key });
    expect(second(world)).toBe('yes');
    const refused = await open();
    await refused.sent(split.id);
    await refused.answered(split.id, 409);
    expect(second(refused)).toBe('yes');
    await refused.sent(split.id, 2);
    expect(mayPut(refused, split.id, { attempt: 3 })).toMatch('GW-ATTEMPT | Attempt 2');
  });

  test('is never put while n is on its way, and after that only by an operator, once', async () => {
    const world = await open();
    await world.sent(split.id);
    const no = 'GW-ATTEMPT | Attempt 1 of split.group is';
    expect(second(world, { retry })).toBe(`${no} accepted.`);
    await world.log(lost);
    expect(second(world)).toBe(`${no} lost.`);
    expect(second(world, { retry })).toBe('yes');
    const who = 'GW-RETRY | The retry of split.group does not count. |';
    for (const person of ['p-00000001', 'p-99999999']) {
      const why = `${person} is no operator here.`;
      expect(second(world, { retry: { event: 'e-1', person } })).toBe(`${who} ${why}`);
    }
    await world.sent(release.id, 1, { retry });
    expect(second(world, { retry })).toBe('yes');
    await world.sent(split.id, 2, { retry });
    expect(second(world, { retry })).toBe(`${who} It allowed an attempt before.`);
    expect(second(world, { retry: { ...retry, event: 'e-2' } })).toBe('yes');
  });
});
