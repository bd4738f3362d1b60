/** Sections 14 to 17: assessment, reporting, evidence, how to check all of this. */
import { type Block, facts, list, type Section, table, text } from '../doc.ts';
import type { Writing } from '../document.ts';
import { kst } from '../format.ts';

export function proofSections(writing: Writing): Section[] {
  const { t } = writing;
  return [
    { number: '14', heading: t.h14, blocks: assessment(writing) },
    { number: '15', heading: t.h15, blocks: [text(t.none)] },
    { number: '16', heading: t.h16, blocks: evidence(writing) },
    { number: '17', heading: t.h17, blocks: verification(writing) },
  ];
}

function assessment({ model, t }: Writing): Block[] {
  const { result } = model;
  return [
    text(t.openAssessment),
    facts([
      [t.result, t[result.result]],
      [t.reasons, result.reasons.join('; ') || t.nothing],
    ]),
  ];
}

function evidence({ model, t }: Writing): Block[] {
  if (model.evidence.length === 0) return [text(t.nothing)];
  const rows = model.evidence.map((row, index) => [
    String(index + 1),
    `${row.path}\n${row.sha256}`,
    String(row.bytes),
    `${row.capturedAt}\n${kst(row.capturedAt)}`,
    row.source,
  ]);
  return [table([t.cNo, t.cFile, t.cBytes, t.cCaptured, t.cSource], [0.8, 6, 1.2, 2.6, 2.4], rows)];
}

function verification({ model, t }: Writing): Block[] {
  return [
    text(t.verifyCommands),
    {
      kind: 'code',
      text: [
        'sha256sum -c MANIFEST.sha256',
        'openssl dgst -sha256 -verify key.pem -signature MANIFEST.sha256.sig MANIFEST.sha256',
        `sh verify.sh ${model.result.drill} key.pem`,
      ].join('\n'),
    },
    text(t.fingerprints),
    facts(model.keys.map(({ name, fingerprint }) => [name, fingerprint] as const)),
    text(t.fingerprintWhere),
    facts(
      model.head.runs.map(
        ({ run, events, head }) => [`${run} (${t.events} ${events})`, head] as const,
      ),
    ),
    text(t.proven),
    list([t.provenFiles, t.provenOrder, t.provenRaw]),
    text(t.notProven),
    list([t.notGateway, t.notOutside, t.notScope, t.notPerson, t.notTime, t.notProducer]),
  ];
}
