/**
 * The frame of the actions that protect, grow and release volumes. They differ in the calls they plan;
 * what is seen and what it means follows from the calls.
 */
import type * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import type { PlanCall, Text } from '../../runbook/plan.ts';
import { cloneClassOf } from '../../vsp/pairs.ts';
import type { Action, DraftCall, PlanContext, Reader, StepView } from '../action.ts';
import { withJob } from '../clone/job.ts';
import { type Effect, judgeCall, maySent } from '../judging.ts';
import { aboutOf } from './about.ts';
import { effectOf } from './effects.ts';
import { seeCloneGroup, seeHalves, seeWorld, type World } from './seen.ts';

interface Own<Input> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly title: Text;
  readonly withinMs: number;
  readonly guarded: readonly string[];
  /** What a step that has nothing to do says. */
  readonly nothing: string;
  readonly plan: (input: Input, context: PlanContext) => readonly DraftCall[];
}

const POLL_MS = 5_000;

export function protecting<Input>({ nothing, ...own }: Own<Input>): Action<Input, World> {
  return {
    ...own,
    pollMs: POLL_MS,
    facts: ['protection'],
    // Asked for twice it finds done what was done: the volumes and pairs of an earlier run.
    preexisting: 'accept',
    observe: (view, _input, read) => seeWorld(view, read),
    situation: situationOfPairs,
    judge: (world, _input, view) => ({
      verdicts:
        view.calls.length === 0
          ? { [view.step.id]: { state: 'preexisting', reason: nothing, reading: { calls: 0 } } }
          : judged(world, view),
    }),
  };
}

function judged(world: World, view: StepView): Record<string, Verdict> {
  const effects = view.calls.map((call) => effectOf(call, world));
  return Object.fromEntries(
    view.calls.map((call, place) => {
      const mine = view.mine[call.id];
      const seen = inTurn(view, effects, place);
      const effect = maySent(mine) ? withJob(seen, world.jobs[call.id]) : seen;
      const before = 'So it was before this step.';
      return [call.id, judgeCall({ call, mine, now: view.now, effect, before })];
    }),
  );
}

/**
 * A volume that is freed, changed and parked again is parked at first and not free at last. So of calls
 * about one volume the later ones wait until the earlier ones are so, and what was followed by a call
 * that went out was so then. Not by `after`: what was so before is never sent.
 */
function inTurn(view: StepView, effects: readonly Effect[], place: number): Effect {
  const effect = effects[place] ?? { seen: 'unknown' };
  const volume = volumeOf(view.calls[place]);
  if (volume === undefined) return effect;
  const same = view.calls.flatMap((call, i) => (volumeOf(call) === volume ? [{ call, i }] : []));
  const isFollowed = (at: number): boolean =>
    same.some(({ call, i }) => i > at && maySent(view.mine[call.id]));
  if (effect.seen !== 'broken' && isFollowed(place)) return { seen: 'there' };
  const open = same.some(({ i }) => i < place && effects[i]?.seen !== 'there' && !isFollowed(i));
  const early = open && !maySent(view.mine[view.calls[place]?.id ?? '']);
  return early && effect.seen !== 'broken'
    ? { seen: 'blocked', why: 'What comes before it is not done.' }
    : effect;
}

function volumeOf(call: PlanCall | undefined): string | undefined {
  const about = call === undefined ? undefined : aboutOf(call);
  return about?.of === 'volume' ? about.volume : undefined;
}

/** Pairs of both kinds with their states, for a person who must say what became of a lost call. */
async function situationOfPairs(view: StepView, read: Reader): Promise<readonly string[]> {
  const [{ from, to }, clones] = await Promise.all([
    seeHalves(read, view.plan),
    seeCloneGroup(read, view.plan),
  ]);
  const side = (half: typeof from, status: 'pvolStatus' | 'svolStatus'): string =>
    half.ok
      ? half.value.map((one) => `${one.copyPairName} ${one[status] ?? 'unknown'}`).join(', ')
      : `unknown (${half.why})`;
  const copies = clones.ok
    ? clones.value.map((one) => `${one.copyPairName} ${cloneClassOf(one)}`).join(', ')
    : `unknown (${clones.why})`;
  return [
    `P-VOLs: ${side(from, 'pvolStatus')}.`,
    `S-VOLs: ${side(to, 'svolStatus')}.`,
    `Drill copies: ${copies}.`,
  ];
}
