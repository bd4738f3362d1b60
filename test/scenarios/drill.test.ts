import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bank, openBank } from '../support/bank.ts';

describe('a drill on copies', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await openBank();
  });
  afterAll(() => bank.close());

  it('passes from the slash command to the clean-up', async () => {
    const said = await bank.type('kim', 'drill payments');
    const run = bank.lastSignal();
    const head = await bank.drive(run, (h) => h.state === 'paused');
    const lines = (await bank.events(run)).map((e) => `${e.seq} ${e.ts.slice(11, 19)} ${e.type} ${JSON.stringify(e.data).slice(0, 300)}`);
    process.stderr.write(`${said}\n${lines.join('\n')}\n${JSON.stringify(head.result)}\n`);
    expect(head.result?.result).toBe('passed');
  });
});
