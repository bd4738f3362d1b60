/** Deny: one qualified denial ends a run. */
import type { App } from '@slack/bolt';
import { families } from '../buttons.ts';
import { press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerDeny(app: App, door: DoorKeeper): void {
  app.action(families.deny, async ({ ack, body }) => {
    await press(door, body, ({ planHash }, reason) =>
      planHash === undefined ? undefined : { verb: 'deny', planHash, reason },
    );
    await ack();
  });
}
