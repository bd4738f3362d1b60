/** Puts the report into words: cover, seventeen headings in their fixed order, appendices. */

import type { Doc, Section } from './doc.ts';
import { kst } from './format.ts';
import type { ReportModel } from './model.ts';
import { appendices } from './sections/appendices.ts';
import { checkSections } from './sections/checks.ts';
import { courseSections } from './sections/course.ts';
import { overviewSections } from './sections/overview.ts';
import { proofSections } from './sections/proof.ts';
import { type TextKey, type Texts, textsIn } from './texts.ts';

/** What every section is written from. */
export interface Writing {
  readonly model: ReportModel;
  readonly t: Texts;
  readonly language: 'ko' | 'en';
}

export function reportDocument(model: ReportModel, language: 'ko' | 'en'): Doc {
  const t = textsIn(language);
  const { result, head } = model;
  const writing: Writing = { model, t, language };
  const sections: Section[] = [
    ...overviewSections(writing),
    ...courseSections(writing),
    ...checkSections(writing),
    ...proofSections(writing),
    ...appendices(writing),
  ];
  return {
    language,
    title: t[titleOf(result.drillType)],
    subtitle: result.title[language],
    company: result.company[language],
    drill: result.drill,
    confidential: t.confidential,
    head: (head.runs[0]?.head ?? '').slice(0, 16),
    simulated: result.simulated ? t.simulated : '',
    cover: [
      [t.company, result.company[language]],
      [t.drillNo, result.drill],
      [t.title, result.title[language]],
      [t.service, `${result.service.name[language]} (${result.service.id})`],
      [t.period, `${kst(result.openedAt)} – ${kst(result.endedAt)}`],
      [t.result, t[result.result]],
      [t.documentNo, t.none],
      [t.chainHead, head.runs[0]?.head ?? ''],
    ],
    signOff: {
      titles: [t.signPrepared, t.signLead, t.signHead, t.signCiso, t.signCio, t.signCeo],
      lines: [t.signName, t.signRole, t.signDate, t.signDocument],
    },
    sections,
    date: Math.floor(Date.parse(result.endedAt) / 1000),
  };
}

function titleOf(drillType: ReportModel['result']['drillType']): TextKey {
  switch (drillType) {
    case 'planned-switch':
    case 'unplanned-switch':
      return 'titleSwitch';
    case 'real-disaster':
      return 'titleReal';
    case 'isolated-copy':
    case 'tabletop':
      return 'titleSimulation';
    default:
      return 'titlePlain';
  }
}
