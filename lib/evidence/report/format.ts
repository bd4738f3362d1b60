/** How times and lengths are printed. */

/** `2026-11-22 10:00:05.120 KST`; Korea has no summer time. */
export function kst(utc: string): string {
  const shifted = new Date(Date.parse(utc) + 9 * 3_600_000).toISOString();
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 23)} KST`;
}

/** For columns whose heading says KST: `2026-11-22 10:00:05.120`. */
export const kstCell = (utc: string): string => kst(utc).slice(0, 23);

/** For narrow columns: `11-22 10:00:05`. */
export const kstShort = (utc: string): string => kst(utc).slice(5, 19);

/** `1:02:03` hours, minutes, seconds, or `4.250 s` below a minute. */
export function duration(ms: number): string {
  if (Math.abs(ms) < 60_000) return `${(ms / 1000).toFixed(3)} s`;
  const sign = ms < 0 ? '-' : '';
  const seconds = Math.round(Math.abs(ms) / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return `${sign}${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

export const span = (from: string, to: string): string =>
  duration(Date.parse(to) - Date.parse(from));
