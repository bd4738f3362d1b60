/** What is remembered beside a run about its messages: small, mutable, rebuilt when lost. */
import * as z from 'zod';

/** The approval message, which a press of Approve or Deny is compared with. */
export const MESSAGE_NOTE = 'message';
export const ROOT_NOTE = 'slack.root';
export const CURSOR_NOTE = 'slack.cursor';
export const WHISPER_NOTE = 'slack.whispered';
export const APPROVAL_NOTE = 'slack.approval';
export const ASKS_NOTE = 'slack.asks';
export const PLAN_NOTE = 'slack.plan';

/** Where a message of ours stands. */
export const placeSchema = z.strictObject({ channel: z.string(), ts: z.string() });
export type Place = z.infer<typeof placeSchema>;

/** `open` while it shows buttons. */
export const approvalNoteSchema = z.strictObject({
  planHash: z.string(),
  place: placeSchema,
  open: z.boolean(),
});

export const asksNoteSchema = z.record(z.string(), placeSchema);

/** The calls as lines of Slack markup, so that the door can show them without the plan. */
export const planNoteSchema = z.strictObject({
  planHash: z.string(),
  lines: z.strictObject({ ko: z.array(z.string()), en: z.array(z.string()) }),
});
