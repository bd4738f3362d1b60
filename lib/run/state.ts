/** What the journal of a run adds up to (`fold.ts` does the adding). */

import type { Check, PersonAnswer } from '../actions/action.ts';
import type { Refusal } from '../errors.ts';
import type { SignedStatement } from '../gateway/protocol.ts';
import type { DangerClass } from '../runbook/plan.ts';
import type { EventData } from './events.ts';
import type { Verdict } from './verdict.ts';

export interface CallState {
  readonly attempt: number;
  readonly key: string;
  readonly state: 'intent' | 'answered' | 'refused' | 'lost' | 'void' | 'not-needed';
  /** When the intent was journaled (ms). */
  readonly at: number;
  readonly putBy: number;
  readonly status?: number;
  /** Blob of the receipt, when an answer came. */
  readonly receipt?: string;
  /** How often the target refused this call. */
  readonly refusals: number;
  /** A person's retry came after this attempt; a lost one only if the pause had shown it. */
  readonly freed?: boolean;
}

export interface StepState {
  readonly state: 'running' | 'done' | 'not-needed' | 'failed' | 'skipped' | 'deviated';
  readonly attempt: number;
  readonly startedAt: number;
  readonly deadline: number;
  readonly endedAt?: number;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly people: readonly PersonAnswer[];
  readonly checks: Readonly<Record<string, Check>>;
  /** Why the last attempt failed. */
  readonly refusal?: Refusal;
  /** A person's order came after its failure: it is begun again. */
  readonly freed?: boolean;
  /** The last retry of this step. */
  readonly retry?: { readonly event: string; readonly person: string };
}

export interface Grant {
  readonly person: string;
  readonly role: string;
  readonly nonce: string;
  readonly at: number;
  /** With the person's own key; without it the control plane saw a click. */
  readonly signed?: SignedStatement;
}

export interface ApprovalState {
  readonly state: 'requested' | 'complete' | 'rejected' | 'expired' | 'voided';
  readonly planHash: string;
  readonly people: number;
  readonly role: string;
  readonly expiresAt: number;
  readonly granted: readonly Grant[];
  readonly diff: readonly string[];
  readonly completeAt?: number;
}

export interface SkipState {
  /** Event id of the wish. */
  readonly wish: string;
  readonly person: string;
  readonly reason: string;
  readonly at: number;
  readonly second?: string;
  readonly confirmedAt?: number;
  /** With the own key of who asked; `secondSigned` with that of who confirmed. */
  readonly signed?: SignedStatement | undefined;
  readonly secondSigned?: SignedStatement | undefined;
  /** Sites whose gateway holds the signed skip. */
  readonly delivered: readonly string[];
}

export interface RunState {
  readonly opened?: EventData<'run.opened'> & { readonly at: number };
  readonly conductors: number;
  readonly plan?: { readonly hash: string; readonly blob: string; readonly class: DangerClass };
  /** The protection unit is taken. */
  readonly locked: boolean;
  /** Epoch of the unit when it was taken; 1 until then. */
  readonly epoch: number;
  /** The members of its wave, and the hash that approvals are given for. */
  readonly wave?: EventData<'wave.bound'>;
  /** A member of a wave may begin. */
  readonly turn: boolean;
  /** The holder that has to give the unit up once this run is approved. */
  readonly wanted?: string | undefined;
  /** Gateways are told the epoch; runs of earlier versions did not. */
  readonly announces: boolean;
  /** Where the plane stands that goes on by itself: the only gateway it need tell. */
  readonly continuedAt?: string;
  /** Sites whose gateway knows the epoch. */
  readonly announced: readonly string[];
  /** The unit belongs to another run now. */
  readonly preempted?: EventData<'run.pre-empted'> & { readonly at: number };
  /** An operator's pause: nothing begins until somebody resumes. */
  readonly held?:
    | { readonly person: string; readonly reason: string; readonly at: number }
    | undefined;
  /** Wishes to skip a step, by step; they count once `second` confirmed. */
  readonly skips: Readonly<Record<string, SkipState>>;
  /** Forward is closed; compensations run in reverse order. */
  readonly undoing?: {
    readonly reason: string;
    readonly step?: string | undefined;
    readonly at: number;
  };
  readonly registered: readonly string[];
  readonly approval?: ApprovalState;
  readonly factsChecked: readonly ('quorum' | 'first-call')[];
  readonly delivered: readonly string[];
  /** Stands beside the steps: it may come before the step that asks for it has begun. */
  readonly declared?: PersonAnswer & { readonly step: string };
  readonly steps: Readonly<Record<string, StepState>>;
  readonly calls: Readonly<Record<string, CallState>>;
  /** Calls in the state `intent`, so that thousands need not be looked through for them. */
  readonly open?: ReadonlySet<string>;
  readonly paused?: { readonly step: string; readonly refusal: Refusal } | undefined;
  /** Since when (ms) the run stands still, paused or held. */
  readonly stillSince?: number | undefined;
  readonly aborted?: {
    readonly person: string;
    readonly reason: string;
    readonly again: boolean;
    readonly mode: 'undo' | 'keep';
    readonly at: number;
  };
  /** When a person last ordered a retry or an abort. */
  readonly orderedAt?: number;
  readonly failures: readonly string[];
  readonly ended?: EventData<'run.ended'> & { readonly at: number };
  /** Hashes of deliveries that are in the journal. */
  readonly causes: ReadonlySet<string>;
}

export const emptyRun: RunState = {
  conductors: 0,
  locked: false,
  epoch: 1,
  turn: false,
  announces: false,
  announced: [],
  skips: {},
  registered: [],
  factsChecked: [],
  delivered: [],
  steps: {},
  calls: {},
  failures: [],
  causes: new Set(),
};
