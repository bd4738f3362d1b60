/** Odd inputs of every kind: bytes, JSON, and good texts with a few places spoilt. */
import fc from 'fast-check';

const NASTY = [
  ...['', '\0', '\u2028', '\ud800', '\r\n', '../', '%00', '{{x}}', '$'.concat('{{ x }}'), 'null'],
  ...[
    '__proto__',
    'constructor',
    '9'.repeat(400),
    '-1e999',
    '&a [*a,*a]',
    '*a',
    '<<: *a',
    '!!js/f x',
  ],
  ...['[[[[[[[[', '{{{{{{{{', '"', "'", ': ', '- ', '# ', '\t', '|', '>-', '한글', 'e\u0301', '🛰'],
];

/** Bytes that need not be UTF-8, as a server would read them. */
export const bytes: fc.Arbitrary<string> = fc
  .uint8Array({ maxLength: 300 })
  .map((array) => Buffer.from(array).toString('utf8'));

export const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;

const edit = fc.record({
  // Spread evenly: the numbers themselves are drawn near their ends more often.
  at: fc.nat().map((n) => (Math.imul(n, 0x9e3779b1) >>> 0) / 2 ** 32),
  cut: fc.nat(40),
  put: fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 12 }), bytes),
  /** Instead of `put`, so much of what stands there once more, many times over. */
  again: fc.option(fc.nat(60), { nil: undefined }),
});

/** A good text with one to four places spoilt. */
export const spoilt = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce((now, { at, cut, put, again }) => {
        const from = Math.floor(at * now.length);
        const piece = again === undefined ? put : now.slice(from, from + again).repeat(20);
        return now.slice(0, from) + piece + now.slice(from + cut);
      }, text),
    );

/** Good JSON with one value, at any depth, replaced by another or by anything. */
export const spoiltJson = (values: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.constantFrom(...values), fc.nat(10_000), fc.oneof(json, fc.constantFrom(...NASTY)))
    .map(([value, at, other]) => replaced(value, at, other));

function replaced(value: unknown, at: number, other: unknown): unknown {
  const places: ((by: unknown) => void)[] = [];
  const root = { value: structuredClone(value) };
  const visit = (holder: Record<string, unknown>): void => {
    for (const name of Object.keys(holder)) {
      places.push((by) => {
        holder[name] = by;
      });
      const inner = holder[name];
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, unknown>);
    }
  };
  visit(root);
  places[at % places.length]?.(other);
  return root.value;
}
