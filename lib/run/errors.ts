/** What can stop a run, and who can go on. */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const runCodes = {
  'RUN-SERVICE-BUSY': {
    means: 'Another run of this service, or of a service that shares its copy groups, is open.',
    next: 'Wait until that run has ended, or abort it.',
    status: 409,
  },
  'RUN-WAVE': {
    means: 'Another run of the wave did not come about, or did not end well.',
    next: 'Look at that run; `retry` lets this one go on all the same, `abort` ends it.',
  },
  'RUN-DRILL-CLOSED': {
    means: 'A run can join a drill only while another run of that drill is open.',
    next: 'Look at `/dr runs`; ask without a number for a drill of its own.',
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
  'RUN-NOT-RUNNING': {
    means: 'The run carries nothing out yet that could be paused or skipped.',
    next: 'Wait for the approvals, or abort the run and ask for it again.',
  },
  'RUN-NOT-COLLECTING': {
    means: 'The run does not collect approvals, or none of this person, so none is taken back.',
    next: 'Abort the run if it must not go on.',
  },
  'RUN-HELD': {
    means: 'An operator has paused the run: nothing begins until somebody resumes it.',
    next: 'Resume the run first: `/dr resume <run> <reason>`.',
  },
  'RUN-NOT-HELD': {
    means: 'Resume was asked for a run that no operator has paused.',
    next: 'A run that stopped at a step is retried: `/dr retry <run> <reason>`.',
  },
  'RUN-STANDS-STILL': {
    means: 'The run has stopped at a step already; there is nothing left to pause.',
    next: 'Retry or skip the step, or abort the run.',
  },
  'RUN-CLEANING-UP': {
    means: 'The run is cleaning up already; an abort would change nothing.',
    next: 'Wait for its end. Where the clean-up stops, a second abort ends the run.',
  },
  'RUN-NO-WAY-BACK': {
    means:
      'What the run would go back to has been deleted: nothing is undone, nothing was changed.',
    next: 'Retry the step, or end the run as it is: `/dr abort <run> --keep <reason>`.',
  },
  'RUN-REASON': {
    means: 'The order needs a reason in words: none was given, or more than anybody reads.',
    next: 'Give the order again and say why, in a few sentences.',
  },
  'RUN-DECLARATION': {
    means: 'A declaration says when the disaster happened and how that is known.',
    next: 'Say it again, as in `/dr declare 09:12 power is gone, seen by the guard`; times are KST.',
    status: 409,
  },
  'RUN-UNREADABLE': {
    means: 'The order was put by another version of Drillbook and cannot be read by this one.',
    next: 'Give the order again; if it stays so, look at which versions run.',
  },
  'RUN-UNKNOWN-STEP': {
    means: 'The plan has no step of this name.',
    next: 'Use the id of a step; `/dr status` lists them.',
  },
  'RUN-NOT-SKIPPABLE': {
    means: 'The step is over, is being worked on, or one of its calls may have been carried out.',
    next: 'Pause the run first if the step is being worked on; else retry it or abort the run.',
  },
  'RUN-WISHED': {
    means: 'Somebody has asked to skip this step already.',
    next: 'A second person confirms or declines: `/dr confirm-skip <run> <step>`.',
  },
  'RUN-NO-WISH': {
    means: 'Nobody asks to skip this step, or the wish was confirmed or declined already.',
    next: 'Look at the state of the run; `/dr skip <run> <step> <reason>` asks for it.',
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
    means: 'The same person did the work and witnesses it, or asks for a skip and confirms it.',
    next: 'Let a second person witness or confirm.',
  },
  'RUN-PROOF': {
    means: 'The step wants a proof in words, and the answer has none.',
    next: 'Write down what is asked for, beside the button or after the order, and answer again.',
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
  'RUN-OTHER-WORDS': {
    means: 'A gateway computed another word code for the plan than the control plane.',
    next: 'Nothing was sent. Compare versions of both ends; if they are the same, one is not honest.',
  },
  'RUN-TOO-LARGE': {
    means: 'What one look at a step says is more than one line of the journal can hold.',
    next: 'Split the step: `for-each`, or fewer servers, volumes or checks in one step.',
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
