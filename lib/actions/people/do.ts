/** `people/do`: work that is not ours, done by one person and witnessed by another. */
import * as z from 'zod';
import type { Verdict } from '../../run/verdict.ts';
import { textSchema } from '../../runbook/plan.ts';
import { durationSchema } from '../../runbook/schema.ts';
import type { Action, StepView } from '../action.ts';

const input = z.strictObject({
  role: z.string(),
  instruction: textSchema,
  /** What whoever does it has to write down: a record, a ticket, how it is known and since when. */
  proof: textSchema.optional(),
  within: durationSchema.optional(),
});
type Input = z.infer<typeof input>;

export const peopleDo: Action<Input, undefined> = {
  name: 'people/do',
  input,
  title: { ko: '수작업과 입회 확인', en: 'Manual work with a witness' },
  withinMs: 30 * 60_000,
  // An answer wakes the run: there is nothing to look at meanwhile.
  pollMs: 600_000,
  facts: [],
  preexisting: 'accept',
  asks: ({ role, instruction, proof }) => ({
    ...{ role, instruction, witness: true },
    ...(proof === undefined ? {} : { proof }),
  }),
  plan: () => [],
  observe: async () => undefined,
  judge: (_observed, given, view) => ({
    verdicts: { [view.step.id]: verdictOf(given, view) },
  }),
};

function verdictOf({ role, proof }: Input, view: StepView): Verdict {
  const performed = view.people.find((one) => one.part === 'performed' && one.role === role);
  if (performed === undefined) return { state: 'pending', reason: `Waits for ${role}.` };
  const witnessed = view.people.find(
    (one) => one.part === 'witnessed' && one.person !== performed.person,
  );
  if (witnessed === undefined) return { state: 'pending', reason: 'Waits for a witness.' };
  const said = proof === undefined ? {} : { proof: performed.text };
  const reading = { performed: performed.person, witnessed: witnessed.person, ...said };
  return { state: 'done', reading };
}
