/** How much is played: DRILLBOOK_HAZARDS says `all`, or how many of each (3). */
const wanted = process.env['DRILLBOOK_HAZARDS'] ?? '3';

/** Evenly drawn, so that what stands late in a table has its turn too. */
export function shareOf<T>(all: readonly T[]): readonly T[] {
  const count = Number(wanted);
  if (!Number.isInteger(count) || count >= all.length) return all;
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]).flatMap(
    (one) => (one === undefined ? [] : [one]),
  );
}
