/** Details: the calls of the plan that was shown, to the presser only. Changes nothing. */
import type { App } from '@slack/bolt';
import { UNMAPPED } from '../../run/inbox.ts';
import { detailsMessage } from '../blocks/approval.ts';
import { families } from '../buttons.ts';
import { type Click, readClick, tellClick } from '../click.ts';
import { PLAN_NOTE, planNoteSchema } from '../notes.ts';
import type { DoorKeeper } from '../visit.ts';

export function registerDetails(app: App, door: DoorKeeper): void {
  app.action(families.details, async ({ ack, body }) => {
    await show(door, readClick(door, body));
    await ack();
  });
}

async function show(door: DoorKeeper, click: Click): Promise<void> {
  const { value, language, person } = click;
  if (person === UNMAPPED) return tellClick(door, click, 'door.unmapped');
  if (value?.planHash === undefined) return tellClick(door, click, 'door.unknown.button');
  const json = await door.store.note(value.run, PLAN_NOTE);
  const note = json === undefined ? undefined : planNoteSchema.parse(JSON.parse(json));
  if (note?.planHash !== value.planHash) return tellClick(door, click, 'details.none');
  const { run, planHash } = value;
  await door.tell(
    click.responseUrl,
    detailsMessage({ run, planHash, lines: note.lines[language] }, { language }),
  );
}
