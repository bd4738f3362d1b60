/** Numbers of drills: `DR-<year>-001` without gaps, or `OFF-<site>-001` on a plane that is cut off. */
import type { Clock } from '../clock.ts';
import { dataOf, type LedgerLine } from './records.ts';

/** The year is Korea's, where the drill is counted. */
export function nextNumber(
  lines: readonly LedgerLine[],
  { clock, offline }: { readonly clock: Clock; readonly offline?: string },
): string {
  const year = new Date(clock.now() + 9 * 3_600_000).getUTCFullYear();
  const prefix = offline === undefined ? `DR-${year}-` : `OFF-${offline}-`;
  const numbers = [...dataOf(lines, 'drill.opened'), ...dataOf(lines, 'drill.joined')];
  const before = numbers.filter(({ drill }) => drill.startsWith(prefix));
  return prefix + String(before.length + 1).padStart(3, '0');
}

export const isOffline = (drill: string): boolean => drill.startsWith('OFF-');
