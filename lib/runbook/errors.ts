/** Errors of the runbook language. */
import { type Catalogue, DrillbookError, type Refusal } from '../errors.ts';

export const runbookCodes = {
  'RB-LINT': {
    means: 'A runbook names something that does not exist or contradicts itself.',
    next: 'Correct the lines named; the nearest valid choice is suggested.',
  },
  'RB-REPLICATION': {
    means: 'The runbook does not fit the replication of the service.',
    next: 'Choose a runbook that lists this replication, or another service.',
  },
  'RB-CALL': {
    means:
      'An action planned a changing call that is in no danger table, or is a hazard in any state.',
    next: 'Report this: such a call is never sent.',
  },
} as const satisfies Catalogue;

export type RunbookCode = keyof typeof runbookCodes;

export class RunbookError extends DrillbookError {
  constructor(code: RunbookCode, what: string, why: string) {
    const refusal: Refusal = { code, what, why, next: runbookCodes[code].next };
    super(refusal);
  }
}
