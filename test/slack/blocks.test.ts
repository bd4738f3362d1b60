/** Every message in every state and language, as large as it gets, stays within Slack's limits. */
import fc from 'fast-check';
import type { Config } from '../../lib/config.ts';
import { runStates, stepStates } from '../../lib/run/head.ts';
import {
  approvalClosed,
  approvalMessage,
  detailsMessage,
  planLines,
} from '../../lib/slack/blocks/approval.ts';
import { askClosed, askMessage } from '../../lib/slack/blocks/ask.ts';
import type { Message } from '../../lib/slack/blocks/elements.ts';
import { endedMessage } from '../../lib/slack/blocks/ended.ts';
import { helpText } from '../../lib/slack/blocks/help.ts';
import { rootMessage } from '../../lib/slack/blocks/root.ts';
import { runsText, statusText } from '../../lib/slack/blocks/status.ts';
import { threadLine } from '../../lib/slack/blocks/thread.ts';
import { clip, clipEscaped, duration, when } from '../../lib/slack/format.ts';
import { checkMessage, checkView } from '../../lib/slack/limits.ts';
import { channelView } from '../../lib/slack/names.ts';
import { languages, texts } from '../../lib/slack/texts.ts';
import { everyEvent, HASH, makeEvents, makeHead, makePlan, steps, T } from './fixtures.ts';
import { config as doorConfig } from './support.ts';

const LONG = '지급결제 및 외환 업무 통합 계정계 시스템 제2센터 이중화 구성 <!channel> & '.repeat(
  12,
);
/** Without date tags, whose braces are Slack's. */
const timeless = (text: string) => text.replace(/<!date[^>]*>/g, '');
const results = ['passed', 'failed', 'aborted', 'denied', 'expired', 'voided'] as const;

function view(language: 'ko' | 'en', long = '') {
  const name = { ko: `서울 주전산센터${long}`, en: `Seoul main centre${long}` };
  const site = (id: string) => ({
    id,
    name,
    gateway: 'http://x',
    array: { storageDeviceId: 'x', api: 'cm' as const },
    cloud: id,
  });
  const config = {
    sites: [site('main'), site('dr')],
    services: [{ id: 'payments', replication: { type: 'UR', group: 'P', from: 'main', to: 'dr' } }],
    people: Array.from({ length: 30 }, (_, i) => ({
      id: `p-${i}`,
      name,
      roles: ['dr-approver'],
      flags: [],
      slack: [{ team: 'T0BANK', user: `U${i}` }],
    })),
    policy: { workspace: 'T0BANK', channelLanguage: language },
  };
  return channelView(config as never as Config);
}

/** Held, with wishes for every step, in a wave of thirty, waiting for everybody. */
const standing = (text: { readonly ko: string; readonly en: string }) => ({
  held: { person: LONG, reason: LONG, at: T },
  skips: steps(30, LONG).map(({ id }, i) => ({
    ...{ step: id, person: LONG, reason: LONG, at: T },
    ...(i % 2 === 0 ? { second: LONG } : {}),
  })),
  choices: ['retry', 'skip', 'abort', 'confirm-skip', 'decline-skip'],
  waiting: {
    for: 'gateway' as const,
    who: Array<string>(30).fill(LONG),
    since: T,
    until: T,
    after: text,
  },
  wave: {
    ...{ id: 'w', place: 1, of: 30 },
    members: Array.from({ length: 30 }, (_, i) => ({
      ...{ run: `r-${i}`, service: LONG, name: text, planHash: HASH },
      ...{ class: 'data' as const, sites: ['main', 'dr'] },
    })),
  },
});

/** As big as anything gets: 30 steps with long titles, 200 pairs, long refusals. */
function largest(state: (typeof runStates)[number]) {
  const title = { ko: LONG, en: LONG };
  const refusal = { code: 'X-Y', what: LONG.repeat(5), why: LONG.repeat(5), next: LONG };
  return makeHead({
    state,
    service: { id: 'payments', name: title },
    runbook: { id: 'x', title },
    requester: LONG,
    steps: steps(30, LONG).map((step, i) => ({
      ...step,
      state: stepStates[i % stepStates.length] ?? 'waiting',
      startedAt: T,
      endedAt: T + 90_000,
    })),
    approval: {
      state: 'requested',
      needed: 9,
      role: 'dr-approver',
      granted: Array.from({ length: 9 }, (_, i) => ({ person: `p-${i}`, at: T })),
      expiresAt: T,
    },
    asks: [
      {
        step: 'step0',
        role: 'dr-approver',
        instruction: title,
        parts: ['performed', 'witnessed', 'confirmed'],
        deadline: T,
      },
    ],
    pause: { step: 'step3', refusal },
    ...standing(title),
    clocks: { t2: T, t3: T + 60_000, t4: T + 90_000_000 },
    ...(state === 'ended'
      ? {
          result: {
            result: 'failed' as const,
            reasons: Array.from({ length: 200 }, () => LONG),
            endedAt: T,
          },
        }
      : {}),
  });
}

