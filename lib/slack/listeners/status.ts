/** `/dr status [service]`: the newest run, of one service or of all. */
import { headSchema } from '../../run/head.ts';
import { message, section } from '../blocks/elements.ts';
import { runsText, statusText } from '../blocks/status.ts';
import { choose } from '../choose.ts';
import { doorView } from '../names.ts';
import { say } from '../texts.ts';
import { unprotectedLines } from '../unprotected.ts';
import type { Subcommand } from './command.ts';

/** A service with no run among these was last drilled long ago: `/dr runs` and reports know. */
const SEARCHED = 50;

export const status: Subcommand = async (door, visit, rest) => {
  const { language } = visit;
  const view = doorView(door.config, language);
  const service =
    rest === ''
      ? undefined
      : choose(rest, door.config.services, {
          code: 'SLK-SERVICE',
          missing: 'service.missing',
          unknown: 'service.unknown',
          language,
        });
  const items = await door.store.heads(service === undefined ? 1 : SEARCHED);
  const heads = items.map((item) => headSchema.parse(JSON.parse(item.json)));
  const asked = service === undefined ? door.config.services : [service];
  const unprotected = await unprotectedLines(door.store, asked, language);
  const head = heads.find((one) => service === undefined || one.service.id === service.id);
  if (head !== undefined) return statusText(head, view, unprotected);
  if (service === undefined) return runsText([], view);
  const none = say(language, 'status.none', { service: service.name[language] });
  const text = [...unprotected, none].join('\n');
  return message(text, [section(text)]);
};
