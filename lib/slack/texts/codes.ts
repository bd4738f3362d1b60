/** What a refusal says to people, by its code, in both languages. */
import { actionCodes } from '../../actions/errors.ts';
import { approvalCodes, statementCodes } from '../../approval/errors.ts';
import type { Catalogue, Refusal } from '../../errors.ts';
import { gatewayCodes } from '../../gateway/errors.ts';
import { runCodes } from '../../run/errors.ts';
import { wishCodes } from '../../run/wish-errors.ts';
import { runbookCodes } from '../../runbook/errors.ts';
import { hazardsIn } from '../../vsp/hazards.ts';
import { koreanOfEngine } from './codes-ko.ts';
import { koreanOfGateways } from './codes-ko-gateway.ts';
import { koreanOfWishes } from './codes-ko-wishes.ts';

/** A headline, and what the person who reads it does next. */
export interface CodeText {
  readonly title: string;
  readonly next: string;
}

/** English is what the catalogues of the rooms say. */
const catalogue: Catalogue = {
  ...runCodes,
  ...wishCodes,
  ...approvalCodes,
  ...statementCodes,
  ...gatewayCodes,
  ...actionCodes,
  ...runbookCodes,
};

export const codeTexts: Readonly<Record<'ko' | 'en', Readonly<Record<string, CodeText>>>> = {
  ko: { ...koreanOfEngine, ...koreanOfGateways, ...koreanOfWishes },
  en: Object.fromEntries(
    Object.entries(catalogue).map(([code, { means, next }]) => [code, { title: means, next }]),
  ),
};

/**
 * The refusal with headline and next step in the reader's language. `why` names objects and states
 * and stays as it came, but for the hazards it tells of; where it adds nothing, what was refused
 * stands there instead. A code that is not known keeps all its words.
 */
export function refusalIn(language: 'ko' | 'en', refusal: Refusal): Refusal {
  const text = codeTexts[language][refusal.code];
  if (text === undefined) return refusal;
  const says = refusal.why !== '' && refusal.why !== codeTexts.en[refusal.code]?.title;
  const why = hazardsIn(says ? refusal.why : refusal.what, language);
  return { ...refusal, what: text.title, why, next: text.next };
}