describe.each(languages)('in %s', (language) => {
  const names = view(language, LONG);
  const plan = makePlan({ steps: 30, calls: 200, words: LONG });
  const fits = (message: Message) => {
    expect(checkMessage(message)).toEqual([]);
    expect(JSON.stringify(message)).not.toContain('<!channel>');
    return message;
  };

  it.each(runStates)('a run that is %s', (state) => {
    const head = largest(state);
    fits(rootMessage({ head, plan }, names));
    fits(rootMessage({ head }, names));
    fits(statusText(head, names));
    fits(
      runsText(
        Array.from({ length: 50 }, () => head),
        names,
      ),
    );
  });

  it('approval, questions, details, the end, and the thread', () => {
    const head = largest('awaiting-approval');
    const [ask] = head.asks;
    const { approval } = head;
    if (ask === undefined || approval === undefined) throw new Error('fixture');
    fits(approvalMessage({ head, plan, planHash: HASH, approval }, names));
    for (const outcome of ['approved', 'denied', 'expired', 'voided', 'aborted'] as const) {
      fits(approvalClosed({ head, plan, planHash: HASH, outcome }, names));
    }
    fits(askMessage({ head, plan, ask }, names));
    fits(askClosed({ head, plan, step: ask.step }, names));
    const lines = planLines(plan, language);
    expect(lines).toHaveLength(200);
    fits(detailsMessage({ run: head.run, planHash: HASH, lines }, names));
    fits(endedMessage({ head: largest('ended'), plan, residue: [LONG, LONG] }, names));
    fits(
      helpText(
        {
          ...doorConfig,
          services: Array.from({ length: 200 }, () => ({ id: 'x', name: { ko: LONG, en: LONG } })),
        },
        { command: '/dr', language },
      ),
    );
    const told = makeEvents(everyEvent(LONG)).map((event) => threadLine(event, plan, names));
    expect(told.filter((line) => line === undefined)).toHaveLength(4);
    for (const line of told)
      expect(timeless(line ?? '')).not.toMatch(/<!channel>|\{\w+\}|undefined/);
  });

  it.each(results)('says the result %s and what was not measured', (result) => {
    const ended = { result, reasons: ['이유'], endedAt: T };
    const head = makeHead({ state: 'ended', result: ended, clocks: { t2: T } });
    const text = JSON.stringify(rootMessage({ head, plan: makePlan() }, view(language)));
    expect(text).toContain(
      language === 'ko' ? 'RTO, RPO: 평가하지 않음' : 'RTO and RPO: not assessed',
    );
    expect(text).toContain(
      language === 'ko' ? 'T3 기술적 복구: 기록 없음' : 'T3 technically up: not recorded',
    );
    expect(text).not.toContain('"actions"');
    expect(timeless(text)).not.toMatch(/\{\w+\}|undefined|NaN/);
  });
});

it('says in the first line that it is a drill, of what, and from where to where', () => {
  const { text, blocks } = rootMessage({ head: makeHead(), plan: makePlan() }, view('ko'));
  expect(text.split('.')[0]).toBe(
    '[모의훈련 DRILL] 지급결제 계정계: 서울 주전산센터 → 서울 주전산센터',
  );
  expect(blocks[0]).toMatchObject({ type: 'section' });
});

it('shows a real disaster as one, and nothing as a drill that is not known to be one', () => {
  const real = { ...makePlan(), drillType: 'real-disaster' as const };
  expect(rootMessage({ head: makeHead(), plan: real }, view('en')).text).toMatch(
    /^\[REAL DISASTER\]/,
  );
  expect(rootMessage({ head: makeHead() }, view('en')).text).toMatch(/^\[PREPARING\]/);
});

it('keeps the present step in sight', () => {
  const shown = (done: number) => {
    const all = steps(30).map((step, i) => ({
      ...step,
      state: i < done ? ('done' as const) : step.state,
    }));
    return JSON.stringify(
      rootMessage({ head: makeHead({ state: 'running', steps: all }) }, view('en')),
    );
  };
  expect(shown(15)).toContain('Check the copies 15');
  expect(shown(15)).toContain('11 steps before');
  expect(shown(0)).toContain('18 steps after');
  expect(shown(30)).toContain('Check the copies 29');
});

