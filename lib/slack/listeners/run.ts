/** `/dr run <runbook> <service>`: any runbook for any service. */
import { choose } from '../choose.ts';
import { openRun } from '../open.ts';
import type { Subcommand } from './command.ts';

export const run: Subcommand = async (door, visit, rest) => {
  const { language } = visit;
  const [first = '', ...words] = rest.split(' ');
  const runbook = choose(first, door.config.runbooks, {
    code: 'SLK-RUNBOOK',
    missing: 'runbook.missing',
    unknown: 'runbook.unknown',
    language,
  });
  const service = choose(words.join(' '), door.config.services, {
    code: 'SLK-SERVICE',
    missing: 'service.missing',
    unknown: 'service.unknown',
    language,
  });
  return openRun(door, visit, { runbook, service });
};
