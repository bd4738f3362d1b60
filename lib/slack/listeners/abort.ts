/** Abort: no further forward step; what must be cleaned up still is. */
import type { App } from '@slack/bolt';
import { families } from '../buttons.ts';
import { press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerAbort(app: App, door: DoorKeeper): void {
  app.action(families.abort, async ({ ack, body }) => {
    await press(door, body, (_, reason) => ({ verb: 'abort', reason }));
    await ack();
  });
}
