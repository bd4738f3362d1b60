/** Puts the report into words: cover, seventeen headings in their fixed order, appendices. */

import type { ResultFile } from '../result.ts';
import type { Doc, Section } from './doc.ts';
import { kst } from './format.ts';
import type { ReportModel } from './model.ts';
import { runSections, sideBySide } from './runs.ts';
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

/** What a report is made of: the runs of one drill, and the result of the whole. */
export interface Reported {
  readonly models: readonly ReportModel[];
  readonly result: ResultFile;
}

export function reportDocument({ models, result }: Reported, language: 'ko' | 'en'): Doc {
  const t = textsIn(language);
  const chainHeads = (models[0]?.head.runs ?? []).map(({ head }) => head);
  const ofRuns = models.map((model) => sectionsOf({ model, t, language }));
  const sections = sideBySide(
    ofRuns,
    models.map((model) => `■ ${nameOf(model, language)}`),
  );
  return {
    language,
    title: t[titleOf(result.drillType)],
    subtitle: result.title[language],
    company: result.company[language],
    drill: result.drill,
    confidential: t.confidential,
    head: (chainHeads[0] ?? '').slice(0, 16),
    simulated: result.simulated ? t.simulated : '',
    cover: [
      [t.company, result.company[language]],
      [t.drillNo, result.drill],
      [t.title, result.title[language]],
      [t.service, [...new Set(models.map((model) => serviceOf(model, language)))].join(', ')],
      [t.period, `${kst(result.openedAt)} – ${kst(result.endedAt)}`],
      [t.result, t[result.result]],
      [t.documentNo, t.none],
      [t.chainHead, chainHeads.join(' ')],
    ],
    signOff: {
      titles: [t.signPrepared, t.signLead, t.signHead, t.signCiso, t.signCio, t.signCeo],
      lines: [t.signName, t.signRole, t.signDate, t.signDocument],
    },
    sections: [...runSections(result, t), ...sections],
    date: Math.floor(Date.parse(result.endedAt) / 1000),
  };
}

const sectionsOf = (writing: Writing): Section[] => [
  ...overviewSections(writing),
  ...courseSections(writing),
  ...checkSections(writing),
  ...proofSections(writing),
  ...appendices(writing),
];

const serviceOf = ({ result: { service } }: ReportModel, language: 'ko' | 'en'): string =>
  `${service.name[language]} (${service.id})`;

const nameOf = (model: ReportModel, language: 'ko' | 'en'): string =>
  `${serviceOf(model, language)} — ${model.result.run}`;

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
