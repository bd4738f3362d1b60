/** Every sentence a person reads in Slack, by key. Code names keys; wording lives in `texts/`. */
import { escapeText } from './format.ts';
import { en } from './texts/en.ts';
import { ko } from './texts/ko.ts';

export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];
export type TextKey = keyof typeof en;

/** Text that is Slack markup already (a date, a mention) and must not be escaped again. */
export interface Markup {
  readonly mrkdwn: string;
}
export const markup = (mrkdwn: string): Markup => ({ mrkdwn });

export type Values = Readonly<Record<string, string | number | Markup>>;

/** A wish as people call it. */
export function verbIn(language: Language, verb: string): string {
  const key = Object.keys(en).find((one) => one === `verb.${verb}`) as TextKey | undefined;
  return key === undefined ? verb : texts[language][key];
}

export const texts: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { ko, en };

/**
 * The sentence of `key` with `{name}` replaced by `values.name`. Values are foreign (people,
 * arrays, OpenStack) and are escaped, so that a volume named `<!channel>` pages nobody.
 */
export function say(language: Language, key: TextKey, values: Values = {}): string {
  return texts[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'object' ? value.mrkdwn : escapeText(String(value));
  });
}
