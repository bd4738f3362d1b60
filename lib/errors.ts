/**
 * Errors people can act on: a stable code, what happened, why, and what to do next. Each room has an
 * `errors.ts` with its part of the catalogue; `docs/errors/<code>.md` is made from it.
 */

/** One line of a catalogue. `status` is the HTTP status a door answers with. */
export interface CodeEntry {
  readonly means: string;
  readonly next: string;
  readonly status?: number;
}

export type Catalogue = Readonly<Record<string, CodeEntry>>;

/** Codes of the files every room reads: configuration and YAML. */
export const configCodes = {
  'YAML-SYNTAX': {
    means: 'A YAML file cannot be read: broken text, a double key or an unknown tag.',
    next: 'Correct the file at the line and column named.',
  },
  'YAML-SHAPE': {
    means: 'A YAML file is readable but a key or value in it is not one we know.',
    next: 'Correct the path named; the nearest valid key or value is suggested.',
  },
  'CONFIG-FILE': {
    means: 'A configuration file is missing or cannot be opened.',
    next: 'Put sites.yml, services.yml, people.yml and policy.yml into the folder.',
  },
  'CONFIG-RULE': {
    means: 'The configuration contradicts itself: something stands twice or names nothing.',
    next: 'Correct the places named; nothing was started.',
  },
} as const satisfies Catalogue;

export const shelfCodes = {
  'SHELF-UNKNOWN': {
    means: 'A runbook was asked for that is not on the shelf.',
    next: 'Use a runbook of the folder runbooks/.',
  },
} as const satisfies Catalogue;

/** How an error travels: over HTTP, into the journal, to a person. */
export interface Refusal {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly next: string;
}

export class DrillbookError extends Error implements Refusal {
  readonly code: string;
  readonly what: string;
  readonly why: string;
  readonly next: string;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`${refusal.code}: ${refusal.what} ${refusal.why} ${refusal.next}`.trim(), options);
    this.name = new.target.name;
    this.code = refusal.code;
    this.what = refusal.what;
    this.why = refusal.why;
    this.next = refusal.next;
  }

  toRefusal(): Refusal {
    return { code: this.code, what: this.what, why: this.why, next: this.next };
  }
}

/** The choice of `candidates` nearest to what was typed, or undefined when none is near. */
export function nearest(typed: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(typed.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(typed.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
