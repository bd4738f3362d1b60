/** What this room refuses, and what to do about it. */
import { type Catalogue, DrillbookError } from '../errors.ts';

export const slackCodes = {
  'SLK-COMMAND': {
    means: 'A word after the slash command is not one we know.',
    next: 'Use the command that is suggested, or ask for help.',
  },
  'SLK-SERVICE': {
    means: 'A service is missing, or no service has this id or name.',
    next: 'Use the service that is suggested; its id or its name in either language will do.',
  },
  'SLK-RUNBOOK': {
    means: 'A runbook is missing, or no runbook has this id.',
    next: 'Use the runbook that is suggested.',
  },
  'SLK-RUN': {
    means: 'An order names no run, or one that there is not.',
    next: 'Name a run that is open; `/dr runs` lists them.',
  },
  'SLK-STEP': {
    means: 'An order names no step, or one that the run does not have.',
    next: 'Use the id of a step of the plan.',
  },
  'SLK-UNMAPPED': {
    means: 'The Slack account belongs to nobody in people.yml, or to another workspace.',
    next: 'Let the DR office add team and user id to the person in people.yml.',
  },
  'SLK-SECRET': {
    means: 'The door was started without a signing secret, so that anybody could forge requests.',
    next: 'Set SLACK_SIGNING_SECRET to the signing secret of the installed app.',
  },
  'SLK-ENV': {
    means: 'A setting of the Slack function is missing or cannot be read.',
    next: 'Set the variable named, then start again.',
  },
  'SLK-API': {
    means: 'Slack refused a call of ours, limited it, or did not answer.',
    next: 'Nothing waits for Slack: the next state of the run is shown once Slack answers again.',
  },
} as const satisfies Catalogue;

export type SlackCode = keyof typeof slackCodes;

export class SlackRefused extends DrillbookError {
  /** `next` may say it nearer to the case than the catalogue, in the reader's language. */
  constructor(
    code: SlackCode,
    refusal: { readonly what: string; readonly why?: string; readonly next?: string },
    options?: ErrorOptions,
  ) {
    const { what, why = '', next = slackCodes[code].next } = refusal;
    super({ code, what, why, next }, options);
  }
}

/** How a call to Slack failed: what Slack said, that we must slow down, or that it is not there. */
export class SlackCallFailed extends DrillbookError {
  readonly kind: 'platform' | 'rate-limited' | 'unavailable';
  /** Slack's own word, e.g. `message_not_found`; for the other kinds a short cause. */
  readonly error: string;
  readonly retryAfterMs: number;

  constructor(
    failure: {
      readonly kind: SlackCallFailed['kind'];
      readonly error: string;
      readonly retryAfterMs?: number;
    },
    options?: ErrorOptions,
  ) {
    const what = `Slack did not do it (${failure.kind}).`;
    super({ code: 'SLK-API', what, why: failure.error, next: slackCodes['SLK-API'].next }, options);
    this.kind = failure.kind;
    this.error = failure.error;
    this.retryAfterMs = failure.retryAfterMs ?? 0;
  }
}
