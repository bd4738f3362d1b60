/** Sections 8 to 13: what was checked, decided, and what went otherwise. */
import { type EventOf, eventsOf } from '../../content.ts';
import { type Block, facts, type Section, table, text } from '../doc.ts';
import type { Writing } from '../document.ts';
import { duration, kst, kstCell } from '../format.ts';

export function checkSections(writing: Writing): Section[] {
  const { t } = writing;
  return [
    { number: '8', heading: t.h8, blocks: data(writing) },
    { number: '9', heading: t.h9, blocks: services(writing) },
    { number: '10', heading: t.h10, blocks: failback(writing) },
    { number: '11', heading: t.h11x, blocks: approvals(writing) },
    { number: '12', heading: t.h12, blocks: deviations(writing) },
    { number: '13', heading: t.h13, blocks: [text(t.none)] },
  ];
}

/** Kinds of checks that compare data; all others ask whether something runs. */
const DATA_KINDS = new Set(['http-json']);

function data({ model, t }: Writing): Block[] {
  const checks = model.checks.filter((check) => DATA_KINDS.has(check.data.kind));
  return checks.length === 0 ? [text(t.none)] : [checkTable(checks, t)];
}

function services({ model, t }: Writing): Block[] {
  const checks = model.checks.filter((check) => !DATA_KINDS.has(check.data.kind));
  const confirmed = eventsOf(model.content.events, 'service.confirmed').map(
    ({ ts, data: { person, role, text: words } }) =>
      [t.confirmation, `${kst(ts)} ${person} (${role}) ${words}`] as const,
  );
  return [
    checks.length === 0 ? text(t.none) : checkTable(checks, t),
    facts([
      ...(confirmed.length === 0 ? [[t.confirmation, t.none] as const] : confirmed),
      [t.externalLinks, t.none],
      [t.loadCheck, t.none],
    ]),
  ];
}

function checkTable(checks: readonly EventOf<'check.result'>[], t: Writing['t']): Block {
  const rows = checks.map(({ seq, data: { check, kind, expected, actual, verdict } }) => [
    String(seq),
    `${check} (${kind})`,
    expected,
    actual,
    t[verdict],
  ]);
  return table([t.cEvent, t.cCheck, t.cExpected, t.cActual, t.cVerdict], [1, 3, 4, 4, 1.5], rows);
}

function failback({ model, t, language }: Writing): Block[] {
  if (model.result.drillType !== 'isolated-copy') return [text(t.none)];
  const rows = model.timeline
    .filter(({ kind, phase }) => kind === 'step' && phase === 'always')
    .map(({ id, title, result }) => [`${title?.[language] ?? ''} (${id})`, t[result]]);
  return [
    text(t.failbackCopies),
    rows.length === 0 ? text(t.noPlan) : table([t.cStep, t.cResult], [6, 2], rows),
    facts([[t.residue, model.result.residue.join('; ') || t.nothing]]),
  ];
}

function approvals({ model, t }: Writing): Block[] {
  const rows = model.content.events.flatMap((event) => {
    const at = [String(event.seq), kstCell(event.ts)];
    switch (event.type) {
      case 'approval.requested': {
        const until = kst(new Date(event.data.expiresAt).toISOString());
        const words = `${event.data.people} x ${event.data.role}, ~ ${until}`;
        return [[...at, t[event.type], words, event.data.planHash]];
      }
      case 'approval.granted':
        return [[...at, t[event.type], decider(event.data, t), event.data.planHash]];
      case 'approval.rejected': {
        const words = `${decider(event.data, t)}: ${event.data.reason}`;
        return [[...at, t[event.type], words, event.data.planHash]];
      }
      case 'approval.voided':
        return [[...at, t[event.type], event.data.diff.join('; '), event.data.planHash]];
      case 'approval.expired':
      case 'approval.complete':
        return [[...at, t[event.type], '', event.data.planHash]];
      default:
        return [];
    }
  });
  if (rows.length === 0) return [text(t.none)];
  return [table([t.cEvent, t.cTime, t.cResult, t.cPerson, t.cHash], [1, 2.5, 1.6, 4, 4], rows)];
}

/** Person, role, and what authenticated the person: a Slack account is no personal signature. */
function decider(
  of: { person: string; role: string; via: string; signed?: { witness: string } | undefined },
  t: Writing['t'],
): string {
  const clicked = of.via === 'slack' ? t.bySlack : `${of.via}, ${t.byWitness}`;
  const how = of.signed === undefined ? clicked : `${t.byOwnKey} ${of.signed.witness}`;
  return `${of.person} (${of.role}), ${how}`;
}

function deviations({ model, t }: Writing): Block[] {
  const rows = model.deviations.map(({ seq, at, kind, what, detail, by }) => [
    String(seq),
    kstCell(at),
    what === '' ? t[kind] : `${t[kind]}: ${what}`,
    detail,
    by,
  ]);
  const works = model.manual.map(({ seq, ts, data: work }) => [
    String(seq),
    kstCell(ts),
    `${work.step}: ${t[work.part === 'performed' ? 'performer' : 'witness']}`,
    work.text,
    `${work.person} (${work.role})`,
  ]);
  const columns = [t.cEvent, t.cTime, t.cKind, t.cWhat, t.cActor];
  const widths = [1, 2.5, 3, 5, 2.2];
  const waits = model.timeline.filter(({ kind }) => kind !== 'step').length;
  return [
    text(t.deviations),
    rows.length === 0 ? text(t.nothing) : table(columns, widths, rows),
    text(t.manualWork),
    works.length === 0 ? text(t.nothing) : table(columns, widths, works),
    facts([[t.waitsTotal, `${waits} / ${duration(waitedMs(model.timeline))}`]]),
  ];
}

function waitedMs(timeline: Writing['model']['timeline']): number {
  return timeline.reduce((sum, { kind, startedAt, endedAt }) => {
    if (kind === 'step' || startedAt === undefined || endedAt === undefined) return sum;
    return sum + Date.parse(endedAt) - Date.parse(startedAt);
  }, 0);
}
