/** A command that asks for a run: into the inbox of a run named by this very delivery. */
import { type Message, message, section } from './blocks/elements.ts';
import { deliver } from './deliver.ts';
import type { DoorConfig } from './door-config.ts';
import { markup, say } from './texts.ts';
import { type DoorKeeper, deliveryOf, runOf, type Visit } from './visit.ts';

/** Whether the person may, and whether the service is free, is for the engine to say. */
export async function openRun(
  door: DoorKeeper,
  visit: Visit,
  wanted: {
    readonly runbook: DoorConfig['runbooks'][number];
    readonly service: DoorConfig['services'][number];
    /** Number of an open drill that the run joins. */
    readonly drill?: string;
  },
): Promise<Message> {
  const { language, team, user, channel, triggerId } = visit;
  const run = runOf(team, triggerId);
  const outcome = await deliver(door, {
    run,
    delivery: deliveryOf(team, triggerId),
    person: visit.person.id,
    origin: { via: 'slack', channel, team, user },
    ask: {
      verb: 'open',
      runbook: wanted.runbook.id,
      service: wanted.service.id,
      ...(wanted.drill === undefined ? {} : { drill: wanted.drill }),
    },
  });
  const key = { taken: 'door.taken', late: 'door.taken.slow', repeated: 'door.already' } as const;
  const text = say(language, key[outcome], {
    run,
    runbook: wanted.runbook.title[language],
    service: wanted.service.name[language],
    channel: markup(`<#${door.config.channel}>`),
  });
  return message(text, [section(text)]);
}
