/** Site tasks as the gateway's owner allows them in gateway.yml. */
import * as z from 'zod';
import { durationSchema } from '../../../runbook/schema.ts';
import { argumentsSchema, taskClassSchema, taskNameSchema } from '../../../runbook/tasks.ts';

/** A program, as a path from the gateway's folder on, and what it is always given. */
const commandSchema = z.array(z.string().min(1)).min(1);

const taskSettingsSchema = z.strictObject({
  name: taskNameSchema,
  run: commandSchema,
  /** What a plan may choose, each given as `--name=value`. */
  args: argumentsSchema.default({}),
  class: taskClassSchema,
  within: durationSchema,
  /** The task that takes it back; another one is refused when a plan is made. */
  undo: taskNameSchema.optional(),
  /** Looks and changes nothing: exit code 0 = the effect is there, 1 = it is not, else unknown. */
  observe: commandSchema.optional(),
});
export type TaskSettings = z.infer<typeof taskSettingsSchema>;

export const tasksSettingsSchema = z
  .array(taskSettingsSchema)
  .superRefine((tasks, { addIssue }) => {
    const names = tasks.map(({ name }) => name);
    for (const [index, { name, undo }] of tasks.entries()) {
      if (names.indexOf(name) !== index) {
        addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: `task ${name} stands here twice`,
        });
      }
      if (undo !== undefined && !names.includes(undo)) {
        addIssue({ code: 'custom', path: [index, 'undo'], message: `there is no task ${undo}` });
      }
    }
  });
