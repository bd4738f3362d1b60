/** A channel of the simulated Slack as people see it. */
import * as z from 'zod';
import { type Emulator, expected } from './emulator.ts';

const messageSchema = z.looseObject({
  ts: z.string(),
  text: z.string().default(''),
  thread_ts: z.string().optional(),
  reply_count: z.number().optional(),
  blocks: z.array(z.looseObject({ type: z.string() })).optional(),
});
export type SlackMessage = z.infer<typeof messageSchema>;
export type SlackThread = SlackMessage & { readonly replies: readonly SlackMessage[] };

/** Oldest first, replies inside their roots. */
export async function messagesOf(
  emulator: Emulator,
  channel: string,
): Promise<readonly SlackThread[]> {
  const schema = z.looseObject({ ok: z.literal(true), messages: z.array(messageSchema) });
  const history = await emulator.call('conversations.history', { channel, limit: 1000 });
  const threads: SlackThread[] = [];
  for (const root of expected(schema, history).messages.toReversed()) {
    if ((root.reply_count ?? 0) === 0) {
      threads.push({ ...root, replies: [] });
      continue;
    }
    const call = { channel, ts: root.ts, limit: 1000 };
    const replies = await emulator.call('conversations.replies', call);
    threads.push({ ...root, replies: expected(schema, replies).messages.slice(1) });
  }
  return threads;
}
