/** The report as PDF/A-2b, set by Typst with the fonts it is given: same document, same bytes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asset, fonts } from '../assets.ts';
import { EvidenceError } from '../errors.ts';
import type { Doc } from './doc.ts';

/**
 * What the font has; anything else would print as an empty box.
 */
const PRINTABLE = [
  '\\n\\x20-\\x7e\\u00a0-\\u017f', // ASCII, Latin
  '\\u2010-\\u2027\\u2030-\\u203a\\u20a9', // dashes, quotes, dots, won sign
  '\\u2190-\\u2193\\u2212\\u2260\\u2264\\u2265', // arrows, minus, comparisons
  '\\u2460-\\u2473\\u25a0\\u25a1\\u25cf', // circled numbers, bullets
  '\\u3000-\\u3003\\u3008-\\u3011\\u3131-\\u3163\\uac00-\\ud7a3\\uff01-\\uff5e', // Korean
];
const UNPRINTABLE = new RegExp(`[^${PRINTABLE.join('')}]`, 'gu');

/** Throws EV-REPORT-RENDER with the diagnostics. Loads the typesetter when first used. */
export async function pdf(doc: Doc): Promise<Buffer> {
  const { NodeCompiler } = await import('@myriaddreamin/typst-ts-node-compiler');
  // An empty workspace: the template cannot read anything but what it is handed.
  const workspace = mkdtempSync(join(tmpdir(), 'drillbook-report-'));
  try {
    const compiler = NodeCompiler.create({ workspace, fontArgs: [{ fontBlobs: fonts() }] });
    compiler.mapShadow(join(workspace, 'doc.json'), Buffer.from(JSON.stringify(doc, printable)));
    const compiled = compiler.compile({ mainFileContent: asset('report.typ').toString('utf8') });
    const document = compiled.result;
    if (document === null) {
      const error = compiled.takeError();
      const told = error === null ? [] : compiler.fetchDiagnostics(error);
      throw new EvidenceError('EV-REPORT-RENDER', {
        what: `Report ${doc.drill}.`,
        why: JSON.stringify(told),
      });
    }
    return compiler.pdf(document, { pdfStandard: 'a-2b', creationTimestamp: doc.date });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Strings composed (NFC), signs without a glyph spelled out: `[U+6F22]`. */
function printable(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const lines = value.normalize('NFC').replace(/\r\n?/g, '\n').replaceAll('\t', '    ');
  return lines.replace(UNPRINTABLE, spelledOut);
}

function spelledOut(sign: string): string {
  const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `[U+${code.padStart(4, '0')}]`;
}
