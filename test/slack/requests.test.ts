/** What people type and press, through the door, and what reaches a run's inbox. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { actionIds, buttonValue, families } from '../../lib/slack/buttons.ts';
import { PLAN_NOTE } from '../../lib/slack/notes.ts';
import { HASH, makeHead, RUN } from './fixtures.ts';
import {
  click,
  command,
  form,
  HAN,
  KIM,
  LEE,
  openWorld,
  payload,
  signed,
  TEAM,
  textOf,
  type World,
  wishOf,
} from './support.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const typed = async (text: string, over: Record<string, string> = {}) =>
  textOf(await world.door(signed(form(command(text, over)), world.clock)));
const pressed = (body: Record<string, unknown>) => world.door(signed(payload(body), world.clock));
const storeHead = (head: ReturnType<typeof makeHead>) =>
  world.heads.push({ run: head.run, seq: head.seq, json: JSON.stringify(head) });

describe('commands', () => {
  it.each([
    ['drill payments', 'drill-copy', 'payments'],
    ['DRILL  Payments ', 'drill-copy', 'payments'],
    ['drill 지급결제 계정계', 'drill-copy', 'payments'],
    ['drill "지급결제 계정계"'.replaceAll('"', ''), 'drill-copy', 'payments'],
    ['drill Loan   management', 'drill-copy', 'loans'],
    [`drill ${'여신 관리'.normalize('NFD')}`, 'drill-copy', 'loans'],
    ['run copies-resync loans', 'copies-resync', 'loans'],
    ['run copies-resync 지급결제 계정계', 'copies-resync', 'payments'],
  ])('%s', async (text, runbook, service) => {
    await typed(text);
    expect(world.inbox).toHaveLength(1);
    const [item] = world.inbox;
    expect(item?.person).toBe(KIM.id);
    expect(wishOf(item)).toEqual({
      v: 1,
      origin: { via: 'slack', channel: 'C0DRDRILL', team: TEAM, user: KIM.user },
      ask: { verb: 'open', runbook, service },
    });
    expect(world.signals).toEqual([item?.run]);
  });

  it.each([
    ['drill paymets', 'paymets', 'payments'],
    ['drill 지급결재', '지급결재', 'payments'],
    ['drill zzzzzzzzzzzz', 'zzzzzzzzzzzz', 'payments, loans'],
    ['drill', '빠졌습니다', 'payments, loans'],
    ['drll payments', 'drll', 'drill'],
    ['run drill-copi payments', 'drill-copi', 'drill-copy'],
    ['run drill-copy lones', 'lones', 'loans'],
    ['run', '빠졌습니다', 'drill-copy, copies-resync'],
    ['status lones', 'lones', 'loans'],
  ])('%s is refused with the nearest choice', async (text, named, choice) => {
    const answer = await typed(text);
    expect(answer).toContain(named);
    expect(answer).toContain(choice);
    expect(answer).toMatch(/SLK-(COMMAND|SERVICE|RUNBOOK)/);
    expect(world.inbox).toEqual([]);
  });

  it('never lets typed text become a mention', async () => {
    const answer = await typed('drill <!channel>&');
    expect(answer).toContain('&lt;!channel&gt;&amp;');
    expect(answer).not.toContain('<!channel>');
  });

  it('answers each person in the own language', async () => {
    expect(await typed('help')).toContain('재해복구 훈련');
    expect(await typed('help', { user_id: HAN.user })).toContain('asks for a drill on copies');
    expect(await typed('', { command: '/재해' })).toContain('/재해 drill');
  });

  it('refuses strangers, and people of other workspaces with a known id', async () => {
    expect(await typed('drill payments', { user_id: 'U99' })).toContain('SLK-UNMAPPED');
    expect(await typed('drill payments', { team_id: 'T1OTHER' })).toContain(
      '등록되어 있지 않습니다',
    );
    expect(await typed('runs', { user_id: 'U99' })).toContain('등록되어 있지 않습니다');
    expect(world.inbox).toEqual([]);
    expect(world.log.filter((line) => line.includes('slack.unmapped'))).toHaveLength(3);
  });

  it('shows runs and the newest state', async () => {
    expect(await typed('runs')).toContain('기록된 실행이 없습니다');
    expect(await typed('status')).toContain('기록된 실행이 없습니다');
    storeHead(makeHead({ state: 'running' }));
    storeHead(
      makeHead({
        run: 'r-9999999999',
        service: { id: 'loans', name: { ko: '여신 관리', en: 'Loans' } },
      }),
    );
    const answer = await world.door(signed(form(command('runs')), world.clock));
    expect(answer.body).toContain(RUN);
    expect(answer.body).toContain('r-9999999999');
    expect(await typed('status')).toContain('지급결제 계정계');
    expect(await typed('status 여신 관리')).toContain('승인 대기, 2명 중 0명');
    expect(world.inbox).toEqual([]);
  });

  it('survives any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
        const answer = await world.door(signed(form(command(text)), world.clock));
        expect(answer.statusCode).toBe(200);
        expect(textOf(answer).length).toBeGreaterThan(0);
      }),
      { numRuns: 60, verbose: true },
    );
  });
});

describe('buttons', () => {
  const value = (more: object) => buttonValue({ run: RUN, ...more });
  it.each([
    ['approve', { planHash: HASH }, { verb: 'approve', planHash: HASH }],
    ['deny', { planHash: HASH }, { verb: 'deny', planHash: HASH, reason: 'Slack에서 누름' }],
    ['deny', { planHash: HASH, reason: '점검' }, { verb: 'deny', planHash: HASH, reason: '점검' }],
    [
      'performed',
      { step: 'db', part: 'performed' },
      { verb: 'answer', step: 'db', part: 'performed', text: 'Slack에서 누름' },
    ],
    [
      'witnessed',
      { step: 'db', part: 'witnessed' },
      { verb: 'answer', step: 'db', part: 'witnessed', text: 'Slack에서 누름' },
    ],
    [
      'confirmed',
      { step: 'biz', part: 'confirmed' },
      { verb: 'answer', step: 'biz', part: 'confirmed', text: 'Slack에서 누름' },
    ],
    ['retry', { step: 'split' }, { verb: 'retry', step: 'split', reason: 'Slack에서 누름' }],
    ['retry', {}, { verb: 'retry', reason: 'Slack에서 누름' }],
    ['abort', {}, { verb: 'abort', reason: 'Slack에서 누름' }],
  ] as const)('%s %j', async (name, more, ask) => {
    const answer = await pressed(click(world, { action: actionIds[name], value: value(more) }));
    expect(answer).toEqual({ statusCode: 200, body: '' });
    expect(world.inbox[0]).toMatchObject({ run: RUN, person: LEE.id, at: world.clock.now() });
    expect(wishOf(world.inbox[0])).toEqual({
      v: 1,
      origin: {
        via: 'slack',
        channel: 'C0DRDRILL',
        messageTs: '1795400000.000100',
        team: TEAM,
        user: LEE.user,
      },
      ask,
    });
    expect(world.signals).toEqual([RUN]);
  });

  it.each([
    ['abort', {}, { verb: 'abort' }],
    ['deny', { planHash: HASH }, { verb: 'deny', planHash: HASH }],
  ] as const)('%s takes what was typed beside it before anything else', async (name, more, ask) => {
    const remark = 'drillbook:remark';
    const state = {
      values: { [remark]: { [remark]: { type: 'plain_text_input', value: ' 디스크 교체 <b> ' } } },
    };
    const body = click(
      world,
      { action: actionIds[name], value: value({ ...more, reason: 'x' }) },
      { state },
    );
    await pressed(body);
    expect(wishOf(world.inbox[0]).ask).toEqual({ ...ask, reason: '디스크 교체 <b>' });
  });

  it('lets every id match exactly one family', () => {
    for (const id of Object.values(actionIds)) {
      expect(Object.values(families).filter((family) => family.test(id))).toHaveLength(1);
    }
  });

  it.each([
    ['not enrolled', { user: 'U99STRANGER' }, {}],
    ['of another workspace', { userTeam: 'T2OTHER' }, {}],
    ['in another workspace', {}, { team: { id: 'T2OTHER', domain: 'x' } }],
    ['without any workspace that is ours', { userTeam: 'T2OTHER' }, { team: null }],
  ])('records a presser %s as nobody and says so', async (_, who, over) => {
    const approve = { action: actionIds.approve, value: value({ planHash: HASH }) };
    await pressed(click(world, { ...approve, ...who }, over));
    expect(world.inbox).toHaveLength(1);
    expect(world.inbox[0]?.person).toBe('unmapped');
    expect(world.told[0]?.text).toContain('효력은 없습니다');
  });

  it('shows the calls of the plan that was shown, to the presser, and puts nothing', async () => {
    const details = { action: actionIds.details, value: value({ planHash: HASH }) };
    await pressed(click(world, details));
    expect(world.told[0]?.text).toContain('호출 목록이 없습니다');
    const lines = { ko: ['1. 분리 [PUT /v1/x, dr, copy]'], en: ['1. split'] };
    world.notes.set(`${RUN} ${PLAN_NOTE}`, JSON.stringify({ planHash: HASH, lines }));
    await pressed(click(world, details));
    expect(world.told[1]?.body).toContain('PUT /v1/x');
    expect(JSON.parse(world.told[1]?.body ?? '')).toMatchObject({
      response_type: 'ephemeral',
      replace_original: false,
    });
    await pressed(click(world, { ...details, value: value({ planHash: 'other' }) }));
    expect(world.told[2]?.text).toContain('호출 목록이 없습니다');
    await pressed(click(world, { ...details, user: 'U99' }));
    expect(world.told[3]?.text).toContain('등록되어 있지 않습니다');
    expect(world.inbox).toEqual([]);
  });
});

const data = process.env['DRILLBOOK_REFERENCE_DATA'];
const sample = (name: string) => path.join(data ?? '', 'slack', name);

describe('shapes of our requests beside Slack’s own samples', () => {
  if (data === undefined || !existsSync(sample('SlashCommandPayload.json'))) {
    it('was not run: DRILLBOOK_REFERENCE_DATA is not set', () => undefined);
    return;
  }
  const keys = (value: unknown): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) => {
          if (['values', 'text'].includes(key)) return [key];
          const name = Array.isArray(value) ? '0' : key;
          return [name, ...keys(inner).map((rest) => `${name}.${rest}`)];
        });
  const read = (name: string): unknown => JSON.parse(readFileSync(sample(name), 'utf8'));

  it('a command has no key Slack does not send', () => {
    expect(keys(read('SlashCommandPayload.json'))).toEqual(
      expect.arrayContaining(keys(command('x'))),
    );
  });
  it('a click has no key Slack does not send', () => {
    const ours = keys(click(world, { action: 'a', value: 'v' })).filter(
      (key) => !/^state/.test(key),
    );
    expect(keys(read('BlockActionPayload.json'))).toEqual(expect.arrayContaining(ours));
  });
});
