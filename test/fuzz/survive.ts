/** Throws odd inputs at a border: it answers each in time, with words of its own. */
import fc from 'fast-check';

/** Inputs for each border; DRILLBOOK_FUZZ=20000 for a long look. */
export const INPUTS = Number(process.env['DRILLBOOK_FUZZ'] ?? 40);
const seed = Number(process.env['DRILLBOOK_SEED'] ?? 40);
/** One input takes milliseconds; what takes this long grows with something it should not. */
const LIMIT_MS = 2_000;

/**
 * `trial` says in a word what became of the input, and throws when the border broke. Prints how
 * often each word came and how long the slowest took.
 */
export async function survives<T>(border: {
  readonly name: string;
  readonly inputs: fc.Arbitrary<T>;
  readonly trial: (input: T) => string | Promise<string>;
  readonly runs?: number;
}): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  let slowest = 0;
  await fc.assert(
    fc.asyncProperty(border.inputs, async (input) => {
      const before = performance.now();
      const word = await border.trial(input);
      const took = performance.now() - before;
      slowest = Math.max(slowest, took);
      if (took > LIMIT_MS) throw new Error(`${Math.round(took)} ms for one input`);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }),
    { numRuns: border.runs ?? INPUTS, seed },
  );
  const told = [...counts].sort(([, a], [, b]) => b - a).map(([word, n]) => `${word} ${n}`);
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  process.stderr.write(
    `${border.name}: ${total} inputs, slowest ${Math.round(slowest)} ms: ${told.join(', ')}\n`,
  );
  return counts;
}
