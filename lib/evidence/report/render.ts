/** Both reports in both forms: file path -> bytes. Same input, same bytes. */
import type { ResultFile } from '../result.ts';
import { reportDocument } from './document.ts';
import { html } from './html.ts';
import { type ReportInput, reportModel } from './model.ts';
import { pdf } from './pdf.ts';

/** One report for the drill: `inputs` are its runs, `result` is that of the whole. */
export async function renderReports(
  inputs: readonly ReportInput[],
  result: ResultFile,
): Promise<Map<string, Buffer>> {
  const models = inputs.map(reportModel);
  const files = new Map<string, Buffer>();
  for (const language of ['ko', 'en'] as const) {
    const doc = reportDocument({ models, result }, language);
    files.set(`report/report.${language}.html`, Buffer.from(html(doc)));
    files.set(`report/report.${language}.pdf`, await pdf(doc));
  }
  return files;
}
