/** Reads through the gateways, remembered so that what was judged can be shown. */

import type { Reader, Reading } from '../actions/action.ts';
import { canonical } from '../canonical.ts';
import type { Receipt } from '../gateway/protocol.ts';
import type { Engine } from './engine.ts';
import { RunError } from './errors.ts';
import type { Evidence } from './events.ts';
import { keep } from './session.ts';

export interface Recording {
  readonly read: Reader;
  readonly receipts: readonly Receipt[];
  /** How many reads got no answer, or only that the target cannot answer now. */
  unanswered(): number;
  /** All receipts of this observation as one piece of evidence; undefined when there was none. */
  evidence(label: string): Promise<Evidence | undefined>;
}

/** One observation: the same GET is made once, and a half that does not answer is unknown. */
export function recordReads(engine: Engine): Recording {
  const receipts: Receipt[] = [];
  let unanswered = 0;
  const made = new Map<string, Promise<Reading>>();

  async function ask(site: string, target: string, path: string): Promise<Reading> {
    const gateway = engine.gateways.get(site);
    if (gateway === undefined) return { ok: false, why: `no gateway at site ${site}` };
    try {
      const receipt = await gateway.read(target, path);
      receipts.push(receipt);
      if (isUnable(receipt.status)) unanswered += 1;
      return { ok: true, status: receipt.status, body: parsed(receipt.body), receipt };
    } catch (error) {
      // A gateway that lost its memory is no silence: nobody may go on with what it says.
      if (error instanceof RunError) throw error;
      unanswered += 1;
      return { ok: false, why: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    receipts,
    unanswered: () => unanswered,
    read: (site, target, path) => {
      const key = `${site} ${target} ${path}`;
      const reading = made.get(key) ?? ask(site, target, path);
      made.set(key, reading);
      return reading;
    },
    evidence: async (label) =>
      receipts.length === 0
        ? undefined
        : keep(engine, { label, text: canonical([...receipts].sort(byCounter)) }),
  };
}

const isUnable = (status: number): boolean => status === 429 || status >= 500;

const byCounter = (a: Receipt, b: Receipt): number =>
  a.gateway.localeCompare(b.gateway) || a.counter - b.counter;

/** Answers are parsed where they can be; an HTML page of a proxy stays text. */
export function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
