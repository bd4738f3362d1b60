/** A drill whose runbook undoes: the whole house, and what the arrays and the cloud then look like. */
import { afterEach, expect, it } from '@jest/globals';
import { type Bank, openBank, shortTries } from '../support/bank.ts';
import { planOf, repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const group = `"\${{ service.drill.group }}"`;
const undoes = (text: string): string =>
  shortTries['runbooks/drill-copy.yml'](text)
    .replace(
      `with: { group: ${group}, atTime: true }\n`,
      `with: { group: ${group}, atTime: true }\n` +
        `    undo: { uses: clone/resync, with: { group: ${group} } }\n`,
    )
    .replace('  - id: boot\n', '  - id: boot\n    undo: { uses: servers/delete }\n')
    .replace('  - id: verify\n', '  - id: verify\n    on-failure: undo\n');

it('a check that fails takes servers and copies back, last first, each once', async () => {
  bank = await openBank({
    edit: { 'runbooks/drill-copy.yml': undoes },
    between: (_, http) => async (request) => {
      const down = request.url.includes('10.90.3.12:8080/health');
      return down ? { status: 500, headers: {}, body: '' } : http(request);
    },
  });
  const run = await bank.ask('drill loans');
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect(head.result?.result).toBe('failed');
  expect(head.result?.reasons.join()).toMatch(/verify/);
  expect(await residue(bank, run)).toEqual([]);
  expect(repeated(bank)).toEqual([]);
  const events = await bank.events(run);
  const ended = events.flatMap((event) =>
    event.type === 'step.finished' ? [`${event.data.step} ${event.data.result}`] : [],
  );
  expect(ended.slice(-5)).toEqual([
    'undo-boot done',
    'undo-split done',
    'remove done',
    'resync done',
    'clean done',
  ]);
  const { calls } = await planOf(bank, run);
  const sent = events.flatMap((event) => (event.type === 'intent' ? [event.data.call] : []));
  const always = sent.filter((id) => calls.find((call) => call.id === id)?.phase === 'always');
  expect(always).toEqual([]);
});
