/**
 * `clone/assert`: the drill copies are PAIR, so that the split of this run is what is drilled. Which
 * pairs there are is a bound fact: the engine reads it again before the first call.
 */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { cloneClass } from '../../vsp/pairs.ts';
import type { ClonePair } from '../../vsp/schema.ts';
import type { Action, StepView } from '../action.ts';
import type { Seen } from '../reads.ts';
import { seeCopies } from '../replicas.ts';
import { checkGroup, cloneMark, splitSince } from './group.ts';

const input = z.strictObject({ group: z.string(), state: z.literal('PAIR').default('PAIR') });
type Input = z.infer<typeof input>;

export const cloneAssert: Action<Input, Seen<readonly ClonePair[]>> = {
  name: 'clone/assert',
  input,
  title: { ko: '훈련용 복제본이 동기화 상태인지 확인', en: 'Drill copies are in PAIR' },
  withinMs: 5 * 60_000,
  pollMs: 5_000,
  facts: ['replication', 'clone', 'volumes'],
  preexisting: 'accept',
  repeatable: true,
  // Copies that are PAIR are split by nobody any more.
  marks: ({ group }) => ({ name: cloneMark(group), undone: true }),
  plan: ({ group }, { facts }) => {
    checkGroup(group, facts);
    return [];
  },
  observe: (view, _input, read) => seeCopies(read, view.plan),
  judge: (pairs, { group }, view) => ({
    verdicts: { [view.step.id]: verdictOf(pairs, group, view) },
  }),
};

function verdictOf(pairs: Seen<readonly ClonePair[]>, group: string, view: StepView): Verdict {
  if (!pairs.ok) return { state: 'pending', reason: pairs.why };
  const state = cloneClass(pairs.value);
  const reading = { state, pairs: pairs.value.length };
  switch (state) {
    case 'paired':
      return { state: 'done', reading };
    case 'copying':
      return { state: 'pending', reason: `The copies of ${group} are being copied.`, reading };
    case 'split':
    case 'split-background':
      return { state: 'refuse', reason: leftSplit(group, view), reading };
    case 'failed':
    case 'unknown':
      return {
        state: 'refuse',
        reason: `The copies of ${group} are neither PAIR nor split.`,
        reading,
      };
  }
}

/** Says since when, leaves them alone, names the command that makes them PAIR again. */
function leftSplit(group: string, view: StepView): string {
  const service = view.plan.service.id;
  return [
    `The copies of ${group} were split before this run: ${splitSince(group, view)}.`,
    'They may hold the work of somebody else and are left alone.',
    `/dr run copies-resync ${service} makes them PAIR again`,
    `(npm run dr -- --as <person> resync ${service}).`,
  ].join(' ');
}
