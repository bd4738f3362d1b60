/** What a gateway says no to, and what it means when it says nothing. */
import { type Catalogue, DrillbookError, type Refusal } from '../errors.ts';
import { doorEntries } from './errors-doors.ts';
import { peerEntries } from './errors-peers.ts';

const SHOW = 'Nothing was sent. Look at the run with `/dr runs` before anything else.';

export const gatewayCodes = {
  ...doorEntries,
  'GW-UNREACHABLE': {
    means: 'No answer that the gateway signed came back; what it did is unknown.',
    next: 'Check the gateway’s process and network; Drillbook asks for the key before it goes on.',
  },
  'GW-SIGNATURE': {
    means: 'The message is not signed by a control plane in trust.yml, or was altered.',
    next: 'Compare the key with trust.yml at the gateway; a gateway that stands alone is `alone-<site>` there.',
    status: 401,
  },
  'GW-ADDRESS': {
    means: 'The message was signed for another gateway.',
    next: 'Compare `gateway` in sites.yml with `listen` in gateway.yml.',
    status: 401,
  },
  'GW-CLOCK': {
    means: 'The message was signed more than 300 seconds ago or ahead by the gateway’s clock.',
    next: 'Compare the clocks of control plane and gateway.',
    status: 401,
  },
  'GW-STALE': {
    means: 'The message may be older than this gateway process, which cannot know a replay then.',
    next: 'Sign again and send; every door is safe to knock on twice.',
    status: 401,
  },
  'GW-REPLAY': {
    means: 'This very message was received before.',
    next: 'Sign again and send; if nobody did so, somebody replays messages.',
    status: 401,
  },
  'GW-DOOR': {
    means: 'The gateway has no such door.',
    next: 'Compare versions of both ends.',
    status: 404,
  },
  'GW-BODY': {
    means: 'The body is not the canonical JSON that this door takes.',
    next: 'Compare versions of both ends.',
    status: 400,
  },
  'GW-PROTOCOL': {
    means: 'The message speaks a version of the protocol that this gateway does not serve.',
    next: 'Bring the older end up to date: the gateways first, then the control plane.',
    status: 426,
  },
  'GW-PLAN-UNKNOWN': {
    means: 'The plan is not registered here.',
    next: 'Register the plan, deliver the approvals, then put the call.',
    status: 409,
  },
  'GW-PLAN-SHAPE': {
    means: 'The plan contradicts itself: hashes, ids, order, holes or paths.',
    next: 'Compile the plan again; show the reason to whoever wrote the action.',
    status: 422,
  },
  'GW-PLAN-CLASS': {
    means: 'The plan claims less danger than the gateway computes with its own list.',
    next: 'Compare `drillable` in gateway.yml with what the service uses, then compile again.',
    status: 422,
  },
  'GW-CALL-TABLE': {
    means: 'The call is in no danger table, so nobody knows what it can do.',
    next: 'Use an action that plans known calls.',
    status: 422,
  },
  'GW-RUN-OTHER-PLAN': {
    means: 'Another plan of the same run has begun here.',
    next: 'End that run; ask for a new one.',
    status: 409,
  },
  'GW-APPROVAL-WITNESS': {
    means: 'A statement is not signed by a control plane in trust.yml.',
    next: 'Compare the keys; collect the approval again.',
    status: 403,
  },
  'GW-APPROVAL-PERSON': {
    means: 'A statement names a person or role that trust.yml does not have.',
    next: 'Let the gateway’s owners enrol the person, then collect the approval again.',
    status: 403,
  },
  'GW-APPROVAL-OTHER': {
    means: 'A statement is about another plan, run, set of facts, gateway or decision.',
    next: 'Collect approvals for this plan.',
    status: 403,
  },
  'GW-APPROVAL-EXPIRED': {
    means: 'A statement is past its time, or its time is longer than the plan allows.',
    next: 'Ask for the drill again.',
    status: 403,
  },
  'GW-APPROVAL-PEOPLE': {
    means: 'Not enough different people approved.',
    next: 'A second, different person must approve.',
    status: 403,
  },
  'GW-NOT-APPROVED': {
    means: 'The approvals delivered here do not cover this call.',
    next: 'Deliver the approvals; what is above class copy needs personal signatures.',
    status: 403,
  },
  'GW-EXPIRED': {
    means: 'The time in which this call may be sent is over.',
    next: 'Abort the run (cleaning up stays allowed) and ask for a new one.',
    status: 403,
  },
  'GW-PHASE': {
    means: 'The call’s phase is closed or has not begun.',
    next: SHOW,
    status: 409,
  },
  'GW-CALL-SITE': {
    means: 'The call is not in the plan, or belongs to another site.',
    next: 'Put the call at the site that the plan names.',
    status: 422,
  },
  'GW-KEY': {
    means: 'The key is not the key of this run, call and attempt.',
    next: 'Compare versions of both ends.',
    status: 422,
  },
  'GW-KEY-VOID': {
    means: 'The key was declared void when somebody asked for it; it is never sent.',
    next: 'Use a new attempt.',
    status: 409,
  },
  'GW-LATE': {
    means: 'The put came after the time its writer had; others may have taken over.',
    next: 'Ask for the key, then use a new attempt.',
    status: 409,
  },
  'GW-EPOCH': {
    means: 'A newer holder of this protection unit was seen.',
    next: 'This run has lost its lock; look who holds it.',
    status: 409,
  },
  'GW-EPOCH-PLAN': {
    means: 'An epoch was announced for a plan of another run or another protection unit.',
    next: 'Compare run and plan; announce an epoch with the plan that is to hold the unit.',
    status: 409,
  },
  ...peerEntries,
  'GW-ATTEMPT': {
    means: 'A new attempt is not allowed: the one before may have worked.',
    next: 'Look at both sites; a person’s `retry` allows one more attempt.',
    status: 409,
  },
  'GW-RETRY': {
    means: 'The retry does not come from an operator in trust.yml, or was used before.',
    next: 'Let an operator retry.',
    status: 403,
  },
  'GW-AFTER': {
    means: 'A call that must come before has not been answered well.',
    next: 'Look at the call named; `retry` sends it again, `abort` cleans up.',
    status: 409,
  },
  'GW-HOLE': {
    means: 'A value this call needs cannot be taken from what this run made.',
    next: 'Look at the call named; objects of others are never touched.',
    status: 409,
  },
  'GW-EXISTS': {
    means: 'An object with the key of this call is there already.',
    next: 'Observe again: an earlier attempt made it, or somebody else did.',
    status: 409,
  },
  'GW-GUARD': {
    means: 'A condition of the plan does not hold at this instant.',
    next: 'Read the reason; wait or mend it, then retry.',
    status: 409,
  },
  'GW-HAZARD': {
    means: 'What would be sent, or what answers, is a hazard whatever the plan says.',
    next: 'Read what was seen and why it is dangerous; nothing was sent.',
    status: 409,
  },
  'GW-READ': {
    means: 'This read is not on the list of reads the gateway allows.',
    next: 'Use an action that reads what is allowed; probe addresses stand in gateway.yml.',
    status: 403,
  },
  'GW-AMNESIA': {
    means: 'The gateway lost its memory, or the run is older than the day it was armed again.',
    next: 'Two people at the gateway: `gateway arm propose`, `sign`, `apply`; then ask for a new run.',
    status: 409,
  },
  'GW-SKIP': {
    means: 'The step is skipped, or cannot be skipped any more, or not by these people.',
    next: 'Look at the step; two people may skip one that has not begun.',
    status: 409,
  },
  'GW-TRUST': {
    means: 'trust.yml was changed by hand, or the gateway’s disk was put back to an older copy.',
    next: 'Put the file back (`gateway trust show --kept`), or have two people sign the change.',
  },
  'GW-ORDER': {
    means: 'What was ordered at the gateway does not fit its state.',
    next: 'Propose it anew from the state of now, and have it signed again.',
  },
  'GW-ORDER-PEOPLE': {
    means: 'An order at the gateway counts with two signatures of people who may give it.',
    next: 'Two different people of the role named in trust.yml sign with their enrolled keys.',
  },
  'GW-KEY-FILE': {
    means: 'A key file is not a private key on P-256, is open to others, or is locked.',
    next: 'Use a PEM file (PKCS#8) of mode 0600, with --passphrase-file if it is locked.',
  },
  'GW-CONFIRM': {
    means: 'The typed words are not the ones that were asked for.',
    next: 'Nothing was signed. Read what is shown and type the words named there.',
  },
  'GW-DISK': {
    means: 'The gateway’s log is damaged or cannot be written; nothing is sent any more.',
    next: 'Keep the folder as it is and call the gateway’s owners; do not edit the log.',
  },
  'GW-DISK-FULL': {
    means: 'The gateway’s disk is full. What it knows can be asked; nothing new is sent.',
    next: 'Make room on the disk; the gateway goes on by itself with the next message.',
    status: 409,
  },
  'GW-DISK-READONLY': {
    means: 'The gateway may not write to its disk. What it knows can be asked; nothing is sent.',
    next: 'Mount the disk for writing, or give the folder back to the gateway’s user.',
    status: 409,
  },
  'GW-STANDBY': {
    means: 'The folder is in use: a gateway serves from it, or it took over as a standby.',
    next: 'Stop the gateway there first; a copy that took over is not a target any more.',
  },
  'GW-ALONE-RUN': {
    means: 'This gateway’s disk does not have what is needed to go on with the run.',
    next: 'Look at the runs that are here with `gateway continue <folder>`; else begin a new one.',
  },
  'GW-ALONE-CONFIG': {
    means: 'Configuration or runbook is not at this gateway.',
    next: 'Lay copies of config/ and runbooks/ into the gateway’s folder.',
  },
  'GW-ALONE-PEOPLE': {
    means: 'Two different people of trust.yml must sign, each with a key of their own.',
    next: 'Let a second person sign; who may is in trust.yml.',
  },
  'GW-JOURNAL': {
    means: 'Journal lines do not chain with those this gateway keeps; they are kept beside them.',
    next: 'Two control planes wrote this run: compare both histories before anybody goes on.',
    status: 409,
  },
} as const satisfies Catalogue;

