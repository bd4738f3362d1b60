/** A person's part of a step: performed, witnessed, confirmed for the business, or a disaster declared. */
import type { App } from '@slack/bolt';
import { families } from '../buttons.ts';
import { press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerAnswer(app: App, door: DoorKeeper): void {
  app.action(families.answer, async ({ ack, body }) => {
    await press(door, body, ({ step, part, proof }, reason, { remark }) => {
      if (step === undefined || part === undefined) return undefined;
      // Where words are the proof, those that stand for none are none.
      const text = proof === true ? (remark ?? '') : reason;
      return part === 'declared' ? { verb: 'declare', text } : { verb: 'answer', step, part, text };
    });
    await ack();
  });
}
