/** What `heartbeat/measure` makes of answers, silence, and groups that are apart. */
import type { Reading, StepView } from '../../lib/actions/action.ts';
import { heartbeatMeasure } from '../../lib/actions/heartbeat/measure.ts';

const urls = ['http://10.90.3.11:8080/records', 'http://10.90.3.12:8080/records'];
const checks = [{ id: 'one-instant', kind: 'http-json', urls, pointer: '/heartbeat', same: true }];
const input = (beat: 'last' | 'first', of: unknown[] = checks) =>
  heartbeatMeasure.input.parse({ site: 'dr', beat, checks: of });

const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 1, 0, second)).toISOString();
const beat = (heartbeat: number) => ({ heartbeat, at: at(heartbeat) });

/** What the addresses answer, in their order; undefined = silence. */
async function verdict(
  answers: readonly (object | undefined)[],
  how: ReturnType<typeof input>,
  waitedMs = 0,
) {
  const view = { step: { id: 'beat' }, startedAt: 0, now: waitedMs } as StepView;
  const asked: string[] = [];
  const read = async (site: string, target: string, path: string): Promise<Reading> => {
    asked.push(`${site} ${target}`);
    const body = answers[urls.indexOf(path)];
    if (body === undefined) return { ok: false, why: 'no route' };
    return { ok: true, status: 200, body } as Reading;
  };
  const observed = await heartbeatMeasure.observe(view, how, read);
  expect(new Set(asked).size).toBeLessThanOrEqual(1);
  return heartbeatMeasure.judge(observed, how, view).verdicts['beat'];
}

test('the oldest that was found counts, and how far the others are ahead is the skew', async () => {
  const answers = [
    { last: beat(20), found: beat(7) },
    { last: beat(21), found: beat(5) },
  ];
  expect(await verdict(answers, input('first'))).toEqual({
    state: 'done',
    reading: { site: 'dr', beat: 'first', heartbeat: 5, at: at(5), skewMs: 2_000 },
  });
});

test('of what was written last the newest was acknowledged', async () => {
  const answers = [{ last: beat(20) }, { last: beat(21) }];
  expect(await verdict(answers, input('last'))).toMatchObject({
    state: 'done',
    reading: { heartbeat: 21, skewMs: 1_000 },
  });
});

test.each([
  ['silent', [{ found: beat(7) }, undefined]],
  ['without a record', [{ found: beat(7) }, { last: beat(9) }]],
  ['in another shape', [{ found: beat(7) }, { found: { heartbeat: 'seven', at: at(7) } }]],
])('one server %s: waited for, then said, never half an answer', async (_, answers) => {
  expect(await verdict(answers, input('first'))).toMatchObject({ state: 'pending' });
  const late = await verdict(answers, input('first'), 60_000);
  expect(late).toEqual({
    state: 'done',
    reading: { site: 'dr', beat: 'first', unknown: expect.stringContaining('10.90.3.12') },
  });
});

test('a site that is left may be silent: nothing waits for it', async () => {
  const silent = await verdict([undefined, undefined], input('last'));
  expect(silent).toMatchObject({ state: 'done', reading: { unknown: expect.any(String) } });
});

test('a service without such a check has no heartbeat', async () => {
  const none = input('first', [{ id: 'up', kind: 'http', url: 'http://10.90.3.11:8080/health' }]);
  expect(await verdict([], none, 60_000)).toMatchObject({
    state: 'done',
    reading: { unknown: 'No check of the service compares /heartbeat.' },
  });
});
