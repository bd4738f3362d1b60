/** Which critical services the law wants a real switch of, by what the ledger has seen so far. */
import type { Config } from '../config.ts';
import { dataOf, type LedgerLine } from './records.ts';

const DAY_MS = 86_400_000;

/** A service whose last real switch is too long ago; `last` (ms) is null when there was none. */
export interface SwitchDue {
  readonly service: string;
  readonly last: number | null;
}

/** Only a switch that passed, to its evidence pack, counts. No rule in policy.yml: nothing is due. */
export function switchesDue(
  lines: readonly LedgerLine[],
  { services, policy }: Pick<Config, 'services' | 'policy'>,
  now: number,
): SwitchDue[] {
  const days = policy.law?.switchEveryDays;
  if (days === undefined) return [];
  const switches = dataOf(lines, 'drill.opened').filter(
    ({ drillType }) => drillType === 'planned-switch' || drillType === 'unplanned-switch',
  );
  return services
    .filter(({ critical }) => critical)
    .map(({ id }) => {
      const drills = switches.filter(({ service }) => service === id).map(({ drill }) => drill);
      const closed = lines.flatMap(({ record }) =>
        record.type === 'drill.closed' &&
        record.data.result === 'passed' &&
        drills.includes(record.data.drill)
          ? [Date.parse(record.ts)]
          : [],
      );
      return { service: id, last: closed.length === 0 ? null : Math.max(...closed) };
    })
    .filter(({ last }) => last === null || now - last > days * DAY_MS);
}
