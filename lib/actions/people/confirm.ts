/** `people/confirm`: the business says that its function works. */
import * as z from 'zod';
import { textSchema } from '../../runbook/plan.ts';
import { durationSchema } from '../../runbook/schema.ts';
import type { Action } from '../action.ts';

const input = z.strictObject({
  role: z.string(),
  instruction: textSchema.default({
    ko: '업무가 정상적으로 처리되는지 확인한 뒤 승인해 주십시오.',
    en: 'Confirm that the business function works as it should.',
  }),
  within: durationSchema.optional(),
});
type Input = z.infer<typeof input>;

export const peopleConfirm: Action<Input, undefined> = {
  name: 'people/confirm',
  input,
  title: { ko: '현업 확인', en: 'Confirmation by the business' },
  withinMs: 60 * 60_000,
  // An answer wakes the run: there is nothing to look at meanwhile.
  pollMs: 600_000,
  facts: [],
  preexisting: 'accept',
  asks: ({ role, instruction }) => ({ role, instruction, witness: false }),
  plan: () => [],
  observe: async () => undefined,
  judge: (_observed, { role }, view) => {
    const given = view.people.find((one) => one.part === 'confirmed' && one.role === role);
    return {
      verdicts: {
        [view.step.id]:
          given === undefined
            ? { state: 'pending', reason: `Waits for ${role}.` }
            : { state: 'done', reading: { confirmed: given.person } },
      },
    };
  },
};
