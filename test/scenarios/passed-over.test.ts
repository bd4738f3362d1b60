/** What a skipped or deviated step lets go, and what it does not (rule 7, docs/runbooks.md). */
import { expect, it } from '@jest/globals';
import { openSmall, runbookOf } from '../support/small.ts';

const set = (id: string, more = '', after = '') => `  - id: ${id}
    uses: servers/boot
    with: { volume: ${id}${after} }
${more}`;
const back = (id: string) => `  - id: close-${id}
    uses: servers/delete
    undoes: ${id}
    with: { volume: ${id} }
`;
const closing = back('a') + back('b') + back('c');

it('what comes after a deviated step is sent, and the run is conditional at best', async () => {
  const small = openSmall(['a', 'b', 'c']);
  small.answers = (call) => (call === 'a.set' ? 403 : 202);
  const steps =
    set('a', '    on-failure: continue\n') + set('b', '', ', after: [a.set]') + set('c');
  const head = await small.start(runbookOf(steps, closing));
  expect(head.result?.result).toBe('conditional');
  expect(small.sent.filter((call) => !call.startsWith('close'))).toEqual([
    ...['a.set', 'a.set', 'a.set'],
    ...['b.set', 'c.set'],
  ]);
});

it('a step that is skipped before its turn does not let the ones behind it overtake', async () => {
  const small = openSmall(['a', 'b', 'c']);
  // The first step finds its array silent until people have skipped the second.
  small.answers = (call) => (call === 'a.set' ? 403 : 202);
  const steps = set('a') + set('b') + set('c', '', ', after: [b.set]');
  const head = await small.start(runbookOf(steps, closing));
  expect(head.pause?.step).toBe('a');
  await small.ask({ verb: 'skip', step: 'b', reason: 'not today' });
  await small.ask({ verb: 'confirm-skip', step: 'b' }, 'p-27f82f94');
  await small.go();
  // Turned down once more: nothing has come before the third yet.
  await small.ask({ verb: 'retry', reason: 'once more' });
  expect((await small.go()).pause?.step).toBe('a');
  expect(small.sent).not.toContain('c.set');
  small.answers = () => 202;
  const before = small.sent.length;
  await small.ask({ verb: 'retry', reason: 'mended' });
  const end = await small.go();
  expect(end.result?.result).toBe('conditional');
  const sent = small.sent.slice(before).filter((call) => !call.startsWith('close'));
  expect(sent).toEqual(['a.set', 'c.set']);
});
