/** A person's part of a step: performed, witnessed, or confirmed for the business. */
import type { App } from '@slack/bolt';
import { families } from '../buttons.ts';
import { press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerAnswer(app: App, door: DoorKeeper): void {
  app.action(families.answer, async ({ ack, body }) => {
    await press(door, body, ({ step, part }, text) =>
      step === undefined || part === undefined ? undefined : { verb: 'answer', step, part, text },
    );
    await ack();
  });
}
