/** Errors of reading facts and of planning. What an action refuses at run time is a verdict. */
import { DrillbookError } from '../errors.ts';

export const actionCodes = {
  'ACT-UNREAD': {
    means: 'Something a plan is built on could not be read.',
    next: 'See that gateway, array and cloud of the site answer, then start again.',
  },
  'ACT-UNJOINED': {
    means: 'Volumes, pairs and LDEVs do not join to one chain from main to the drill copy.',
    next: 'Correct the pair, the label or the volume named, then start again.',
  },
  'ACT-PLAN': {
    means: 'An action cannot be planned on these facts or in this place of the runbook.',
    next: 'Correct what is named in the runbook, on the array or in the cloud.',
  },
} as const;

export type ActionCode = keyof typeof actionCodes;

export class ActionError extends DrillbookError {
  constructor(code: ActionCode, what: string, why: string) {
    super({ code, what, why, next: actionCodes[code].next });
  }
}
