/** `/dr wave <runbook> <service> <service> …`: one drill, one run per service, in this order. */
import { memberRun } from '../../run/waves.ts';
import { message, section } from '../blocks/elements.ts';
import { choose } from '../choose.ts';
import { deliver } from '../deliver.ts';
import { SlackRefused } from '../errors.ts';
import { markup, say } from '../texts.ts';
import { deliveryOf } from '../visit.ts';
import type { Subcommand } from './command.ts';

/** Each member waits for the one before; more than this is no drill of one day. */
const MEMBERS_MAX = 20;

export const wave: Subcommand = async (door, visit, rest) => {
  const { language, team, user, channel, triggerId } = visit;
  const [first = '', ...words] = rest.split(/[\s,]+/).filter((word) => word !== '');
  const runbook = choose(first, door.config.runbooks, {
    code: 'SLK-RUNBOOK',
    missing: 'runbook.missing',
    unknown: 'runbook.unknown',
    language,
  });
  const services = words.map((word) =>
    choose(word, door.config.services, {
      code: 'SLK-SERVICE',
      missing: 'service.missing',
      unknown: 'service.unknown',
      language,
    }),
  );
  const ids = new Set(services.map(({ id }) => id));
  if (services.length < 2 || services.length > MEMBERS_MAX || ids.size < services.length) {
    const what = say(language, 'wave.members', { max: MEMBERS_MAX });
    throw new SlackRefused('SLK-SERVICE', { what, next: '' });
  }
  const delivery = deliveryOf(team, triggerId);
  const of = services.length;
  await Promise.all(
    services.map((service, index) =>
      deliver(door, {
        run: memberRun(delivery, index + 1),
        delivery,
        person: visit.person.id,
        origin: { via: 'slack', channel, team, user },
        ask: {
          verb: 'open',
          ...{ runbook: runbook.id, service: service.id },
          wave: { id: delivery, place: index + 1, of },
        },
      }),
    ),
  );
  const text = say(language, 'wave.taken', {
    runbook: runbook.title[language],
    services: services.map(({ name }) => name[language]).join(', '),
    channel: markup(`<#${door.config.channel}>`),
  });
  return message(text, [section(text)]);
};