export type GatewayCode = keyof typeof gatewayCodes;

/** A refusal or a failure inside the gateway; doors answer refusals with `status`. */
export class GatewayError extends DrillbookError {
  readonly status: number;

  constructor(code: GatewayCode, what: string, options: { why?: string; cause?: unknown } = {}) {
    const entry: Catalogue[string] = gatewayCodes[code];
    const cause = options.cause === undefined ? {} : { cause: options.cause };
    super({ code, what, why: options.why ?? entry.means, next: entry.next }, cause);
    this.status = entry.status ?? 500;
  }
}

/** A gateway's signed no, as the engine gets it: code, what, why and next are the gateway's. */
export class GatewayRefused extends DrillbookError {
  readonly site: string;

  constructor(site: string, refusal: Refusal) {
    super(refusal);
    this.site = site;
  }
}

/** No verified answer: whether the gateway did what it was asked is unknown. */
export class GatewayUnreachable extends DrillbookError {
  readonly site: string;

  constructor(site: string, why: string, options?: ErrorOptions) {
    const what = `The gateway of ${site} gave no answer that verifies.`;
    super(
      { code: 'GW-UNREACHABLE', what, why, next: gatewayCodes['GW-UNREACHABLE'].next },
      options,
    );
    this.site = site;
  }
}
