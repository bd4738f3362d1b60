/** RTO and RPO against their objectives, how each is known, and where the time went. */
import type { Measured, ResultFile } from '../../result.ts';
import { type Block, facts, text } from '../doc.ts';
import type { Writing } from '../document.ts';
import { duration, kst } from '../format.ts';
import type { TextKey } from '../texts.ts';

type Row = [string, string];

export function measured(writing: Writing): Block[] {
  const { model, t } = writing;
  const { spent } = model.result;
  return [
    facts([recovery, loss, elapsed, protection, nextSwitch].flatMap((rowsOf) => rowsOf(writing))),
    ...(spent === undefined ? [] : [text(t.spentWhole), facts(spentRows(spent, t))]),
  ];
}

/** `met` for what is promised and for what the law wants: both, or it is not met. */
export function verdict(met: boolean | null | undefined, t: Writing['t']): string {
  if (met === null || met === undefined) return t.undecided;
  return met ? t.met : t.missed;
}

function shownBy({ t, language }: Writing): (value: Measured<number>) => string {
  return ({ value, reason }) => (value === null ? (reason?.[language] ?? t.none) : duration(value));
}

function recovery(writing: Writing): Row[] {
  const { model, t } = writing;
  const { rto, service, objectives } = model.result;
  const limit = service.rtoMinutes;
  const law = objectives?.rto.lawMs ?? null;
  return [
    [t.rtoObjective, limit === null ? t.none : `${limit} ${t.minutes}`],
    ...(law === null ? [] : [[t.lawLimit, duration(law)] satisfies Row]),
    ['RTO', shownBy(writing)(rto)],
    ...(rto.value === null || objectives === undefined
      ? []
      : ([
          [t.countsFrom, `T4 − ${objectives.rto.from}`],
          [t.verdictRto, verdict(objectives.rto.met, t)],
        ] satisfies Row[])),
  ];
}

const methods = {
  proven: 'byProof',
  measured: 'byBeat',
  estimated: 'byMarkers',
} as const satisfies Readonly<Record<NonNullable<ResultFile['loss']>['method'], TextKey>>;

/** Never a number without how it is known and how far off it may be. */
function loss(writing: Writing): Row[] {
  const { model, t } = writing;
  const { rpo, loss: known, objectives } = model.result;
  const limit = objectives?.rpo.limitMs ?? null;
  const objective: Row[] = limit === null ? [] : [[t.rpoObjective, `${limit / 1000} ${t.seconds}`]];
  if (rpo.value === null || known === undefined) {
    return [...objective, ['RPO', `${shownBy(writing)(rpo)} / ${t.notMeasuredRpo}`]];
  }
  const shown = `${duration(rpo.value)} ± ${duration(known.errorMs)}, ${t[methods[known.method]]}`;
  return [
    ...objective,
    ['RPO', shown],
    ...(known.skewMs === undefined ? [] : [[t.skew, duration(known.skewMs)] satisfies Row]),
    ...(known.countedTo === undefined
      ? []
      : [[t.rpoCounted, `${kst(known.countedTo)}. ${t.rpoLater}`] satisfies Row]),
    [t.verdictRpo, verdict(objectives?.rpo.met, t)],
  ];
}

function elapsed(writing: Writing): Row[] {
  const { elapsed: spans } = writing.model.result;
  const shown = shownBy(writing);
  const rows: readonly (readonly [string, Measured<number> | undefined])[] = [
    ['T3 − T0', spans.t3FromT0],
    ['T4 − T0', spans.t4FromT0],
    ['T4 − T1', spans.t4FromT1],
    ['T3 − T2', spans.t3FromT2],
    ['T4 − T2', spans.t4FromT2],
    ['T4 − T3', spans.t4FromT3],
  ];
  return rows.flatMap(([label, value]) =>
    value === undefined ? [] : [[label, shown(value)] satisfies Row],
  );
}

function protection({ model, t }: Writing): Row[] {
  const { unprotected } = model.result;
  if (unprotected === undefined) return [];
  const { since, until } = unprotected;
  return [[t.unprotectedSince, `${kst(since)} – ${until === null ? t.untilNow : kst(until)}`]];
}

/** Only a real switch that ended well counts for the year. */
function nextSwitch({ model, t }: Writing): Row[] {
  const { drillType, result, endedAt } = model.result;
  const days = model.content.configuration?.policy?.law?.switchEveryDays;
  const counts = drillType === 'planned-switch' || drillType === 'unplanned-switch';
  if (!counts || result !== 'passed' || days === undefined) return [];
  const due = new Date(Date.parse(endedAt) + days * 86_400_000).toISOString();
  return [[t.nextSwitch, kst(due).slice(0, 10)]];
}

const spentRows = (spent: NonNullable<ResultFile['spent']>, t: Writing['t']): Row[] => [
  [t.spentPeople, duration(spent.people)],
  [t.spentArray, duration(spent.array)],
  [t.spentNetwork, duration(spent.network)],
  [t.spentMachine, duration(spent.machine)],
];
