/** Sections 1 to 4: what the drill was, how it ended, what it covered, who took part. */

import type { Measured } from '../../result.ts';
import { facts, type Section, table, text } from '../doc.ts';
import type { Writing } from '../document.ts';
import { duration, kst, kstCell } from '../format.ts';
import { relatedClauses } from '../legal.ts';
import { verdict } from './measured.ts';

export function overviewSections(writing: Writing): Section[] {
  const { t } = writing;
  return [
    overview(writing),
    summary(writing),
    scope(writing),
    { number: '3', heading: t.h3, blocks: [text(t.none)] },
    organisation(writing),
  ];
}

function overview({ model, t, language }: Writing): Section {
  const { result, plan } = model;
  const clauses = result.drillType === null ? [] : relatedClauses[result.drillType];
  const places = result.sites.map(({ id, name }) => `${name[language]} (${id})`);
  const rows: [string, string][] = [
    [t.purpose, t.none],
    [t.drillType, result.drillType === null ? t.none : t[result.drillType]],
    [t.impact, t.none],
    [t.legalBasis, clauses.map((clause) => clause[language]).join(', ') || t.none],
    [t.period, `${kst(result.openedAt)} – ${kst(result.endedAt)}`],
    [t.places, places.join(', ')],
    [t.host, t.none],
    [t.planDocument, t.none],
    [t.run, result.run],
    [t.runbook, result.runbook],
    [t.runbookHash, plan?.runbook.sha256 ?? t.noPlan],
    [t.planHash, planHashOf(model) ?? t.noPlan],
  ];
  return { number: '1', heading: t.h1, blocks: [facts(rows)] };
}

function planHashOf(model: Writing['model']): string | undefined {
  const resolved = model.content.events.filter((event) => event.type === 'plan.resolved').at(-1);
  return resolved?.data.planHash;
}

function summary({ model, t, language }: Writing): Section {
  const { result } = model;
  const { service, objectives: set } = result;
  const rows: [string, string][] = [
    [t.result, t[result.result]],
    [t.reasons, result.reasons.join('; ') || t.nothing],
    [t.residue, result.residue.join('; ') || t.nothing],
    [t.checksPassed, `${result.checks.passed} / ${result.checks.failed}`],
    [t.deviationsCount, String(model.deviations.length)],
  ];
  const objective = service.rtoMinutes === null ? t.none : `${service.rtoMinutes} ${t.minutes}`;
  const loss = set?.rpo.limitMs ?? null;
  const actual = ({ value, reason }: Measured<number>, met?: boolean | null): string =>
    value === null ? (reason?.[language] ?? t.none) : `${duration(value)} (${verdict(met, t)})`;
  const objectives = table(
    [t.function, t.cObjective, t.cActual],
    [2, 2, 3],
    [
      [service.name[language], `RTO ${objective}`, actual(result.rto, set?.rto.met)],
      [
        service.name[language],
        `RPO ${loss === null ? t.none : `${loss / 1000} ${t.seconds}`}`,
        actual(result.rpo, set?.rpo.met),
      ],
    ],
  );
  return { number: '1.1', heading: t.h11, blocks: [facts(rows), objectives] };
}

function scope({ model, t, language }: Writing): Section {
  const { service } = model.result;
  const { plan, content } = model;
  const known = content.configuration?.service;
  const critical = service.critical === null ? t.none : service.critical ? t.yes : t.no;
  const rows: [string, string][] = [
    [t.function, `${service.name[language]} (${service.id})`],
    [t.critical, critical],
    [t.grade, service.tier ?? t.none],
    [t.unit, plan?.unit ?? t.noPlan],
    [t.drillGroup, known?.drill.group ?? t.noPlan],
    [t.servers, known === undefined ? t.noPlan : String(known.servers.length)],
    [t.volumes, known === undefined ? t.noPlan : String(volumesOf(known.servers))],
    [t.calls, plan === undefined ? t.noPlan : String(plan.calls.length)],
    [t.dangerClass, plan?.class ?? t.noPlan],
    [t.exclusions, t.none],
  ];
  const servers = (known?.servers ?? []).map(({ name, order, flavor, volumes }) => [
    String(order),
    name,
    flavor,
    volumes.join(' '),
  ]);
  const blocks = [facts(rows)];
  if (servers.length > 0) {
    blocks.push(table([t.cNo, t.servers, 'flavor', t.volumes], [1, 2, 2, 7], servers));
  }
  return { number: '2', heading: t.h2, blocks };
}

const volumesOf = (servers: readonly { volumes: readonly string[] }[]): number =>
  servers.reduce((sum, { volumes }) => sum + volumes.length, 0);

function organisation({ model, t }: Writing): Section {
  const people = model.participants.map(({ part, id, role, from, to }) => [
    t[part],
    id,
    role ?? '',
    kstCell(from),
    kstCell(to),
  ]);
  const duties = model.duties.map(({ name, kept, people: of }) => [
    t[name],
    of.join(', ') || '–',
    kept === null ? t.notExercised : kept ? t.kept : t.broken,
  ]);
  return {
    number: '4',
    heading: t.h4,
    blocks: [
      text(t.idsOnly),
      table([t.cPart, t.cPerson, t.cRole, t.cFrom, t.cTo], [2, 2, 2, 3, 3], people),
      text(t.dutyCheck),
      table([t.cDuty, t.cPerson, t.cVerdict], [4, 5, 2], duties),
    ],
  };
}
