/**
 * `replication/assert`: both halves PAIR and the lag below a limit. The lag is an estimate and a
 * guard, never an RPO: main's marker M at one look, DR's restore marker ≥ M at a later one. Which
 * pairs there are is a bound fact: the engine reads it again before the first call.
 */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { durationMs, durationSchema } from '../../runbook/schema.ts';
import { markerReached } from '../../vsp/pairs.ts';
import type { Journal } from '../../vsp/schema.ts';
import type { Action, StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import type { Seen } from '../reads.ts';
import {
  type ReplicationSample,
  replicationOf,
  sampleReplication,
  seeJournal,
} from '../replicas.ts';

const input = z.strictObject({
  group: z.string(),
  state: z.literal('PAIR').default('PAIR'),
  lagBelow: durationSchema,
});
type Input = z.infer<typeof input>;

interface Observed {
  readonly sample: ReplicationSample;
  readonly master: Seen<Journal>;
  readonly restore: Seen<Journal>;
}

export const replicationAssert: Action<Input, Observed> = {
  name: 'replication/assert',
  input,
  title: { ko: '복제 상태와 지연 확인', en: 'Replication is healthy and close behind' },
  withinMs: 10 * 60_000,
  pollMs: 1_000,
  facts: ['mirror'],
  guarded: ['lag'],
  preexisting: 'accept',
  repeatable: true,
  plan: ({ group }, { facts }) => {
    const known = replicationOf(facts).group;
    if (known === group) return [];
    throw new ActionError('ACT-PLAN', `Copy group ${group}.`, `The service has ${known}.`);
  },
  // The primary of the plan first: what it shows is older than what the other side shows.
  observe: async (view, _input, read) => {
    const sample = await sampleReplication(read, view.plan);
    const first = await seeJournal(read, view.plan, 'primary');
    const second = await seeJournal(read, view.plan, 'secondary');
    // An earlier step of the run may have turned the direction: a journal says what it is now.
    const turned = second.ok && second.value.journalStatus.startsWith('P');
    return turned
      ? { sample, master: second, restore: first }
      : { sample, master: first, restore: second };
  },
  judge: (observed, given, view) => ({
    verdicts: { [view.step.id]: verdictOf(observed, given, view) },
  }),
};

function verdictOf({ sample, master, restore }: Observed, given: Input, view: StepView): Verdict {
  const states = [...sample.states];
  if (sample.suspended) return refuse(`Replication is suspended: ${states.join('; ')}.`, states);
  const kept = markerKept(view);
  const waiting = (reason: string): Verdict => ({
    state: 'pending',
    reason,
    ...(kept === undefined ? {} : { reading: { ...kept } }),
  });
  if (sample.class === 'unknown')
    return waiting(`Not both halves are known: ${sample.why.join('; ')}`);
  if (!states.every((state) => state.endsWith(` ${given.state}`))) {
    return waiting(`Not all pairs are ${given.state}: ${states.join('; ')}`);
  }
  if (replicationOf(view.plan.facts).primary.journalId === undefined) {
    // No journal, no lag: a write of TC or GAD is not acknowledged before both sides have it.
    return { state: 'done', reading: { states, synchronous: true } };
  }
  if (!master.ok) return waiting(master.why);
  if (!restore.ok) return waiting(restore.why);
  return lagVerdict({ master: master.value, restore: restore.value, kept, states }, given, view);
}

/** Main's marker, and when it was read (ms). */
type Kept = { readonly marker: string; readonly t0: number };

/** The marker of this attempt of the step; one of an earlier attempt is too old to measure with. */
function markerKept(view: StepView): Kept | undefined {
  const found = z
    .looseObject({ marker: z.string(), t0: z.int() })
    .safeParse(view.readings[view.step.id]);
  if (!found.success || found.data.t0 < view.startedAt) return undefined;
  return { marker: found.data.marker, t0: found.data.t0 };
}

interface Markers {
  readonly master: Journal;
  readonly restore: Journal;
  readonly kept: Kept | undefined;
  readonly states: string[];
}

function lagVerdict(
  { master, restore, kept, states }: Markers,
  given: Input,
  view: StepView,
): Verdict {
  const limitMs = durationMs(given.lagBelow) ?? 0;
  const { marker, t0 } = kept ?? { marker: master.qMarker, t0: view.now };
  if (!markerReached(master.qMarker, marker)) {
    const why = `Main's marker went back from ${marker} to ${master.qMarker}: it was set anew.`;
    return refuse(why, states);
  }
  const lagMs = view.now - t0;
  const isThere = markerReached(restore.qMarker, marker);
  if (lagMs > limitMs) {
    const found = isThere ? 'was found at' : 'has not reached';
    const why = `The DR journal ${found} main's marker ${marker} after ${lagMs} ms.`;
    return refuse(`${why} The limit is ${given.lagBelow}.`, states);
  }
  if (isThere) {
    const reading = { marker, restored: restore.qMarker, lagMsAtMost: lagMs, states };
    return { state: 'done', reading };
  }
  return {
    state: 'pending',
    reason: `DR works towards marker ${marker}.`,
    reading: { marker, t0 },
  };
}

const refuse = (reason: string, states: string[]): Verdict => ({
  state: 'refuse',
  reason,
  reading: { states },
});
