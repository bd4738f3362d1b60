/** `/dr runs`: the last runs, newest first. */
import { headSchema } from '../../run/head.ts';
import { runsText } from '../blocks/status.ts';
import { doorView } from '../names.ts';
import type { Subcommand } from './command.ts';

const SHOWN = 10;

export const runs: Subcommand = async (door, visit) => {
  const items = await door.store.heads(SHOWN);
  const heads = items.map((item) => headSchema.parse(JSON.parse(item.json)));
  return runsText(heads, doorView(door.config, visit.language));
};
