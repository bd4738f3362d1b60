/** What a plane that was cut off has recorded, put into the ledger of the company. */
import { nextNumber } from './numbers.ts';
import { appendLedger, dataOf, findRecord, type LedgerWorld, parseLedger } from './records.ts';

/** A drill that was numbered while cut off, and its number in the order of all. */
export interface JoinedDrill {
  readonly offline: string;
  readonly drill: string;
}

/**
 * Joins the ledger kept at a site while it was cut off: one record for each of its drills, numbered
 * in their order, then one for the whole. Repeatable, and again when that ledger has grown; throws
 * EV-LEDGER-BROKEN when its lines are not one chain.
 */
export async function joinLedger(
  world: LedgerWorld,
  from: { readonly site: string; readonly lines: readonly string[] },
): Promise<readonly JoinedDrill[]> {
  const { site } = from;
  const theirs = parseLedger(from.lines, `${world.tenant} at ${site}`);
  const head = theirs.at(-1)?.hash;
  if (head === undefined) return [];
  const joined: JoinedDrill[] = [];
  for (const { drill: offline } of dataOf(theirs, 'drill.opened')) {
    const opened = findRecord(theirs, 'drill.opened', (data) => data.drill === offline);
    const line = await appendLedger(
      (lines) =>
        findRecord(lines, 'drill.joined', (data) => data.offline === offline) ?? {
          type: 'drill.joined',
          data: { offline, drill: nextNumber(lines, world), site, head: opened?.hash ?? head },
        },
      world,
    );
    if (line.record.type === 'drill.joined') {
      joined.push({ offline, drill: line.record.data.drill });
    }
  }
  await appendLedger(
    (lines) =>
      findRecord(lines, 'ledger.joined', (data) => data.site === site && data.head === head) ?? {
        type: 'ledger.joined',
        data: { site, records: theirs.length, head },
      },
    world,
  );
  return joined;
}
