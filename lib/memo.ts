/** What is dear to compute is computed once; for how many texts it is kept has an end. */

/** Forgets everything when it holds `most`: that costs time, never room. */
export function remembered<T extends object>(
  most: number,
  make: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= most) known.clear();
    const made = make(text);
    known.set(text, made);
    return made;
  };
}
