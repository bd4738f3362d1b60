import { remembered } from '../lib/memo.ts';

test('each text is made once, until as many are kept as may be', () => {
  const made: string[] = [];
  const of = remembered(3, (text) => {
    made.push(text);
    return { text };
  });
  const first = of('a');
  expect(first).toEqual({ text: 'a' });
  for (const text of ['b', 'c', 'a', 'b', 'c']) of(text);
  expect(of('a')).toBe(first);
  expect(made.join('')).toBe('abc');
  for (const text of ['d', 'a', 'd', 'b']) of(text);
  expect(made.join('')).toBe('abcdab');
});
