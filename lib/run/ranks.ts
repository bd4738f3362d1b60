/** What takes a protection unit from what: a higher rank from a lower one, equals never. */
import type { Plan } from '../runbook/plan.ts';

type DrillType = Plan['drillType'];

const ranks: Readonly<Record<DrillType, number>> = {
  tabletop: 0,
  component: 0,
  'isolated-copy': 0,
  'planned-switch': 0,
  'unplanned-switch': 0,
  maintenance: 0,
  'real-disaster': 1,
};

export const rankOf = (drillType: DrillType): number => ranks[drillType];

/** Runs of this rank may be asked for while others hold the service. */
export const mayPreempt = (drillType: DrillType): boolean => ranks[drillType] > 0;

/** A type as a gateway says it; one that is not known here takes nothing and loses nothing. */
export const isOutranked = (drillType: string, by: DrillType): boolean =>
  (ranks as Readonly<Record<string, number>>)[drillType] !== undefined &&
  (ranks[drillType as DrillType] ?? 0) < ranks[by];
