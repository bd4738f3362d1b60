/**
 * What to do about a call whose outcome has to be found out: the gateway's key record against what
 * is observed, by the nature of the call and by how long it has been out. Data, looked up by the
 * judging of actions and once more before anything is handed over.
 */
import { dangerClasses, type PlanCall } from '../runbook/plan.ts';

/**
 * What the gateway's record of the key says.
 *   silent     no word of it: unreachable, or not asked yet
 *   busy       in flight
 *   void       never sent, and never will be under this key
 *   accepted   accepted before a crash: nobody saw an answer
 *   lost       sent, no answer
 *   answered   2xx, or 404 to a DELETE
 *   refused    4xx or 503: the target says that it did nothing
 *   unclear    any other answer: the target may have obeyed
 *   failed     2xx, and the job that the target opened for it ended as failed
 */
export const records = [
  'silent',
  'busy',
  'void',
  'accepted',
  'lost',
  'answered',
  'refused',
  'unclear',
  'failed',
] as const;
/** What is observed of the effect. `unknown`: it could not be read, or only in part. */
export const observations = ['proven', 'absent', 'changing', 'unknown'] as const;
/**
 *   creates    makes an object that carries this call's key: finding it proves who made it
 *   converges  brings about a state that is the same however often it is asked for
 *   one-way    cannot be taken back: takeover, restore, deletion
 *   reads      changes nothing
 */
export const natures = ['creates', 'converges', 'one-way', 'reads'] as const;
/** Within the limit of the target's job; past it; past the limit of the step. */
export const limits = ['before', 'job', 'step'] as const;

export interface Case {
  readonly record: (typeof records)[number];
  readonly seen: (typeof observations)[number];
  readonly nature: (typeof natures)[number];
  readonly limit: (typeof limits)[number];
  /** A person looked at this very attempt and wants it sent again. */
  readonly freed: boolean;
}

export type Decision = 'done' | 'observe' | 'send-again' | 'ask';

const words = {
  done: { alone: 'done', freed: 'done' },
  look: { alone: 'observe', freed: 'observe' },
  send: { alone: 'send-again', freed: 'send-again' },
  ask: { alone: 'ask', freed: 'ask' },
  /** Only a person may have it sent again. */
  'ask!': { alone: 'ask', freed: 'send-again' },
  /** Once a person looked it is waited for after all. */
  'ask?': { alone: 'ask', freed: 'observe' },
} as const satisfies Record<string, Readonly<Record<'alone' | 'freed', Decision>>>;

/** Per observation the words for `before / job / step`. */
type Row = Readonly<Record<Case['seen'], string>>;

const waits = 'look look ask';
/** Nobody said whether it was sent: nothing is concluded before somebody does. */
const unsaid: Row = { proven: waits, absent: waits, changing: waits, unknown: waits };
/** Certainly not carried out. What is there all the same is not this attempt's doing. */
const undone: Row = {
  proven: 'ask ask ask',
  absent: 'send send ask',
  changing: waits,
  unknown: waits,
};
/** May have been carried out. */
const doubtful: Row = {
  proven: 'done done done',
  absent: 'look ask! ask',
  changing: waits,
  unknown: waits,
};
/** Taken, and not carried out, says the target: a person looks at why, and may have it sent again. */
const failed: Row = { ...doubtful, absent: 'ask! ask! ask' };
/** Carried out, says the target: never sent again, observed until it shows. */
const obeyed: Row = { ...doubtful, absent: waits };

const common: Readonly<Record<Case['record'], Row>> = {
  silent: unsaid,
  busy: unsaid,
  void: undone,
  accepted: doubtful,
  lost: doubtful,
  answered: obeyed,
  refused: undone,
  unclear: doubtful,
  failed,
};

/** What cannot be taken back is not waited for in the dark. */
const dark: Row = { ...doubtful, unknown: 'look ask? ask' };
/** Reading once more costs nothing and proves as much. */
const anew: Row = {
  proven: 'done done done',
  absent: 'send send ask',
  changing: 'send send ask',
  unknown: 'send send ask',
};

const table: Readonly<Record<Case['nature'], Readonly<Record<Case['record'], Row>>>> = {
  // The object carries a key that only this call has: a refusal that lied is seen through.
  creates: { ...common, refused: { ...undone, proven: 'done done done' } },
  converges: common,
  'one-way': { ...common, accepted: dark, lost: dark, unclear: dark },
  reads: {
    silent: anew,
    busy: anew,
    void: anew,
    accepted: anew,
    lost: anew,
    answered: anew,
    refused: anew,
    unclear: anew,
    failed: anew,
  },
};

/** Pure; doubt asks. */
export function decideOutcome({ record, seen, nature, limit, freed }: Case): Decision {
  const word = table[nature][record][seen].split(' ')[limits.indexOf(limit)];
  return words[word as keyof typeof words][freed ? 'freed' : 'alone'];
}

/** A call of a class that no table marks as reversible is taken for one that is not. */
export function natureOf(call: Pick<PlanCall, 'creates' | 'method' | 'class'>): Case['nature'] {
  if (dangerClasses.indexOf(call.class) > dangerClasses.indexOf('copy')) return 'one-way';
  if (call.method === 'DELETE') return 'one-way';
  return call.creates === undefined ? 'converges' : 'creates';
}

/**
 * The record as the journal of a run keeps it, with what its job has said since. undefined: there is
 * none, nothing was intended.
 */
export function recordOf(
  known: { readonly state: string; readonly status?: number | undefined },
  hasFailed = false,
): Case['record'] | undefined {
  switch (known.state) {
    case 'intent':
      return 'silent';
    case 'void':
    case 'refused':
    case 'lost':
      return known.state;
    case 'answered':
      if ((known.status ?? 0) >= 500) return 'unclear';
      return hasFailed ? 'failed' : 'answered';
    default:
      return undefined;
  }
}
