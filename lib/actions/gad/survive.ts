/**
 * `gad/survive`: one site is lost, and hosts go on with the other half of the active-active volumes by
 * themselves. It sends nothing. The array that is left notices at the first write, so a half that still
 * says PAIR is no obstacle; one that is blocked is, and nobody but people can do anything about that.
 */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import { type GadHalf, gadOpen, gadSides } from '../../vsp/gad.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { remoteGroupSchema } from '../../vsp/schema.ts';
import type { Action, Reader, StepView } from '../action.ts';
import { onArray, type Seen, see } from '../reads.ts';
import { boundSite, survivorOf } from '../replicas.ts';
import { BLOCKED } from './seen.ts';

const input = z.strictObject({
  group: z.string(),
  /** Servers write here again: now the array must have noticed that it is alone. */
  alone: z.boolean().default(false),
});
type Input = z.infer<typeof input>;

export const gadSurvive: Action<Input, Seen<GadHalf>> = {
  name: 'gad/survive',
  input,
  title: { ko: '남은 센터의 GAD 볼륨 확인', en: 'The volumes at the site that is left' },
  withinMs: 15 * 60_000,
  pollMs: 5_000,
  facts: ['survivor'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: (view, _input, read) => seeHalf(view, read),
  situation: async (view, read) => {
    const seen = await seeHalf(view, read);
    const { group, site } = survivorOf(view.plan.facts);
    return [`${group} at ${site}: ${seen.ok ? seen.value.states.join(', ') : seen.why}.`];
  },
  judge: (seen, given, view) => ({ verdicts: { [view.step.id]: verdictOf(seen, given, view) } }),
};

/** The half that is left, as its own array shows it. */
export async function seeHalf(
  { plan }: Pick<StepView, 'plan'>,
  read: Reader,
): Promise<Seen<GadHalf>> {
  const { site, half, pairs } = survivorOf(plan.facts);
  const { array } = boundSite(boundOf(plan.facts), site);
  const seen = await see(read, onArray(site, array, half), remoteGroupSchema);
  if (!seen.ok) return seen;
  const ldevs = pairs.map(({ ldev }) => ldev);
  return { ok: true, value: gadSides(seen.value.copyPairs, ldevs) };
}

function verdictOf(seen: Seen<GadHalf>, { group, alone }: Input, { plan }: StepView): Verdict {
  const bound = survivorOf(plan.facts);
  if (bound.group !== group) {
    return { state: 'refuse', reason: `The service has ${bound.group}, not ${group}.` };
  }
  if (!seen.ok) return { state: 'pending', reason: seen.why };
  const fault = gadFault(seen.value);
  const reading = { states: [...seen.value.states] };
  if (fault !== undefined) return { state: 'refuse', reason: fault, reading };
  if (!alone || gadOpen(seen.value, 'alone')) return { state: 'done', reading };
  return { state: 'pending', reason: `${reading.states.join(', ')}: not alone yet.`, reading };
}

/** Why nothing may be started on it; undefined when hosts can reach it. */
export function gadFault(half: GadHalf): string | undefined {
  const said = half.states.join(', ');
  if (!half.same) return `${said}. ${hazardText(half.less ? 8 : 16)}`;
  if (half.states.some((state) => state.endsWith(' B/B'))) return `${said}. ${BLOCKED}`;
  if (!gadOpen(half, 'open')) return `${said}. ${hazardText(half.states.length > 1 ? 6 : 9)}`;
  return undefined;
}
