/** The few Block Kit elements we use, each keeping Slack's limits by itself. */
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  InputBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/web-api';
import { actionIds, type ButtonValue, buttonValue, REMARK } from '../buttons.ts';
import { clip, clipEscaped } from '../format.ts';
import { type Language, say, type TextKey } from '../texts.ts';

/** `text` is what notifications and screen readers get. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

const SECTION_MAX = 2_900;
const LINE_MAX = 600;
const FALLBACK_MAX = 3_000;

/** Puts the fallback text and blocks together; the text is escaped Slack markup. */
export const message = (text: string, blocks: KnownBlock[]): Message => ({
  text: clipEscaped(text, FALLBACK_MAX),
  blocks,
});

export const section = (text: string): SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: clipEscaped(text, SECTION_MAX) },
});

export const context = (text: string): ContextBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clipEscaped(text, SECTION_MAX) }],
});

/** Lines packed into as few sections as hold them; what does not fit is counted, not dropped. */
export function sections(
  lines: readonly string[],
  limit: { readonly blocks: number; readonly language: Language },
): SectionBlock[] {
  const pages: string[][] = [];
  let size = SECTION_MAX;
  for (const [index, whole] of lines.entries()) {
    const line = clipEscaped(whole, LINE_MAX);
    if (size + line.length + 1 > SECTION_MAX) {
      if (pages.length === limit.blocks) {
        const more = say(limit.language, 'lines.more', { count: lines.length - index });
        return [...pages.map((page) => section(page.join('\n'))), section(more)];
      }
      pages.push([]);
      size = 0;
    }
    pages.at(-1)?.push(line);
    size += line.length + 1;
  }
  return pages.map((page) => section(page.join('\n')));
}

interface ButtonOptions {
  readonly language: Language;
  readonly value: ButtonValue;
  /** Read out instead of the label; plain text of at most 75 characters. */
  readonly label?: string;
  readonly danger?: boolean;
  readonly confirm?: { readonly title: TextKey; readonly text: TextKey };
}

/** A button named after its action; the sentence is `button.<name>`. */
export function button(name: keyof typeof actionIds, options: ButtonOptions): Button {
  const { language, value, label, danger = false, confirm } = options;
  const plain = (key: TextKey) => ({ type: 'plain_text' as const, text: say(language, key) });
  return {
    type: 'button',
    action_id: actionIds[name],
    text: plain(`button.${name}`),
    value: buttonValue(value),
    ...(label === undefined ? {} : { accessibility_label: clip(label, 75) }),
    ...(danger ? { style: 'danger' as const } : {}),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(confirm.title),
            text: plain(confirm.text),
            confirm: plain(`button.${name}`),
            deny: plain('button.back'),
          },
        }),
  };
}

export const actions = (elements: Button[]): ActionsBlock => ({ type: 'actions', elements });

/** An optional line of text that goes with whichever button is pressed. */
export const remark = (language: Language): InputBlock => ({
  type: 'input',
  block_id: REMARK,
  optional: true,
  label: { type: 'plain_text', text: say(language, 'remark.label') },
  element: { type: 'plain_text_input', action_id: REMARK, max_length: 500 },
});
