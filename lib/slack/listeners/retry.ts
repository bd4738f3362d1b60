/** Retry: a person looked at what is unknown and wants the step tried again. */
import type { App } from '@slack/bolt';
import { families } from '../buttons.ts';
import { press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerRetry(app: App, door: DoorKeeper): void {
  app.action(families.retry, async ({ ack, body }) => {
    await press(door, body, ({ step }, reason) => ({
      verb: 'retry',
      reason,
      ...(step === undefined ? {} : { step }),
    }));
    await ack();
  });
}
