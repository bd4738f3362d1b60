/** What a person sees of a run that stands still: the record, what it waits for, what can be done. */
import { describe, expect, it } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { choiceLines, controls, standingLines } from '../../lib/slack/blocks/orders.ts';
import type { View } from '../../lib/slack/names.ts';
import { languages } from '../../lib/slack/texts.ts';

const text = (id: string) => ({ ko: id, en: id });
const lost = {
  code: 'RUN-LOST',
  what: 'Step boot cannot go on (boot.server).',
  why: 'Record: boot.server, attempt 1: lost. At main: … At dr: …',
  next: '',
};
const base: Head = {
  v: 1,
  run: 'r-0123456789',
  drill: 'DR-2026-001',
  seq: 9,
  state: 'running',
  openedAt: 0,
  service: { id: 's', name: text('s') },
  runbook: { id: 'b', title: text('b') },
  requester: 'p1',
  steps: [
    { id: 'boot', title: text('boot'), phase: 'forward', state: 'failed' },
    { id: 'clean', title: text('clean'), phase: 'always', state: 'waiting' },
  ],
  asks: [],
  clocks: {},
};
const stopped: Head = {
  ...base,
  state: 'paused',
  pause: { step: 'boot', refusal: lost },
  choices: ['retry', 'abort'],
  waiting: { for: 'operator', who: [], since: 0, after: text('it stands still') },
};

const buttonsOf = (head: Head): string[] =>
  controls(head, 'en').flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((one) => (one.type === 'button' ? [one.action_id ?? ''] : []))
      : [],
  );

describe.each(languages)('in %s', (language) => {
  const view: View = { language, person: (id) => id };

  it('a lost call says that a retry sends it a second time, and offers no skip', () => {
    const lines = choiceLines(stopped, language).join('\n');
    expect(lines).toMatch(language === 'ko' ? /한 번 더 보냅니다/ : /sent a second time/);
    expect(lines).toContain('/dr abort r-0123456789');
    expect(lines).not.toContain('/dr skip');
    expect(standingLines(stopped, view).join()).toContain('it stands still');
  });

  it.each([
    ['approvals', ['dr-approver']],
    ['person', ['dba']],
    ['operator', []],
    ['second-person', []],
    ['second-person', ['dr-approver']],
    ['array', ['array:1']],
    ['gateway', []],
    ['gateway', ['dr']],
    ['nothing', []],
  ] as const)('waiting for %s %j is one sentence without holes', (kind, who) => {
    for (const until of [{}, { until: 60_000 }]) {
      const waiting = { for: kind, who: [...who], since: 0, after: text('and then'), ...until };
      const [line = ''] = standingLines({ ...base, waiting }, view);
      expect(line).not.toMatch(/\{(?!date|time)|undefined/);
      expect(line).toContain('and then');
      for (const one of who) expect(line).toContain(one);
    }
  });

  it('a wish to skip names who, what and why; the second person is asked for', () => {
    const wish = { step: 'boot', person: 'p2', reason: 'no <!channel> use', at: 0 };
    const head: Head = { ...stopped, skips: [wish], choices: ['retry', 'confirm-skip'] };
    const lines = standingLines(head, view).join('\n');
    expect(lines).toMatch(/p2.*boot.*no &lt;!channel&gt; use/);
    expect(choiceLines(head, language).join()).toContain('/dr confirm-skip r-0123456789 boot');
  });
});

it.each<[string, Head, string[]]>([
  ['running', base, ['drillbook:order:pause', 'drillbook:abort']],
  ['paused', stopped, ['drillbook:retry', 'drillbook:abort']],
  [
    'paused at a step that can be skipped',
    { ...stopped, choices: ['retry', 'skip', 'abort'] },
    ['drillbook:retry', 'drillbook:order:skip', 'drillbook:abort'],
  ],
  [
    'a wish waits',
    { ...stopped, skips: [{ step: 'boot', person: 'p2', reason: 'r', at: 0 }] },
    [
      'drillbook:retry',
      'drillbook:order:confirm-skip',
      'drillbook:order:decline-skip',
      'drillbook:abort',
    ],
  ],
  ['held', { ...base, state: 'held' }, ['drillbook:order:resume', 'drillbook:abort']],
  ['cleaning up', { ...base, state: 'cleaning-up' }, ['drillbook:order:pause']],
  ['ended', { ...base, state: 'ended' }, []],
])('buttons of a run that is %s', (_, head, wanted) => {
  expect(buttonsOf(head)).toEqual(wanted);
});
