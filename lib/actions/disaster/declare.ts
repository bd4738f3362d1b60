/**
 * `disaster/declare`: a person says when the disaster happened, how that is known, and declares it.
 * Sends nothing; the clocks T0 and T1 start with it, and they may start before the step does.
 */
import * as z from 'zod';
import { iso } from '../../clock.ts';
import { textSchema } from '../../runbook/plan.ts';
import { durationSchema } from '../../runbook/schema.ts';
import type { Action } from '../action.ts';

const input = z.strictObject({
  role: z.string(),
  instruction: textSchema.default({
    ko: '재해 발생 시각과 확인 방법을 적어 재해를 선포해 주십시오. 예: 09:12 주센터 정전, 당직자 통화로 확인',
    en: 'Declare the disaster: when it happened and how you know, as "09:12 power is gone at main, told by the guard".',
  }),
  within: durationSchema.optional(),
});
type Input = z.infer<typeof input>;

export const disasterDeclare: Action<Input, undefined> = {
  name: 'disaster/declare',
  input,
  title: { ko: '재해 선포', en: 'Declare the disaster' },
  withinMs: 30 * 60_000,
  // A declaration wakes the run: there is nothing to look at meanwhile.
  pollMs: 600_000,
  facts: [],
  preexisting: 'accept',
  asks: ({ role, instruction }) => ({ role, instruction, witness: false, declares: true }),
  plan: () => [],
  observe: async () => undefined,
  judge: (_observed, { role }, { people, step }) => {
    const given = people.find(({ part }) => part === 'declared');
    if (given?.occurredAt === undefined) {
      return { verdicts: { [step.id]: { state: 'pending', reason: `Waits for ${role}.` } } };
    }
    const reading = { declared: given.person, t0: iso(given.occurredAt), t1: iso(given.at) };
    return { verdicts: { [step.id]: { state: 'done', reading } } };
  },
};
