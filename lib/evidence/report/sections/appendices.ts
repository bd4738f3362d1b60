/** Appendices: every event, the runbook, the terms. */
import { canonical } from '../../../canonical.ts';
import { type Section, table, text } from '../doc.ts';
import type { Writing } from '../document.ts';
import { kstCell } from '../format.ts';
import { terms } from '../terms.ts';

/** Longer data is cut in print; the journal in the pack has all of it. */
const DATA_LIMIT = 600;

export function appendices({ model, t }: Writing): Section[] {
  const events = model.content.events.map(({ seq, ts, type, actor, data }) => {
    const whole = canonical(data);
    const shown = whole.length > DATA_LIMIT ? `${whole.slice(0, DATA_LIMIT)}${t.cut}` : whole;
    return [String(seq), kstCell(ts), `${type} / ${actor.id}`, shown];
  });
  const { runbook } = model.content;
  return [
    {
      number: 'A',
      heading: t.hA,
      blocks: [
        table([t.cNo, t.cTime, `${t.cEvent} / ${t.cActor}`, t.cData], [0.7, 3, 3, 8], events),
      ],
    },
    {
      number: 'B',
      heading: t.hB,
      blocks: [runbook === undefined ? text(t.noPlan) : { kind: 'code', text: runbook }],
    },
    {
      number: 'C',
      heading: t.hC,
      blocks: [table(['한국어', 'English'], [1, 1], terms)],
    },
  ];
}
