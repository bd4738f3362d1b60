/**
 * Clauses a kind of drill is related to, as data: numbering changes with each revision. A drill on
 * copies does not switch anything, so the yearly switch drill is never listed for it.
 */
import type { Plan, Text } from '../../runbook/plan.ts';

const emergencyDrill: Text = {
  ko: '전자금융감독규정 제24조 제1항 (비상대응훈련)',
  en: 'Electronic Financial Supervision Regulation Art. 24(1) (emergency response drill)',
};
const switchDrill: Text = {
  ko: '전자금융감독규정 제23조 제10항 (재해복구전환훈련)',
  en: 'Electronic Financial Supervision Regulation Art. 23(10) (switch drill)',
};

export const relatedClauses: Readonly<Record<Plan['drillType'], readonly Text[]>> = {
  tabletop: [emergencyDrill],
  component: [],
  'isolated-copy': [emergencyDrill],
  'planned-switch': [switchDrill, emergencyDrill],
  'unplanned-switch': [switchDrill, emergencyDrill],
  'real-disaster': [],
  maintenance: [],
};
