/** `/dr drill <service>`: a drill on copies. */
import { choose } from '../choose.ts';
import { openRun } from '../open.ts';
import type { Subcommand } from './command.ts';

const DRILL = 'drill-copy';

export const drill: Subcommand = async (door, visit, rest) => {
  const { language } = visit;
  const service = choose(rest, door.config.services, {
    code: 'SLK-SERVICE',
    missing: 'service.missing',
    unknown: 'service.unknown',
    language,
  });
  const runbook = choose(DRILL, door.config.runbooks, {
    code: 'SLK-RUNBOOK',
    missing: 'runbook.missing',
    unknown: 'runbook.unknown',
    language,
  });
  return openRun(door, visit, { runbook, service });
};
