/** What a person reads in a Slack answer, whether it came as text or as a message with blocks. */
import * as z from 'zod';

const textual = z.object({ text: z.string() });
const blockSchema = z.looseObject({
  text: z.union([textual, z.string()]).optional(),
  elements: z.array(z.looseObject({ text: z.union([textual, z.string()]).optional() })).optional(),
  fields: z.array(textual).optional(),
});
const messageSchema = z.looseObject({
  text: z.string().optional(),
  blocks: z.array(blockSchema).optional(),
});

/** One line per block; the answer itself when it is no message. Buttons are left out. */
export function plainText(answer: string): string {
  const message = parsed(answer);
  if (message === undefined) return answer;
  const lines = (message.blocks ?? []).flatMap((block) => [
    ...wordsOf(block.text),
    ...(block.fields ?? []).map((field) => field.text),
    ...(block.elements ?? []).flatMap((element) =>
      typeof element.text === 'string' ? [element.text] : [],
    ),
  ]);
  return spoken(lines.length > 0 ? lines.join('\n') : (message.text ?? answer));
}

/** Slack's markup as a terminal shows it: dates by their fallback, escapes undone. */
export function spoken(markup: string): string {
  return markup
    .replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function wordsOf(text: string | { text: string } | undefined): string[] {
  if (text === undefined) return [];
  return [typeof text === 'string' ? text : text.text];
}

function parsed(answer: string): z.infer<typeof messageSchema> | undefined {
  try {
    return messageSchema.parse(JSON.parse(answer));
  } catch {
    // Not JSON, or not a message: plain text is an answer too.
    return undefined;
  }
}
