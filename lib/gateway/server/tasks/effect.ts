/** Whether the effect of a site task is there, by the task's own word. */
import * as z from 'zod';
import { sha256 } from '../../../canonical.ts';
import type { PlanCall } from '../../../runbook/plan.ts';
import { observePath } from '../../../runbook/tasks.ts';
import type { GuardReading } from '../../protocol.ts';
import type { Parts } from '../gateway.ts';

const bodySchema = z.looseObject({
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
const answerSchema = z.looseObject({ effect: z.enum(['there', 'absent', 'unknown']) });

/** False for a task that cannot be looked at: nobody knows then. The look is added to `looks`. */
export async function isBroughtAbout(
  { folder, targets }: Parts,
  { id, target, body: given }: PlanCall,
  looks: GuardReading[],
): Promise<boolean> {
  const task = folder.tasks?.find(({ published }) => `task:${published.name}` === target);
  const { args } = bodySchema.parse(given);
  if (task?.observe === undefined) return false;
  const path = observePath(args);
  const { status, body } = await targets.find(target).get(path);
  const { effect } = answerSchema.parse(JSON.parse(body));
  const holds = effect === 'there';
  looks.push({
    id: `effect:${id}`,
    path,
    status,
    answerHash: sha256(body),
    holds,
    reading: effect,
  });
  return holds;
}
