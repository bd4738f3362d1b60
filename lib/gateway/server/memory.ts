/** What the log says about the gateway itself: whom it believes, whether it forgot, what is skipped. */
import { parseTrust, type Trust } from '../trust.ts';
import type { Entry } from './entries.ts';

export interface Seen {
  readonly incarnation: string;
  readonly counter: number;
}

export interface Memory {
  trust?: {
    readonly hash: string;
    readonly trust: Trust;
    /** The file as written. */
    readonly text: string;
    /** Hash of the trust before, when it was changed by an order. */
    readonly replaces: string | undefined;
    readonly at: number;
    readonly people: readonly string[];
  };
  /** Somebody had seen more than is here: nothing may change until two people arm it again. */
  amnesia?: { readonly seen: Seen; readonly by: string; readonly at: number } | undefined;
  /** Oldest first. `ends` is void: nothing it was given counts any more. */
  readonly armings: { readonly at: number; readonly ends: string; readonly begins: string }[];
  /** Hashes of orders that were carried out. */
  readonly orders: Set<string>;
  /** Steps of a plan that two people skipped, as `<planHash> <step>`. */
  readonly skips: Set<string>;
}

export const emptyMemory = (): Memory => ({ armings: [], orders: new Set(), skips: new Set() });

/** Takes in one line; lines about plans and calls are none of its business. */
export function remember(memory: Memory, entry: Entry): void {
  switch (entry.type) {
    case 'trust': {
      const { hash, text, replaces, at, people = [] } = entry;
      const trust = parseTrust({ file: 'trust.yml', text });
      memory.trust = { hash, trust, text, replaces, at, people };
      if (entry.order !== undefined) memory.orders.add(entry.order);
      return;
    }
    case 'amnesia':
      memory.amnesia = { seen: entry.seen, by: entry.by, at: entry.at };
      return;
    case 'armed':
      memory.amnesia = undefined;
      memory.armings.push({ at: entry.at, ends: entry.ends, begins: entry.begins });
      memory.orders.add(entry.order);
      return;
    case 'skip':
      memory.skips.add(`${entry.planHash} ${entry.step}`);
  }
}
