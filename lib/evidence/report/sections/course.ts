/** Sections 5 to 7: the course of events, the clocks, the replication. */
import type { Measured } from '../../result.ts';
import { type Block, facts, type Section, table, text } from '../doc.ts';
import type { Writing } from '../document.ts';
import { duration, kst, kstCell, kstShort, span } from '../format.ts';
import type { TimelineRow } from '../timeline.ts';
import { measured } from './measured.ts';

export function courseSections(writing: Writing): Section[] {
  const { t } = writing;
  return [
    { number: '5', heading: t.h5, blocks: timeline(writing) },
    { number: '6', heading: t.h6, blocks: objectives(writing) },
    { number: '7', heading: t.h7, blocks: replication(writing) },
  ];
}

function timeline(writing: Writing): Block[] {
  const { model, t } = writing;
  const rows = model.timeline.map((row, index) => {
    const elapsed =
      row.startedAt !== undefined && row.endedAt !== undefined
        ? span(row.startedAt, row.endedAt)
        : '–';
    return [
      String(index + 1),
      nameOf(row, writing),
      kindOf(row, writing),
      row.limitMs === undefined ? '–' : duration(row.limitMs),
      row.startedAt === undefined ? '–' : kstShort(row.startedAt),
      row.endedAt === undefined ? '–' : kstShort(row.endedAt),
      elapsed,
      marginOf(row),
      resultOf(row, writing),
    ];
  });
  const columns = [
    t.cNo,
    t.cStep,
    t.cKind,
    t.cLimit,
    t.cStart,
    t.cEnd,
    t.cElapsed,
    t.cMargin,
    t.cResult,
  ];
  return [
    clockFacts(writing),
    text(t.limitsOnly),
    table(columns, [0.9, 4.6, 2, 2.1, 2.7, 2.7, 2.1, 2.4, 2.4], rows),
  ];
}

function nameOf(row: TimelineRow, { t, language }: Writing): string {
  if (row.kind === 'approval') return t.approvalWait;
  if (row.kind === 'pause') return `${t.pauseWait} (${row.id})`;
  return `${row.title?.[language] ?? ''} (${row.id})`;
}

function kindOf(row: TimelineRow, { t }: Writing): string {
  if (row.kind !== 'step') return t.waiting;
  const hand = row.manual ? t.manual : t.automatic;
  return row.phase === 'always' ? `${hand}, ${t.always}` : hand;
}

function resultOf(row: TimelineRow, { t }: Writing): string {
  const word = t[row.result];
  return row.attempts > 1 ? `${word} (${row.attempts} ${t.attempts})` : word;
}

/** Actual minus planned limit: negative is within it. */
function marginOf({ startedAt, endedAt, limitMs }: TimelineRow): string {
  if (startedAt === undefined || endedAt === undefined || limitMs === undefined) return '–';
  const over = Date.parse(endedAt) - Date.parse(startedAt) - limitMs;
  return over > 0 ? `+${duration(over)}` : duration(over);
}

function clockFacts({ model, t, language }: Writing): Block {
  const { clocks } = model.result;
  const shown = (clock: Measured<string>) =>
    clock.value === null ? (clock.reason?.[language] ?? t.none) : kst(clock.value);
  return facts([
    [t.t0, shown(clocks.t0)],
    [t.t1, shown(clocks.t1)],
    [t.t2, shown(clocks.t2)],
    [t.t3, shown(clocks.t3)],
    [t.t4, shown(clocks.t4)],
  ]);
}

function objectives(writing: Writing): Block[] {
  const { model, t } = writing;
  const blocks = model.result.drillType === 'isolated-copy' ? [text(t.copiesOnly)] : [];
  return [...blocks, ...measured(writing), ...clockTable(writing)];
}

function clockTable({ model, t }: Writing): Block[] {
  if (model.clocks.length === 0) return [facts([[t.clockAgreement, t.none]])];
  const rows = model.clocks.map(({ at, host, offsetMs }) => [kstCell(at), host, `${offsetMs} ms`]);
  return [text(t.clockAgreement), table([t.cTime, t.cSite, t.cValue], [3, 3, 2], rows)];
}

function replication({ model, t }: Writing): Block[] {
  const rows = model.replication.flatMap(({ phase, samples }) =>
    samples.length === 0
      ? [[t[phase], '–', '–', t.noSamples]]
      : samples.map(({ at, seq, step, states }) => [
          t[phase],
          kstShort(at),
          `${step} (${seq})`,
          states.join(', '),
        ]),
  );
  return [table([t.cPhase, t.cTime, `${t.cStep} (${t.cEvent})`, t.cStates], [1, 2, 3, 6], rows)];
}
