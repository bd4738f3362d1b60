/** Approve: the hash that was shown travels along; whether it counts is not decided here. */
import type { App } from '@slack/bolt';
import { families } from '../buttons.ts';
import { press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerApprove(app: App, door: DoorKeeper): void {
  app.action(families.approve, async ({ ack, body }) => {
    await press(door, body, ({ planHash }) =>
      planHash === undefined ? undefined : { verb: 'approve', planHash },
    );
    await ack();
  });
}
