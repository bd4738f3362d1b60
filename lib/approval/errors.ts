/** Why a decision of a person does not count. Each is journaled and told to the person. */
import type { Catalogue } from '../errors.ts';

/** Why a signature does not count, whoever the person is. */
export const statementCodes = {
  'APR-OWN-KEY': {
    means: 'What this plan can do to data takes a signature with the approver’s own key.',
    next: 'Sign at a terminal: `npm run dr -- approve|skip|confirm-skip … --as <you> --key <your key file>`.',
  },
  'APR-STATEMENT': {
    means: 'What was signed is not what waits for approval.',
    next: 'Sign anew: the command shows what waits now.',
  },
  'APR-NONCE': {
    means: 'The signed statement was used before.',
    next: 'Sign anew; if nobody did so, somebody replays approvals.',
  },
  'APR-KEY': {
    means: 'The key that signed is not enrolled for this person, or the signature is broken.',
    next: 'Use the key of this person in people.yml, or have the new one enrolled.',
  },
  'APR-PERIOD': {
    means: 'The signature holds no longer, or for longer than the plan allows.',
    next: 'Sign anew; compare the clock of your machine if that does not help.',
  },
} as const satisfies Catalogue;
export type StatementCode = keyof typeof statementCodes;

export const approvalCodes = {
  'APR-NOTHING-PENDING': {
    means: 'The run waits for no approval: it was not asked for yet, or is decided.',
    next: 'Look at the state of the run with `/dr runs`.',
  },
  'APR-CHANGED': {
    means: 'The plan behind this button is not the plan that waits for approval.',
    next: 'Open the newest approval message of the run and decide there.',
  },
  'APR-STALE': {
    means: 'The button belongs to another message than the one that asked for this approval.',
    next: 'Use the approval message of this run, not a copy or an older one.',
  },
  'APR-EXPIRED': {
    means: 'The time for collecting approvals is over.',
    next: 'Ask for the drill again.',
  },
  'APR-SELF': {
    means: 'Who asks for a drill cannot approve it.',
    next: 'Two other people who hold the role must approve.',
  },
  'APR-TWICE': {
    means: 'This person has approved already, perhaps with another account.',
    next: 'A second, different person must approve.',
  },
  'APR-ROLE': {
    means: 'The person does not hold the role that may approve.',
    next: 'Ask somebody who holds the role.',
  },
  'APR-ACCOUNT': {
    means: 'Guests, bots, people of other organisations and deactivated accounts may not decide.',
    next: 'Use an enrolled, full account of this workspace.',
  },
  'APR-UNKNOWN-PERSON': {
    means: 'The account is not enrolled as an employee.',
    next: 'Let the directory owner add it to config/people.yml.',
  },
  'APR-SHARED-CHANNEL': {
    means: 'The channel is shared with another organisation.',
    next: 'Decide in a channel of this workspace alone.',
  },
  'APR-DIRECTORY': {
    means: 'The directory could not be asked whether this person may decide.',
    next: 'Try again when it answers; nothing is approved on doubt.',
  },
} as const satisfies Catalogue;

export type ApprovalCode = keyof typeof approvalCodes;
