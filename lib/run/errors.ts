/** What can stop a run, and who can go on. */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const runCodes = {
  'RUN-SERVICE-BUSY': {
    means: 'Another run of this service, or of a service that shares its copy groups, is open.',
    next: 'Wait until that run has ended, or abort it.',
    status: 409,
  },
  'RUN-UNKNOWN-SERVICE': {
    means: 'No service of this name is configured.',
    next: 'Use a service of config/services.yml; `/dr status` lists them.',
  },
  'RUN-NOT-OPEN': {
    means: 'The run does not exist or has ended.',
    next: 'Look at `/dr runs` for the runs that are open.',
  },
  'RUN-NOT-PAUSED': {
    means: 'Retry was asked for a run that is not paused, or for another step.',
    next: 'Look at the state of the run; only the step that stopped it can be retried.',
  },
  'RUN-NOTHING-ASKED': {
    means: 'The step does not wait for this answer.',
    next: 'Answer the step the run is waiting for.',
  },
  'RUN-ROLE': {
    means: 'The person does not hold the role that this needs.',
    next: 'Ask somebody who holds the role.',
  },
  'RUN-SAME-PERSON': {
    means: 'Operator and witness of manual work are the same person.',
    next: 'Let a second person witness the work.',
  },
  'RUN-LATE': {
    means: 'A step did not reach its verdict within its limit.',
    next: 'Look at the readings, mend what is wrong, then retry the step or abort the run.',
  },
  'RUN-REFUSED': {
    means: 'The state that was read does not allow the step.',
    next: 'Follow the reason; then retry the step or abort the run.',
  },
  'RUN-PREEXISTING': {
    means: 'What the step should bring about was so before this run began.',
    next: 'Find out who did it. For copies left split: `npm run dr -- --as <person> resync <service>`.',
  },
  'RUN-LOST': {
    means: 'A call was handed over, but no answer came back; it is never sent again by itself.',
    next: 'Look at both sites; `retry` sends it again, `abort` cleans up.',
  },
  'RUN-ATTEMPTS': {
    means: 'The target refused a call three times.',
    next: 'Read the answers in the evidence, mend the cause, then retry the step.',
  },
  'RUN-GATEWAY-FORGOT': {
    means:
      'A gateway shows fewer receipts than were already seen: its disk was replaced by an old copy.',
    next: 'Nothing more goes through it. Two people must look at the gateway before it is used again.',
  },
  'RUN-HISTORY': {
    means: 'The journal does not fit the code or the plan that reads it.',
    next: 'Run the version that wrote it, or abort the run.',
  },
} as const satisfies Catalogue;

export type RunCode = keyof typeof runCodes;

export class RunError extends DrillbookError {
  constructor(code: RunCode, what: string, why: string) {
    super({ code, what, why, next: runCodes[code].next });
  }
}

/** Somebody else wrote the next line of the journal first: read it and decide again. */
export class JournalMoved extends Error {
  override readonly name = 'JournalMoved';
}
