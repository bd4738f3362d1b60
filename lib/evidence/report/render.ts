/** Both reports in both forms: file path -> bytes. Same input, same bytes. */
import { reportDocument } from './document.ts';
import { html } from './html.ts';
import { type ReportInput, reportModel } from './model.ts';
import { pdf } from './pdf.ts';

export async function renderReports(input: ReportInput): Promise<Map<string, Buffer>> {
  const model = reportModel(input);
  const files = new Map<string, Buffer>();
  for (const language of ['ko', 'en'] as const) {
    const doc = reportDocument(model, language);
    files.set(`report/report.${language}.html`, Buffer.from(html(doc)));
    files.set(`report/report.${language}.pdf`, await pdf(doc));
  }
  return files;
}
