/** The time that stands before what a person says: `09:12 …`, `2026-11-22 09:12 …`, RFC 3339. */
import { iso } from '../../../clock.ts';

const STATED = new RegExp(
  [
    /^(?:(?<date>\d{4}-\d{2}-\d{2})[ T])?/,
    /(?<time>\d{1,2}:\d{2})(?<seconds>:\d{2}(?:\.\d{1,3})?)?(?<zone>Z|[+-]\d{2}:\d{2})?/,
    /\s+(?<text>\S[\s\S]*)$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

/** Korea has no summer time. */
const KST = '+09:00';
const KST_MS = 9 * 3_600_000;
const DAY_MS = 86_400_000;
/** Clocks of people are a little ahead now and then. */
const AHEAD_MS = 60_000;
const PAST_MS = 7 * DAY_MS;

export type Stated =
  | { readonly at: number; readonly exactMs: number; readonly text: string }
  | { readonly fault: string };

/** Without a date the last such time before now, without a zone KST. `now`, `at` and `exactMs` in ms. */
export function statedTime(said: string, now: number): Stated {
  const { date, time = '', seconds, zone = KST, text } = STATED.exec(said.trim())?.groups ?? {};
  if (text === undefined) {
    return { fault: `"${said.slice(0, 80)}" does not begin with a time and go on with words.` };
  }
  const day = date ?? iso(now + KST_MS).slice(0, 10);
  const read = Date.parse(`${day}T${time.padStart(5, '0')}${seconds ?? ':00'}${zone}`);
  if (Number.isNaN(read)) return { fault: `${date ?? ''} ${time} is no time.`.trim() };
  const at = date === undefined && read > now + AHEAD_MS ? read - DAY_MS : read;
  if (at > now + AHEAD_MS) return { fault: `${iso(at)} has not come yet.` };
  if (at < now - PAST_MS) return { fault: `${iso(at)} is more than seven days ago.` };
  return { at: Math.min(at, now), exactMs: seconds === undefined ? 60_000 : 1_000, text };
}
