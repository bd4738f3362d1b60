/**
 * What people may order of a run: which verb in which state, who, and whether a reason is asked
 * for. One table for the engine, which refuses by it, and for those who show people their choices.
 */
import type { RunCode } from './errors.ts';
import type { Head } from './head.ts';
import type { Verb } from './inbox.ts';

export type Stage = Head['state'];
/** Verbs about a run that is open. Approvals have rules of their own (lib/approval/evaluate.ts). */
export type Order = Exclude<Verb, 'open' | 'approve' | 'deny'>;
type Cell = 'legal' | RunCode;

const stages = [
  'opening',
  'awaiting-approval',
  'running',
  'held',
  'paused',
  'undoing',
  'cleaning-up',
  'ended',
] as const satisfies readonly Stage[];

const cells = {
  yes: 'legal',
  early: 'RUN-NOT-RUNNING',
  decided: 'RUN-NOT-COLLECTING',
  unasked: 'RUN-NOTHING-ASKED',
  held: 'RUN-HELD',
  free: 'RUN-NOT-HELD',
  still: 'RUN-STANDS-STILL',
  calm: 'RUN-NOT-PAUSED',
  closing: 'RUN-CLEANING-UP',
  over: 'RUN-NOT-OPEN',
} as const satisfies Record<string, Cell>;

/** One word per stage, in the order of `stages`. */
const rows: Readonly<Record<Order, string>> = {
  //              opening awaiting running held    paused  undoing cleaning ended
  withdraw: '     decided yes      decided decided decided decided decided  over',
  answer: '       unasked unasked  yes     yes     unasked yes     yes      over',
  declare: '      unasked yes      yes     yes     yes     unasked unasked  over',
  pause: '        early   early    yes     held    still   yes     yes      over',
  resume: '       free    free     free    yes     free    free    free     over',
  retry: '        calm    calm     calm    held    yes     calm    calm     over',
  skip: '         early   early    yes     yes     yes     yes     yes      over',
  'confirm-skip': 'early  early    yes     yes     yes     yes     yes      over',
  'decline-skip': 'early  early    yes     yes     yes     yes     yes      over',
  abort: '        yes     yes      yes     yes     yes     yes     closing  over',
  note: '         yes     yes      yes     yes     yes     yes     yes      over',
};

/** `legal`, or the code of the refusal. */
export function cellOf(order: Order, stage: Stage): Cell {
  const word = rows[order].trim().split(/\s+/)[stages.indexOf(stage)];
  return cells[word as keyof typeof cells];
}

/**
 * Who may.
 *   enrolled   everybody whose account is beyond doubt
 *   stopper    the requester, or an operator: who may stop a run
 *   operator   one of the operator roles
 *   second     an operator who is not the one who wished it; from class `data` on an approver
 *   own        whose it is: checked with the approval or the step that it is about
 */
export type Right = 'enrolled' | 'stopper' | 'operator' | 'second' | 'own';

export const rules: Readonly<Record<Order, { readonly who: Right; readonly reason: boolean }>> = {
  withdraw: { who: 'own', reason: true },
  answer: { who: 'own', reason: false },
  declare: { who: 'own', reason: true },
  pause: { who: 'stopper', reason: true },
  resume: { who: 'operator', reason: true },
  retry: { who: 'operator', reason: true },
  skip: { who: 'operator', reason: true },
  'confirm-skip': { who: 'second', reason: false },
  'decline-skip': { who: 'operator', reason: true },
  abort: { who: 'stopper', reason: true },
  note: { who: 'enrolled', reason: true },
};

/** What a person can order to get a run that stands still going again, best first. */
export function choicesAt(stage: Stage, can: { skip: boolean; second: boolean }): Order[] {
  if (stage !== 'held' && stage !== 'paused') return [];
  const wanted: readonly Order[] =
    stage === 'held' ? ['resume', 'skip', 'abort'] : ['retry', 'skip', 'abort'];
  const wishes: readonly Order[] = can.second ? ['confirm-skip', 'decline-skip'] : [];
  return [...wanted, ...wishes]
    .filter((order) => cellOf(order, stage) === 'legal')
    .filter((order) => order !== 'skip' || can.skip);
}
