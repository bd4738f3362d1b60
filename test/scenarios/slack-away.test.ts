/** Slack is a view (rule 10): approved while it was there, a run goes on when it is gone. */
import { expect, it } from '@jest/globals';
import { advance } from '../../lib/run/advance.ts';
import { openBank } from '../support/bank.ts';

it('splits and boots with Slack answering nothing but errors (rule 10)', async () => {
  const bank = await openBank();
  const { engine } = bank.worker;
  const run = await bank.ask('drill loans');
  await bank.drive(run, ({ state }) => state === 'running');
  bank.slack.fault('http-500');
  for (let i = 0; i < 200; i++) {
    const { pace, shown } = await advance(engine, run, bank.clock.now() + 60_000);
    if (shown?.head.asks.some(({ step }) => step === 'database')) break;
    if (pace.next === 'wait') bank.clock.advance(pace.ms);
  }
  const head = await bank.head(run);
  expect(head.asks).toMatchObject([{ step: 'database' }]);
  const boot = head.steps.find(({ id }) => id === 'boot');
  expect(boot?.state).toBe('done');
  expect(bank.world.effects.filter(({ target }) => target === 'nova')).toHaveLength(2);
  bank.slack.fault(undefined);
  const end = await bank.drive(run);
  expect(end.result).toMatchObject({ result: 'passed' });
  await bank.close();
});
