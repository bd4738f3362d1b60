/** Buttons that pause, resume and skip; retry and abort have their own. */
import type { App } from '@slack/bolt';
import type { Ask } from '../../run/inbox.ts';
import { actionIds, type ButtonValue, families } from '../buttons.ts';
import { type Click, press } from '../click.ts';
import type { DoorKeeper } from '../visit.ts';

type Make = (value: ButtonValue, reason: string, click: Click) => Ask | undefined;

const orders: Readonly<Record<string, Make>> = {
  [actionIds.pause]: (_, reason) => ({ verb: 'pause', reason }),
  [actionIds.resume]: (_, reason) => ({ verb: 'resume', reason }),
  // A skip needs words of the person; that a button was pressed is none.
  [actionIds.skip]: ({ step }, _, { remark: reason = '' }) =>
    step === undefined ? undefined : { verb: 'skip', step, reason },
  [actionIds.confirmSkip]: ({ step }) =>
    step === undefined ? undefined : { verb: 'confirm-skip', step },
  [actionIds.declineSkip]: ({ step }, reason) =>
    step === undefined ? undefined : { verb: 'decline-skip', step, reason },
};

export function registerOrder(app: App, door: DoorKeeper): void {
  app.action(families.order, async ({ ack, body, action }) => {
    const make = orders['action_id' in action ? action.action_id : ''];
    await press(door, body, (...given) => make?.(...given));
    await ack();
  });
}
