/** What codes say to people: both languages, whatever the rooms below said in English. */
import { actionCodes } from '../../lib/actions/errors.ts';
import { approvalCodes, statementCodes } from '../../lib/approval/errors.ts';
import { gatewayCodes } from '../../lib/gateway/errors.ts';
import { runCodes } from '../../lib/run/errors.ts';
import { wishCodes } from '../../lib/run/wish-errors.ts';
import { runbookCodes } from '../../lib/runbook/errors.ts';
import { rootMessage } from '../../lib/slack/blocks/root.ts';
import { threadLine } from '../../lib/slack/blocks/thread.ts';
import { checkMessage } from '../../lib/slack/limits.ts';
import { channelView } from '../../lib/slack/names.ts';
import { codeTexts, refusalIn } from '../../lib/slack/texts/codes.ts';
import { languages } from '../../lib/slack/texts.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { everyEvent, makeEvents, makeHead } from './fixtures.ts';

const codes = Object.keys({
  ...runCodes,
  ...wishCodes,
  ...approvalCodes,
  ...statementCodes,
  ...gatewayCodes,
  ...actionCodes,
  ...runbookCodes,
});
const given = { what: 'It broke.', why: 'LDEV 1201 is SSWS.', next: 'Paint it.' };
const view = (language: 'ko' | 'en') =>
  channelView({
    sites: [],
    services: [],
    people: [],
    policy: { workspace: 'T0BANK', channelLanguage: language },
  } as never);

test.each(languages)('every code has a headline and a next step in %s', (language) => {
  expect(Object.keys(codeTexts[language]).sort()).toEqual([...codes].sort());
  for (const text of Object.values(codeTexts[language])) {
    for (const sentence of [text.title, text.next]) {
      expect(sentence).toMatch(/[.]$/);
      expect(sentence.length).toBeLessThanOrEqual(200);
      expect(/[가-힣]/.test(sentence)).toBe(language === 'ko');
    }
  }
});

test.each(codes)('%s: a Korean reader gets Korean around the names of objects', (code) => {
  const refusal = { code, ...given };
  const head = makeHead({ state: 'paused', pause: { step: 'step1', refusal } });
  const message = rootMessage({ head }, view('ko'));
  const text = JSON.stringify(message);
  expect(checkMessage(message)).toEqual([]);
  expect(text).toContain(given.why);
  expect(text).toContain(code);
  expect(text).not.toMatch(/It broke|Paint it/);
});

test('each line of the thread that tells a refusal is Korean, its verb too', () => {
  const told = makeEvents(everyEvent('Foreign words.'))
    .filter(({ type }) => ['refused', 'step.failed', 'run.paused'].includes(type))
    .map((event) => threadLine(event, undefined, view('ko')) ?? '');
  expect(told).toHaveLength(3);
  for (const line of told) {
    expect(line).toContain('요청자는 자신이 요청한 훈련을 승인할 수 없습니다.');
    expect(line.match(/Foreign words/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
  expect(told.join()).toContain('승인. 요청자는');
});

test('a reason that adds nothing makes room for what was refused', () => {
  const why = gatewayCodes['GW-AFTER'].means;
  const code = 'GW-AFTER';
  expect(refusalIn('ko', { ...given, code, why }).why).toBe(given.what);
  expect(refusalIn('en', { ...given, code, why: '' }).why).toBe(given.what);
  expect(refusalIn('en', { ...given, code }).why).toBe(given.why);
});

test('a code nobody knows keeps all its words', () => {
  const refusal = { code: 'X-Y', ...given };
  expect(refusalIn('ko', refusal)).toEqual(refusal);
});

test('a hazard is explained in the reader’s language, what was seen stays as it is', () => {
  const refusal = { code: 'GW-GUARD', what: 'x', why: `dr S SSWS. ${hazardText(2)}`, next: 'y' };
  expect(refusalIn('en', refusal).why).toBe(refusal.why);
  expect(refusalIn('ko', refusal).why).toBe(`dr S SSWS. ${hazardText(2, 'ko')}`);
});
