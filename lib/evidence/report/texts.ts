/** Every sentence of the report, Korean and English. */
import { contentTexts } from './texts-content.ts';
import { headingTexts } from './texts-headings.ts';

const texts = { ...headingTexts, ...contentTexts };

export type TextKey = keyof typeof texts;
export type Texts = Readonly<Record<TextKey, string>>;

export function textsIn(language: 'ko' | 'en'): Texts {
  const entries = Object.entries(texts).map(([key, value]) => [key, value[language]]);
  return Object.fromEntries(entries) as Texts;
}
