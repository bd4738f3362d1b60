/**
 * The part of the configuration the Slack door needs, small enough to be packed as JSON beside the
 * function: no YAML, no network, no LDEV at the front door.
 */
import * as z from 'zod';
import type { Config } from '../config.ts';
import { type Text, textSchema } from '../runbook/plan.ts';

export const doorConfigSchema = z.strictObject({
  workspace: z.string(),
  /** Where root messages and approvals are posted. */
  channel: z.string(),
  /** For people we do not know. */
  language: z.enum(['ko', 'en']),
  services: z.array(
    // Its copy group, by which is known whether it is protected.
    z.strictObject({ id: z.string(), name: textSchema, group: z.string().optional() }),
  ),
  runbooks: z.array(z.strictObject({ id: z.string(), title: textSchema })),
  people: z.array(
    z.strictObject({
      id: z.string(),
      handle: z.string(),
      name: textSchema,
      language: z.enum(['ko', 'en']),
      slack: z.array(z.strictObject({ team: z.string(), user: z.string() })),
    }),
  ),
});
export type DoorConfig = z.infer<typeof doorConfigSchema>;

/** Cuts the door's part out of the whole configuration. */
export function doorConfig(
  config: Config,
  runbooks: readonly { readonly id: string; readonly title: Text }[],
): DoorConfig {
  return {
    workspace: config.policy.workspace,
    channel: config.policy.channel,
    language: config.policy.channelLanguage,
    services: config.services.map(({ id, name, replication: { group } }) => ({ id, name, group })),
    runbooks: runbooks.map(({ id, title }) => ({ id, title })),
    people: config.people.map(({ id, handle, name, language, slack }) => ({
      id,
      handle,
      name,
      language,
      slack,
    })),
  };
}
