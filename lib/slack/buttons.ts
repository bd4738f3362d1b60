/**
 * What our buttons are called and what they carry. One family of action ids per kind of wish; the
 * value is a pointer to what was shown, never a secret and never proof of anything.
 */
import * as z from 'zod';

export const parts = ['performed', 'witnessed', 'confirmed', 'declared'] as const;
export type Part = (typeof parts)[number];

/** The `action_id` of each button. */
export const actionIds = {
  details: 'drillbook:details',
  approve: 'drillbook:approve',
  deny: 'drillbook:deny',
  performed: 'drillbook:answer:performed',
  witnessed: 'drillbook:answer:witnessed',
  confirmed: 'drillbook:answer:confirmed',
  declared: 'drillbook:answer:declared',
  retry: 'drillbook:retry',
  abort: 'drillbook:abort',
  pause: 'drillbook:order:pause',
  resume: 'drillbook:order:resume',
  skip: 'drillbook:order:skip',
  confirmSkip: 'drillbook:order:confirm-skip',
  declineSkip: 'drillbook:order:decline-skip',
} as const;

/** One expression per family: no two may match one id, or both listeners would answer. */
export const families = {
  details: /^drillbook:details$/,
  approve: /^drillbook:approve$/,
  deny: /^drillbook:deny$/,
  answer: /^drillbook:answer:/,
  retry: /^drillbook:retry$/,
  abort: /^drillbook:abort$/,
  order: /^drillbook:order:/,
} as const;

/** `block_id` and `action_id` of the text field beside some buttons. */
export const REMARK = 'drillbook:remark';

export const buttonValueSchema = z.strictObject({
  run: z.string().regex(/^r-[0-9a-f]{10}$/),
  planHash: z.string().optional(),
  step: z.string().optional(),
  part: z.enum(parts).optional(),
  /** The answer is a proof: only what the person wrote counts as words. */
  proof: z.literal(true).optional(),
  /** A reason given beforehand, where the presser is a program for a person (the command line). */
  reason: z.string().max(500).optional(),
});
export type ButtonValue = z.infer<typeof buttonValueSchema>;

/** The button's `value`; Slack takes 2,000 characters, ours stay far below. */
export const buttonValue = (value: ButtonValue): string => JSON.stringify(value);

/** What a pressed button carried, or undefined when it is not one of ours (any more). */
export function readButtonValue(value: string | undefined): ButtonValue | undefined {
  try {
    return buttonValueSchema.parse(JSON.parse(value ?? ''));
  } catch {
    return undefined;
  }
}
