/**
 * What of the Amazon States Language the conductor uses, as schemas that refuse everything else: a
 * state or field that `execute.ts` does not know cannot get into the definition unseen.
 */
import * as z from 'zod';

/** Text between `{%` and `%}` is JSONata. */
const expression = z.string().regex(/^\{%.*%\}$/s);
const template = z.json();
const assign = z.record(z.string().regex(/^[a-z][A-Za-z]*$/), template).optional();
const seconds = z.union([z.int().positive(), expression]);
const errors = z.array(z.string()).min(1);

const retrier = z.strictObject({
  ErrorEquals: errors,
  IntervalSeconds: z.int().positive().optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxAttempts: z.int().nonnegative(),
  MaxDelaySeconds: z.int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).optional(),
});
const catcher = z.strictObject({
  ErrorEquals: errors,
  Assign: assign,
  Output: template.optional(),
  Next: z.string(),
});

const invocation = z.strictObject({ FunctionName: z.string(), Payload: template });
const task = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.enum([
    'arn:aws:states:::lambda:invoke',
    'arn:aws:states:::lambda:invoke.waitForTaskToken',
  ]),
  Arguments: invocation,
  TimeoutSeconds: seconds,
  Assign: assign,
  Output: template.optional(),
  // Design: every state retries and catches.
  Retry: z.array(retrier).min(1),
  Catch: z.array(catcher).min(1),
  Next: z.string().optional(),
  End: z.literal(true).optional(),
});
const pass = z.strictObject({ Type: z.literal('Pass'), Assign: assign, Next: z.string() });
const choice = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(z.strictObject({ Condition: expression, Next: z.string() })).min(1),
  Default: z.string(),
});
const wait = z.strictObject({ Type: z.literal('Wait'), Seconds: seconds, Next: z.string() });
const succeed = z.strictObject({ Type: z.literal('Succeed') });

const stateSchema = z.discriminatedUnion('Type', [task, pass, choice, wait, succeed]);
export type State = z.infer<typeof stateSchema>;
export type Task = z.infer<typeof task>;
export type Retrier = z.infer<typeof retrier>;

export const machineSchema = z.strictObject({
  Comment: z.string(),
  QueryLanguage: z.literal('JSONata'),
  StartAt: z.string(),
  States: z.record(z.string(), stateSchema),
});
export type Machine = z.infer<typeof machineSchema>;
