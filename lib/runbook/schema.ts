/** The runbook language: what may stand in a file under `runbooks/`. */
import * as z from 'zod';
import { planSchema, textSchema } from './plan.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `15m`, `8h` in milliseconds, or undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const match = /^([1-9][0-9]{0,4})([smh])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

export const durationSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,4}[smh]$/, 'a duration such as 90s, 15m or 8h')
  .describe('A duration: a number and s, m or h.');

const id = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
  .max(63)
  .refine((name) => !(name in {}), 'a name that means something else to the program');

const uses = z.string().describe('The action, for example clone/split.');
const what = {
  uses,
  title: textSchema.optional().describe('What people see; without it the title of the action.'),
  with: z.record(z.string(), z.json()).default({}).describe('Inputs of the action.'),
  within: durationSchema.optional().describe('Limit of the step.'),
};

export const runbookStepSchema = z.strictObject({
  id: id.describe('Name of the step, unique in the file.'),
  ...what,
  needs: z
    .array(z.string())
    .optional()
    .describe('Steps that come before. Without it the step above; [] starts at once.'),
  if: z.string().optional().describe('Expression; when it is false the step is left out.'),
  'for-each': z
    .string()
    .optional()
    .describe('A list; the step is done for each item of it, which expressions call item.'),
  parallel: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('How many calls, or items of for-each, go side by side.'),
  retry: z
    .strictObject({
      attempts: z.int().min(2).max(5).describe('How often at most, the first time included.'),
      backoff: durationSchema.describe('Wait before the second try; it doubles each time.'),
    })
    .optional()
    .describe('Tried again by itself; only for actions that are safe to repeat.'),
  'on-failure': z
    .enum(['pause', 'undo', 'continue'])
    .optional()
    .describe('pause: people decide. undo: take back what was done. continue: a deviation.'),
  undo: z
    .strictObject(what)
    .optional()
    .describe('What takes the step back when the run is undone.'),
  undoes: z.string().optional().describe('In always: the step whose effect this takes back.'),
});

export const runbookSchema = z.strictObject({
  runbook: id.describe('Name of the runbook, the same as the file.'),
  title: textSchema,
  drillType: planSchema.shape.drillType,
  replication: z
    .array(z.enum(['UR', 'TC', 'GAD']))
    .min(1)
    .describe('Services it fits.'),
  'gives-up': z
    .array(id)
    .min(1)
    .optional()
    .describe('Sites this runbook goes ahead without: their gateways are neither asked nor heard.'),
  approval: z.strictObject({
    people: z.int().min(2).describe('How many different people approve.'),
    role: id,
    expires: durationSchema.describe('How long approvals are collected.'),
    runWithin: durationSchema.describe('How long after the first call forward steps may go on.'),
  }),
  'followed-by': id
    .optional()
    .describe('Runbook whose run belongs to the same drill: before it was run the drill is open.'),
  params: z.record(id, z.json()).default({}).describe('Values named once, used as params.<name>.'),
  steps: z.array(runbookStepSchema).min(1),
  always: z.array(runbookStepSchema).default([]).describe('Run however the steps ended.'),
});
export type RunbookData = z.infer<typeof runbookSchema>;
export type RunbookStep = RunbookData['steps'][number];

/** JSON Schema of the language for editors; `uses` offers the actions given. */
export function runbookJsonSchema(actions: Iterable<string>): Record<string, unknown> {
  const names = [...actions].sort();
  const schema = z.toJSONSchema(runbookSchema, {
    io: 'input',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === uses) jsonSchema.enum = names;
    },
  });
  return { ...schema, title: 'Drillbook runbook' };
}
