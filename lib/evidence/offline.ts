/** What a plane that was cut off has recorded, put into the ledger of the company. */
import { nextNumber } from './numbers.ts';
import { appendLedger, findRecord, type LedgerWorld, parseLedger } from './records.ts';

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
  for (const { record, hash } of theirs) {
    if (record.type !== 'drill.opened') continue;
    const offline = record.data.drill;
    const line = await appendLedger(
      (lines) =>
        // A gateway with a new disk counts from 001 again: the record itself says which drill it is.
        findRecord(lines, 'drill.joined', (data) => data.head === hash) ?? {
          type: 'drill.joined',
          data: { offline, drill: nextNumber(lines, world), site, head: hash },
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
