/** `/dr drill <service> [--drill DR-2026-001]`: a drill on copies, or a further run of one. */
import { choose } from '../choose.ts';
import { openRun } from '../open.ts';
import type { Subcommand } from './command.ts';

const DRILL = 'drill-copy';
/** Phones write two hyphens as one dash. */
const JOINS = /^(.*?)(?:\s+(?:--|—|–)drill[\s=]+(\S+))?\s*$/;

export const drill: Subcommand = async (door, visit, rest) => {
  const { language } = visit;
  const [, words = '', drill] = JOINS.exec(rest) ?? [];
  const service = choose(words, door.config.services, {
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
  return openRun(door, visit, {
    runbook,
    service,
    ...(drill === undefined ? {} : { drill: drill.toUpperCase() }),
  });
};
