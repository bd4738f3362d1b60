/**
 * What the REST server keeps of earlier answers: lists of local copies without `refresh=true`, and
 * `class` details. Here they are always fresh, unless the fault `stale-cache` is on.
 */
import type { Call } from './parts.ts';

export class Cache {
  readonly #faults: ReadonlySet<string>;
  readonly #answers = new Map<string, unknown>();

  constructor(faults: ReadonlySet<string>) {
    this.#faults = faults;
  }

  /** The fresh answer, or the one that the same request was given first. */
  answer({ path, query }: Call, fresh: () => unknown): unknown {
    if (!this.#faults.has('stale-cache')) {
      this.#answers.clear();
      return fresh();
    }
    if (!isKept(path, query)) return fresh();
    const key = `${path}?${query}`;
    if (!this.#answers.has(key)) this.#answers.set(key, fresh());
    return this.#answers.get(key);
  }
}

function isKept(path: string, query: URLSearchParams): boolean {
  const list = path.endsWith('/local-clone-copypairs') && query.get('refresh') !== 'true';
  return list || (query.get('detailInfoType') ?? '').includes('class');
}
