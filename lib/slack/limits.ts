/**
 * Slack's limits as schemas: what Slack would answer `invalid_blocks`, `msg_too_long` or
 * `view_too_large` to. Lengths count UTF-16 units. Unknown keys pass, unknown block types do not.
 */
import * as z from 'zod';

const id255 = z.string().min(1).max(255).optional();
const plain = (max: number) =>
  z.looseObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max) });
const text = (max: number) =>
  z.looseObject({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(max) });

const confirm = z.looseObject({
  title: plain(100),
  text: text(300),
  confirm: plain(30),
  deny: plain(30),
});
const button = z.looseObject({
  type: z.literal('button'),
  action_id: id255,
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  accessibility_label: z.string().max(75).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
});
const option = z.looseObject({
  text: text(75),
  value: z.string().max(150),
  description: text(75).optional(),
});
const select = z.looseObject({
  type: z.enum(['static_select', 'external_select', 'users_select', 'multi_static_select']),
  action_id: id255,
  placeholder: plain(150).optional(),
  options: z.array(option).min(1).max(100).optional(),
});
const overflow = z.looseObject({
  type: z.literal('overflow'),
  action_id: id255,
  options: z.array(option).min(1).max(5),
});
const choice = z.looseObject({
  type: z.enum(['radio_buttons', 'checkboxes']),
  action_id: id255,
  options: z.array(option).min(1).max(10),
});
const plainInput = z.looseObject({
  type: z.literal('plain_text_input'),
  action_id: id255,
  max_length: z.int().max(3000).optional(),
  placeholder: plain(150).optional(),
});
const image = z.looseObject({
  type: z.literal('image'),
  alt_text: z.string().min(1).max(2000),
  image_url: z.string().max(3000).optional(),
});
const interactive = z.union([button, select, overflow, choice, plainInput]);

const block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('header'), block_id: id255, text: plain(150) }),
  z
    .looseObject({
      type: z.literal('section'),
      block_id: id255,
      text: text(3000).optional(),
      fields: z.array(text(2000)).min(1).max(10).optional(),
      accessory: z.union([interactive, image]).optional(),
    })
    .refine((it) => it.text !== undefined || it.fields !== undefined, 'needs text or fields'),
  z.looseObject({
    type: z.literal('context'),
    block_id: id255,
    elements: z
      .array(z.union([text(3000), image]))
      .min(1)
      .max(10),
  }),
  z
    .looseObject({
      type: z.literal('actions'),
      block_id: id255,
      elements: z.array(interactive).min(1).max(25),
    })
    .refine((it) => unique(it.elements.map((element) => element.action_id)), 'action_id repeated'),
  z.looseObject({
    type: z.literal('input'),
    block_id: id255,
    label: plain(2000),
    hint: plain(2000).optional(),
    element: interactive,
  }),
  z.looseObject({ type: z.literal('divider'), block_id: id255 }),
  z.looseObject({ type: z.literal('markdown'), block_id: id255, text: z.string().max(12_000) }),
  z.looseObject({ type: z.literal('rich_text'), block_id: id255, elements: z.array(z.unknown()) }),
  z.looseObject({
    type: z.literal('image'),
    block_id: id255,
    alt_text: z.string().min(1).max(2000),
  }),
]);

const blocks = (max: number) =>
  z
    .array(block)
    .max(max)
    .refine((all) => unique(all.map((one) => one.block_id)), 'block_id repeated');

const messageSchema = z.looseObject({
  text: z.string().min(1).max(4000),
  blocks: blocks(50).optional(),
  attachments: z.array(z.unknown()).max(100).optional(),
});

const viewSchema = z
  .looseObject({
    type: z.enum(['modal', 'home']),
    title: plain(24).optional(),
    submit: plain(24).optional(),
    close: plain(24).optional(),
    callback_id: z.string().max(255).optional(),
    external_id: z.string().max(255).optional(),
    private_metadata: z.string().max(3000).optional(),
    blocks: blocks(100),
  })
  .refine((view) => view.type === 'home' || view.title !== undefined, 'a modal needs a title')
  .refine(
    (view) => view.submit !== undefined || view.blocks.every((one) => one.type !== 'input'),
    'input blocks need submit',
  )
  .refine((view) => Buffer.byteLength(JSON.stringify(view)) <= 250_000, 'view larger than 250 kB');

/** What Slack would refuse in a message, as `path: reason`; empty when it fits. */
export const checkMessage = (payload: unknown): string[] => problems(messageSchema, payload);

/** The same for a modal or Home view. */
export const checkView = (view: unknown): string[] => problems(viewSchema, view);

function problems(schema: z.ZodType, value: unknown): string[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

function unique(values: readonly (string | undefined)[]): boolean {
  const known = values.filter((value) => value !== undefined);
  return new Set(known).size === known.length;
}
