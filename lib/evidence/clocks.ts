/** The five clocks of a drill, what lies between them, and whether that was quick enough. */
import type { Plan, Text } from '../runbook/plan.ts';
import { eventsOf, type RunContent } from './content.ts';
import type { Measured } from './result.ts';

type DrillType = Plan['drillType'] | null;
type Clock = 't0' | 't1' | 't2' | 't3' | 't4';
export type Clocks = Readonly<Record<Clock, Measured<string>>>;

const notReached: Text = { ko: '도달하지 못함', en: 'not reached' };
const notDeclared: Text = {
  ko: '기록 없음 (재해 선포 없음)',
  en: 'not recorded: nobody declared it',
};
const noDisaster: Text = {
  ko: '복제본 훈련에는 재해 시점이 없음',
  en: 'no disaster is assumed in a drill on copies',
};
const onCopies: Text = { ko: '평가하지 않음 (복제본 훈련)', en: 'not assessed (drill on copies)' };
const noSwitch: Text = {
  ko: '평가하지 않음 (실제 전환이 아님)',
  en: 'not assessed (this is no real switch)',
};

/** Only these really move the business. */
const realSwitches: readonly DrillType[] = ['planned-switch', 'unplanned-switch', 'real-disaster'];

/** Why RTO and RPO are not assessed for this kind of drill; undefined when they are. */
export function notAssessed(drillType: DrillType): Text | undefined {
  if (realSwitches.includes(drillType)) return undefined;
  return drillType === 'isolated-copy' ? onCopies : noSwitch;
}

/**
 * T0 disaster and T1 declared: as the person declared. T2 ordered: the approval is complete. T3
 * technically up: the last step of measured checks (`check/…`) ended well. T4: the business confirmed;
 * a later confirmation of something else does not move it.
 */
export function clocksOf({ events, plan }: RunContent, drillType: DrillType): Clocks {
  const using = (prefix: string) =>
    (plan?.steps ?? []).filter(({ uses }) => uses.startsWith(prefix)).map(({ id }) => id);
  const checks = using('check/');
  const [business] = using('people/confirm');
  const declared = eventsOf(events, 'disaster.declared').at(-1);
  const t3 = eventsOf(events, 'step.finished').filter(
    ({ data }) => data.result === 'done' && checks.includes(data.step),
  );
  const confirmed = eventsOf(events, 'service.confirmed');
  const t4 = confirmed.find(({ data }) => data.step === business) ?? confirmed[0];
  const isOnCopies = drillType === 'isolated-copy';
  const or = (reason: Text, ts: string | undefined): Measured<string> =>
    ts === undefined ? { value: null, reason } : { value: ts };
  const assumed = isOnCopies ? noDisaster : notDeclared;
  const occurredAt = declared?.data.occurredAt;
  return {
    t0: or(assumed, occurredAt === undefined ? undefined : new Date(occurredAt).toISOString()),
    t1: or(assumed, declared?.ts),
    t2: or(notReached, eventsOf(events, 'approval.complete').at(-1)?.ts),
    t3: or(notReached, t3.at(-1)?.ts),
    t4: or(notReached, t4?.ts),
  };
}

export function between(from: Measured<string>, to: Measured<string>): Measured<number> {
  if (from.value !== null && to.value !== null) {
    return { value: Date.parse(to.value) - Date.parse(from.value) };
  }
  const reason = { ko: '두 시각 중 하나가 없음', en: 'one of the two clocks is missing' };
  return { value: null, reason };
}

/** Without a declaration there is nothing to count from: never what happens to be there instead. */
export function rtoOf(
  clocks: Clocks,
  from: 'T0' | 'T1' | 'T2',
  drillType: DrillType,
): Measured<number> {
  const reason = notAssessed(drillType);
  if (reason !== undefined) return { value: null, reason };
  const start = clocks[from === 'T0' ? 't0' : from === 'T1' ? 't1' : 't2'];
  if (start.value !== null && clocks.t4.value !== null) return between(start, clocks.t4);
  const missing = start.value === null ? from : 'T4';
  const why = {
    ko: `미측정 (${missing} 기록 없음)`,
    en: `not measured (${missing} is not recorded)`,
  };
  return { value: null, reason: why };
}
