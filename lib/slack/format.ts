/** How foreign text, times and hashes are written in a Slack message. */
import { iso } from '../clock.ts';

const KST_OFFSET_MS = 9 * 3_600_000;

/** The three characters Slack gives a meaning to. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** At most `max` UTF-16 units (the way Slack counts), never half a character, `…` where cut. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  let out = '';
  for (const character of text) {
    if (out.length + character.length > max - 1) break;
    out += character;
  }
  return `${out}…`;
}

/** Clips text that is escaped already without leaving half an entity (`&am`) or half a date tag. */
export function clipEscaped(text: string, max: number): string {
  return clip(text, max)
    .replace(/&[a-z]{0,4}…$/, '…')
    .replace(/<[^>]*…$/, '…');
}

/** Each reader's own time zone; clients that cannot do that show Korean time. */
export function when(ms: number): string {
  const korean = iso(ms + KST_OFFSET_MS)
    .slice(0, 19)
    .replace('T', ' ');
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time_secs}|${korean} KST>`;
}

/** `00:21:40`; hours may pass 24. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** The first characters of a hash, enough for a person to compare two messages. */
export const shortHash = (hash: string): string => hash.slice(0, 8);
