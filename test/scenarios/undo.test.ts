/** What a failure leads to: compensations in reverse order, a recorded deviation, people. */
import { describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../lib/run/events.ts';
import { openSmall, runbookOf, type Small } from '../support/small.ts';

const open = (id: string, more = '') => `  - id: ${id}
    uses: servers/boot
    with: { volume: ${id} }
    undo: { uses: servers/delete, with: { volume: ${id} } }
${more}`;
const check = (more = '') => `  - id: verify
    uses: check/all
    with: { name: verify }
${more}`;
const close = ['a', 'b']
  .map(
    (id) => `  - id: close-${id}
    uses: servers/delete
    undoes: ${id}
    with: { volume: ${id} }
`,
  )
  .join('');
const undoing = runbookOf(`${open('a')}${open('b')}${check('    on-failure: undo\n')}`, close);

const ends = (events: readonly JournalEvent[]) =>
  events.flatMap((event) =>
    event.type === 'step.finished' ? [`${event.data.step} ${event.data.result}`] : [],
  );
const allParked = ({ volumes }: Small) =>
  [...volumes.values()].every((status) => status === 'maintenance');

describe('on-failure: undo', () => {
  it('closes forward and takes back in reverse order what was sent, each once', async () => {
    const small = openSmall(['a', 'b']);
    small.checks = () => false;
    const head = await small.start(undoing);
    expect(head.result).toMatchObject({ result: 'failed' });
    expect(small.sent).toEqual(['a.set', 'b.set', 'undo-b.set', 'undo-a.set']);
    expect(ends(await small.events())).toEqual([
      'a done',
      'b done',
      'undo-b done',
      'undo-a done',
      'close-a done',
      'close-b done',
    ]);
    expect(allParked(small)).toBe(true);
    const types = (await small.events()).map(({ type }) => type);
    expect(types).toContain('undo.started');
    expect(types).not.toContain('run.paused');
  });

  it('takes back nothing that was never sent, and begins nothing forward any more', async () => {
    const small = openSmall(['a', 'b']);
    small.checks = () => false;
    const first = runbookOf(`${open('a')}${check('    on-failure: undo\n')}${open('b')}`, close);
    await small.start(first);
    expect(small.sent).toEqual(['a.set', 'undo-a.set']);
    expect(ends(await small.events())).toContain('undo-b not-needed');
  });

  it('pauses at a compensation that fails; a retry goes on from there', async () => {
    const small = openSmall(['a', 'b']);
    small.checks = () => false;
    small.answers = (call) => (call === 'undo-b.set' ? 403 : 202);
    const head = await small.start(undoing);
    expect(head.pause).toMatchObject({ step: 'undo-b', refusal: { code: 'RUN-ATTEMPTS' } });
    expect(small.sent).not.toContain('undo-a.set');
    small.answers = () => 202;
    await small.ask({ verb: 'retry', reason: 'mended' });
    const end = await small.go();
    expect(end.result?.result).toBe('failed');
    expect(small.sent.slice(-2)).toEqual(['undo-b.set', 'undo-a.set']);
    expect(allParked(small)).toBe(true);
  });

  it('is not for a call whose outcome nobody knows: people decide (rule 3)', async () => {
    const small = openSmall(['a', 'b']);
    small.answers = (call) => (call === 'b.set' ? 'lost' : 202);
    const runbook = runbookOf(`${open('a')}${open('b', '    on-failure: undo\n')}`, close);
    const head = await small.start(runbook);
    expect(head.pause).toMatchObject({ step: 'b', refusal: { code: 'RUN-LOST' } });
    expect(small.sent).toEqual(['a.set', 'b.set']);
  });
});

describe('an abort', () => {
  const paused = async () => {
    const small = openSmall(['a', 'b']);
    small.checks = () => false;
    await small.start(undoing.replace('    on-failure: undo\n', ''));
    return small;
  };

  it('with undo runs the compensations before the clean-up', async () => {
    const small = await paused();
    await small.ask({ verb: 'abort', reason: 'no use', mode: 'undo' });
    expect((await small.go()).result).toMatchObject({ result: 'aborted' });
    expect(small.sent.slice(2)).toEqual(['undo-b.set', 'undo-a.set']);
    expect(allParked(small)).toBe(true);
  });

  it('without undo goes to always at once', async () => {
    const small = await paused();
    await small.ask({ verb: 'abort', reason: 'no use', mode: 'keep' });
    expect((await small.go()).result).toMatchObject({ result: 'aborted' });
    expect(small.sent.slice(2)).toEqual(['close-a.set', 'close-b.set']);
  });
});

describe('on-failure: continue', () => {
  const going = runbookOf(
    `${check('    on-failure: continue\n')}${open('a')}`,
    close.slice(0, close.indexOf('  - id: close-b')),
  );

  it('records the deviation with its reason, goes on, and ends conditional at best', async () => {
    const small = openSmall(['a']);
    small.checks = () => false;
    const head = await small.start(going);
    expect(head.result?.result).toBe('conditional');
    expect(small.sent).toEqual(['a.set', 'close-a.set']);
    const deviated = (await small.events()).find(
      (event) => event.type === 'step.finished' && event.data.result === 'deviated',
    );
    expect(deviated?.data).toMatchObject({ step: 'verify' });
    expect(JSON.stringify(deviated?.data)).toContain('verify is not well');
  });

  it('never passes over a lost call (rules 3 and 7)', async () => {
    const small = openSmall(['a']);
    small.answers = () => 'lost';
    const runbook = going.replace('  - id: a\n', '  - id: a\n    on-failure: continue\n');
    const head = await small.start(runbook);
    expect(head.pause).toMatchObject({ step: 'a', refusal: { code: 'RUN-LOST' } });
  });
});
