/** The report as one HTML file: no script, nothing loaded, prints on A4. */
import type { Block, Doc, Section } from './doc.ts';

export function html(doc: Doc): string {
  const running = [doc.company, doc.drill, doc.confidential, doc.simulated].filter(Boolean);
  return `<!DOCTYPE html>
<html lang="${doc.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${doc.drill} ${doc.title}`)}</title>
<style>${style(running.join(' · '), `${doc.drill} · ${doc.head}`)}</style>
</head>
<body>
${doc.simulated === '' ? '' : `<p class="simulated">${escaped(doc.simulated)}</p>`}
<header>
${signOff(doc)}
<h1>${escaped(doc.title)}</h1>
<p class="subtitle">${escaped(doc.subtitle)}</p>
${factTable(doc.cover)}
</header>
${doc.sections.map(section).join('\n')}
<footer>${escaped([...running, doc.head].join(' · '))}</footer>
</body>
</html>
`;
}

function signOff({ signOff: { titles, lines } }: Doc): string {
  const head = titles.map((title) => `<th>${escaped(title)}</th>`).join('');
  const cells = titles.map(() => '<td></td>').join('');
  const rows = lines.map((line) => `<tr><th>${escaped(line)}</th>${cells}</tr>`).join('');
  return `<table class="signoff"><tr><th></th>${head}</tr>${rows}</table>`;
}

function section({ number, heading, blocks }: Section): string {
  const level = number.includes('.') ? 'h3' : 'h2';
  const label = /^\d/.test(number) ? `${number}. ` : '';
  const body = blocks.map(block).join('\n');
  return `<section><${level}>${escaped(label + heading)}</${level}>\n${body}</section>`;
}

function block(of: Block): string {
  switch (of.kind) {
    case 'text':
      return `<p>${escaped(of.text)}</p>`;
    case 'list':
      return `<ul>${of.items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return factTable(of.rows);
    case 'code':
      return `<pre>${escaped(of.text)}</pre>`;
    case 'table': {
      const sum = of.widths.reduce((a, b) => a + b, 0);
      const widths = of.widths.map(
        (width) => `<col style="width:${((100 * width) / sum).toFixed(1)}%">`,
      );
      const head = of.columns.map((column) => `<th>${escaped(column)}</th>`).join('');
      const rows = of.rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
      const top = `<thead><tr>${head}</tr></thead>`;
      return `<table>${widths.join('')}${top}\n<tbody>${rows}</tbody></table>`;
    }
  }
}

const cell = (value: string): string => `<td>${escaped(value)}</td>`;

const factTable = (rows: readonly (readonly [string, string])[]): string =>
  `<table class="facts">${rows
    .map(([label, value]) => `<tr><th>${escaped(label)}</th><td>${escaped(value)}</td></tr>`)
    .join('\n')}</table>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (value: string): string =>
  value.normalize('NFC').replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/** A CSS string: everything but plain letters becomes an escape, so no text can leave it. */
function cssString(value: string): string {
  const code = (sign: string) => `\\${sign.codePointAt(0)?.toString(16)} `;
  return `"${value.replace(/[^A-Za-z0-9가-힣 .·()/-]/gu, code)}"`;
}

function style(top: string, bottom: string): string {
  return `
@page { size: A4; margin: 20mm 15mm;
  @top-center { content: ${cssString(top.normalize('NFC'))}; font-size: 8pt; color: #555 }
  @bottom-left { content: ${cssString(bottom)}; font-size: 8pt; color: #555 }
  @bottom-right { content: counter(page) "/" counter(pages); font-size: 8pt; color: #555 } }
body { font: 10pt/1.5 Pretendard, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR",
  sans-serif;
  max-width: 180mm; margin: 0 auto; padding: 8mm 4mm; color: #111; word-break: keep-all }
h1 { font-size: 20pt; margin: 8mm 0 1mm } h2 { font-size: 13pt; margin: 8mm 0 2mm;
  border-bottom: 1px solid #111 } h3 { font-size: 11pt; margin: 5mm 0 2mm }
h2, h3 { break-after: avoid }
table { width: 100%; border-collapse: collapse; margin: 2mm 0; table-layout: fixed;
  font-size: 8.5pt }
th, td { border: 1px solid #bbb; padding: 1mm 1.5mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; white-space: pre-line }
th { background: #f1f3f5 } tr { break-inside: avoid } thead { display: table-header-group }
.facts th { width: 28% } .signoff { width: 125mm; margin-left: auto; font-size: 7.5pt }
.signoff td { height: 7mm } .subtitle { font-size: 13pt; margin: 0 0 5mm }
.simulated { position: sticky; top: 0; margin: 0; padding: 1mm 3mm; background: #fff3bf;
  border: 1px solid #e0a800; font-weight: bold; text-align: center }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f8f9fa; padding: 3mm;
  font-size: 8pt; border: 1px solid #ddd } footer { margin-top: 10mm; color: #555; font-size: 8pt }
`;
}
