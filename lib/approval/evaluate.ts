/**
 * The two-person rule, pure: whether one person's decision counts. Doubt, emptiness and silence
 * mean no (docs/architecture.md, rules 1, 2 and 12).
 */

import type { Refusal } from '../errors.ts';
import type { Standing } from './directory.ts';
import { type ApprovalCode, approvalCodes } from './errors.ts';

/** What is asked for, as the journal has it. */
export interface Request {
  readonly state: 'none' | 'requested' | 'complete' | 'rejected' | 'expired' | 'voided';
  readonly planHash: string;
  readonly requester: string;
  readonly role: string;
  readonly people: number;
  /** ms; a decision at this instant is too late. */
  readonly expiresAt: number;
  readonly granted: readonly string[];
  /** The message that asked, when it was posted. */
  readonly message?: { readonly channel: string; readonly ts: string };
}

export interface Decision {
  readonly verb: 'approve' | 'deny';
  readonly person: string;
  readonly planHash: string;
  readonly message?: { readonly channel: string; readonly ts: string };
}

/** Undefined when the decision counts; else the refusal, ready for the journal and the person. */
export function evaluate(
  request: Request,
  decision: Decision,
  at: { readonly standing: Standing; readonly now: number },
): Refusal | undefined {
  for (const rule of rules) {
    const why = rule.breach(request, decision, at);
    if (why !== undefined) {
      return {
        code: rule.code,
        what: `The ${decision.verb === 'approve' ? 'approval' : 'denial'} does not count.`,
        why,
        next: approvalCodes[rule.code].next,
      };
    }
  }
  return undefined;
}

interface Rule {
  readonly code: ApprovalCode;
  breach(
    request: Request,
    decision: Decision,
    at: { readonly standing: Standing; readonly now: number },
  ): string | undefined;
}

/** In the order a person would want to hear them: who are you, then what is this, then the rule. */
const rules: readonly Rule[] = [
  {
    code: 'APR-UNKNOWN-PERSON',
    breach: (_, __, { standing }) =>
      standing.state === 'unknown' ? 'This account belongs to nobody who is enrolled.' : undefined,
  },
  {
    code: 'APR-DIRECTORY',
    breach: (_, __, { standing }) =>
      standing.state === 'unreachable'
        ? `The directory did not answer: ${standing.why}`
        : undefined,
  },
  {
    code: 'APR-ACCOUNT',
    breach: (_, __, { standing }) =>
      standing.state === 'known' && standing.flags.length > 0
        ? `The account is marked ${standing.flags.join(', ')}.`
        : undefined,
  },
  {
    code: 'APR-SHARED-CHANNEL',
    breach: (_, __, { standing }) =>
      standing.state === 'known' && standing.sharedChannel
        ? 'People of other organisations can act in this channel.'
        : undefined,
  },
  {
    code: 'APR-NOTHING-PENDING',
    breach: (request) =>
      request.state === 'requested' || request.state === 'expired'
        ? undefined
        : `The approval of this run is ${request.state === 'none' ? 'not asked for yet' : request.state}.`,
  },
  {
    code: 'APR-CHANGED',
    breach: (request, decision) =>
      decision.planHash === request.planHash
        ? undefined
        : `The button is for plan ${decision.planHash.slice(0, 8)}, pending is ${request.planHash.slice(0, 8)}.`,
  },
  {
    code: 'APR-STALE',
    breach: ({ message }, decision) =>
      message === undefined ||
      decision.message === undefined ||
      (decision.message.ts === message.ts && decision.message.channel === message.channel)
        ? undefined
        : 'The message pressed is not the one that asked for this approval.',
  },
  {
    code: 'APR-EXPIRED',
    breach: (request, _, { now }) =>
      request.state === 'expired' || now >= request.expiresAt
        ? `It expired at ${new Date(request.expiresAt).toISOString()}.`
        : undefined,
  },
  {
    code: 'APR-SELF',
    breach: (request, decision) =>
      decision.verb === 'approve' && decision.person === request.requester
        ? 'This person asked for the drill.'
        : undefined,
  },
  {
    code: 'APR-ROLE',
    breach: (request, _, { standing }) =>
      request.role !== '' && standing.state === 'known' && standing.roles.includes(request.role)
        ? undefined
        : `The role ${request.role || '(none named: nobody may)'} is needed.`,
  },
  {
    code: 'APR-TWICE',
    breach: (request, decision) =>
      decision.verb === 'approve' && request.granted.includes(decision.person)
        ? 'This person has approved already.'
        : undefined,
  },
];