it('has the same words and places for values in both languages', () => {
  expect(Object.keys(texts.ko).sort()).toEqual(Object.keys(texts.en).sort());
  for (const key of Object.keys(texts.en) as (keyof typeof texts.en)[]) {
    const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    expect([key, ...new Set(places(texts.ko[key]))]).toEqual([
      key,
      ...new Set(places(texts.en[key])),
    ]);
  }
});

it('has a line for the reason above the buttons that decide, and above every abort', () => {
  const head = makeHead();
  const { approval } = head;
  if (approval === undefined) throw new Error('fixture');
  const asked = approvalMessage({ head, plan: makePlan(), planHash: HASH, approval }, view('ko'));
  const kinds = (message: Message) => message.blocks.slice(-2).map(({ type }) => type);
  expect(kinds(asked)).toEqual(['input', 'actions']);
  for (const state of ['opening', 'awaiting-approval', 'running', 'paused'] as const) {
    const root = rootMessage({ head: makeHead({ state }) }, view('en'));
    expect([state, ...kinds(root)]).toEqual([state, 'input', 'actions']);
    expect(JSON.stringify(root.blocks.at(-1))).toContain('drillbook:abort');
  }
  for (const state of ['cleaning-up', 'ended'] as const) {
    const root = rootMessage({ head: makeHead({ state }) }, view('en'));
    expect(JSON.stringify(root)).not.toContain('drillbook:abort');
  }
});

it('clips without halving a character or an entity', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, max) => {
      const cut = clip(text, max + 1);
      expect(cut.length).toBeLessThanOrEqual(max + 1);
      // Half a character would not survive the way to Slack.
      expect(Buffer.from(cut).toString()).toBe(cut);
      expect(clipEscaped('a&amp;b&lt;c'.repeat(9), max + 1)).not.toMatch(/&[a-z]*…/);
    }),
  );
});

it('writes times for every zone, with Korean time as fallback', () => {
  expect(when(T)).toBe(
    '<!date^1795309200^{date_short_pretty} {time_secs}|2026-11-22 10:00:00 KST>',
  );
  expect([duration(61_000), duration(90_000_000)]).toEqual(['00:01:01', '25:00:00']);
});

describe('the limits themselves', () => {
  const text = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
  const section = { type: 'section', text: text(1) };
  const button = { type: 'button', action_id: 'a', text: { type: 'plain_text', text: 'x' } };
  const message = (...blocks: object[]) => checkMessage({ text: 'x', blocks });
  it.each([
    ['51 blocks', () => message(...Array.from({ length: 51 }, () => section))],
    ['3,001 characters', () => message({ type: 'section', text: text(3001) })],
    ['an empty text', () => message({ type: 'section', text: text(0) })],
    ['an unknown block', () => message({ type: 'sectoin', text: text(1) })],
    [
      'a value of 2,001',
      () => message({ type: 'actions', elements: [{ ...button, value: 'x'.repeat(2001) }] }),
    ],
    ['two ids', () => message({ type: 'actions', elements: [button, button] })],
    ['two block ids', () => message({ ...section, block_id: 'a' }, { ...section, block_id: 'a' })],
    [
      'a header of 151',
      () => message({ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }),
    ],
    ['text of 4,001', () => checkMessage({ text: 'x'.repeat(4001) })],
    ['no text', () => checkMessage({ blocks: [section] })],
    [
      'a title of 25',
      () =>
        checkView({
          type: 'modal',
          title: { type: 'plain_text', text: 'x'.repeat(25) },
          blocks: [],
        }),
    ],
    [
      '101 blocks',
      () => checkView({ type: 'home', blocks: Array.from({ length: 101 }, () => section) }),
    ],
  ])('refuse %s', (_, check) => {
    expect(check()).not.toEqual([]);
  });
  it('let the largest allowed pass', () => {
    expect(
      message(...Array.from({ length: 50 }, () => ({ type: 'section', text: text(3000) }))),
    ).toEqual([]);
    expect(
      checkView({
        type: 'modal',
        title: { type: 'plain_text', text: '재'.repeat(24) },
        blocks: [section],
      }),
    ).toEqual([]);
  });
});

test('the calls of ten thousand items fit into the note that Details shows, and are counted', () => {
  const plan = makePlan({ calls: 20_000 });
  const lines = { ko: planLines(plan, 'ko'), en: planLines(plan, 'en') };
  expect(Buffer.byteLength(JSON.stringify({ planHash: HASH, lines }))).toBeLessThan(400_000);
  expect(lines.en.at(-1)).toContain('19750');
  const shown = detailsMessage({ run: 'r', planHash: HASH, lines: lines.ko }, { language: 'ko' });
  expect(checkMessage(shown)).toEqual([]);
});
