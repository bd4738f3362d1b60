/** What can go wrong in the simulated Slack itself. */
import { type Catalogue, DrillbookError } from '../../errors.ts';

export const slackTwinCodes = {
  'TWIN-SLACK-PERSON': {
    means: 'Somebody who is not in people.yml was asked to act in the simulated Slack.',
    next: 'Use a handle of config/people.yml, or give the Slack user id itself.',
  },
  'TWIN-SLACK-VIEW': {
    means: 'A modal was submitted that the simulated Slack never opened.',
    next: 'Open it first; after a restart of the simulated Slack its modals are gone.',
  },
  'TWIN-SLACK-EMULATOR': {
    means: 'The Slack emulator refused or did not understand a call of its own gate.',
    next: 'Check that the package emulate has the pinned version.',
  },
} as const satisfies Catalogue;

export class SlackTwinError extends DrillbookError {
  constructor(code: keyof typeof slackTwinCodes, what: string, options?: ErrorOptions) {
    const { means, next } = slackTwinCodes[code];
    super({ code, what, why: means, next }, options);
  }
}
