/** A disaster is declared once, by whom it belongs to, with a time and with words. */
import { statedTime } from '../../lib/run/moves/intake/stated-time.ts';
import { order, runIn } from './stages.ts';

/** 2026-11-22 10:00 in Korea. */
const NOW = Date.UTC(2026, 10, 22, 1, 0, 0);

test.each([
  ['09:12 power is gone', '2026-11-22T00:12:00.000Z', 'power is gone'],
  ['9:12 정전, 당직자 통화', '2026-11-22T00:12:00.000Z', '정전, 당직자 통화'],
  ['23:50 seen on the cameras', '2026-11-21T14:50:00.000Z', 'seen on the cameras'],
  ['10:01 my watch is fast', '2026-11-22T01:00:00.000Z', 'my watch is fast'],
  ['2026-11-21 22:00 the fire', '2026-11-21T13:00:00.000Z', 'the fire'],
  ['2026-11-22T00:59:30Z a probe', '2026-11-22T00:59:30.000Z', 'a probe'],
  ['2026-11-22T09:00:05.250+09:00 a probe', '2026-11-22T00:00:05.250Z', 'a probe'],
])('%s', (said, at, text) => {
  // Who says seconds is right to the second.
  const exactMs = /\d:\d\d:\d/.test(said) ? 1_000 : 60_000;
  expect(statedTime(said, NOW)).toEqual({ at: Date.parse(at), exactMs, text });
});

test.each([
  ['power is gone', /does not begin with a time/],
  ['09:12', /go on with words/],
  ['25:61 power is gone', /is no time/],
  ['2026-11-22 10:02 soon', /has not come yet/],
  ['2026-11-14 10:00 long ago', /more than seven days ago/],
  ['', /does not begin with a time/],
])('no time: %s', (said, fault) => {
  expect(statedTime(said, NOW)).toEqual({ fault: expect.stringMatching(fault) });
});

test('it counts while approvals are collected, and T0 is what was said', async () => {
  const session = await runIn('awaiting-approval');
  const came = await order(session, 'choi', { verb: 'declare', text: '09:12 power is gone' });
  expect(came).toMatchObject({
    type: 'disaster.declared',
    data: { step: 'declare', role: 'dba', text: 'power is gone' },
  });
  expect(session.state().declared).toMatchObject({ part: 'declared', person: 'choi' });
});

test.each([
  ['somebody of another role', 'han', '09:12 power is gone', 'RUN-ROLE'],
  ['no time', 'choi', 'power is gone', 'RUN-DECLARATION'],
  ['a time to come', 'choi', '2030-01-01 00:00 power will be gone', 'RUN-DECLARATION'],
  ['no word', 'choi', ' ', 'RUN-REASON'],
])('refused: %s', async (_, person, text, code) => {
  const session = await runIn('running');
  const came = await order(session, person, { verb: 'declare', text });
  expect(came).toMatchObject({ type: 'refused', data: { refusal: { code } } });
  expect(session.state().declared).toBeUndefined();
});

test('a second declaration changes nothing', async () => {
  const session = await runIn('running');
  await order(session, 'choi', { verb: 'declare', text: '09:12 power is gone' });
  const came = await order(session, 'choi', { verb: 'declare', text: '08:00 earlier, I think' });
  expect(came).toMatchObject({ data: { refusal: { code: 'RUN-NOTHING-ASKED' } } });
  expect(session.state().declared?.text).toBe('power is gone');
});
