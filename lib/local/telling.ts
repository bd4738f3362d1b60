/** Each thing that happens in a run as one line for a terminal, in Korean and English. */
import type { Config } from '../config.ts';
import type { Refusal } from '../errors.ts';
import type { Shown } from '../run/advance.ts';
import type { EventData, EventType, JournalEvent } from '../run/events.ts';
import { refusalIn } from '../slack/texts/codes.ts';
import { verbIn } from '../slack/texts.ts';

export type Language = 'ko' | 'en';

interface Tools {
  readonly t: typeof en;
  readonly who: (person: string) => string;
  readonly step: (id: string) => string;
  readonly verb: (verb: string) => string;
  readonly run: string;
  /** A refusal in the language of the terminal. */
  readonly no: (refusal: Refusal) => Refusal;
}

type Tellers = { readonly [T in EventType]?: (data: EventData<T>, tools: Tools) => string };

/** Events that are not here (intents, judgements, clocks) nobody misses at a terminal. */
const tellers: Tellers = {
  'run.opened': (d, { t, who, run }) =>
    `${d.drill}  ${d.service}: ${t.opened} ${who(d.requester)}  (${run})`,
  'plan.resolved': (d, { t }) =>
    `${t.plan} ${d.planHash.slice(0, 12)}: ${d.calls} ${t.calls}, ${t.class} ${d.class}`,
  'plan.registered': (d, { t }) => `${t.registered} ${d.site}`,
  'approval.requested': (d, { t }) => `${t.waiting} (${d.people} x ${d.role})`,
  'approval.granted': (d, { t, who }) => `${t.approved} ${who(d.person)}`,
  'approval.rejected': (d, { t, who }) => `${t.denied} ${who(d.person)}: ${d.reason}`,
  'approval.voided': (d, { t }) => `${t.voided}: ${d.diff.join('; ')}`,
  refused: (d, { t, who, verb, no }) => {
    const { what, why } = no(d.refusal);
    return `${t.refused} ${who(d.person)} (${verb(d.verb)}): ${what} ${why}`;
  },
  'step.started': (d, { step }) => `> ${step(d.step)}`,
  'step.finished': (d, { t, step }) => `  ${step(d.step)}: ${t[d.result]}, ${span(d.durationMs)}`,
  'step.failed': (d, { step, no }) => {
    const { what, why, next } = no(d.refusal);
    return `! ${step(d.step)}: ${what} ${why} ${next}`;
  },
  'check.result': (d) => `    ${d.check}: ${d.verdict} (${d.actual})`,
  'manual.step': (d, { t, who }) => `    ${t[d.part]} ${who(d.person)} ${d.text}`,
  'service.confirmed': (d, { t, who }) => `    ${t.confirmed} ${who(d.person)} ${d.text}`,
  'disaster.declared': (d, { t, who }) =>
    `${t.declared} ${who(d.person)}: ${new Date(d.occurredAt).toISOString()} ${d.text}`,
  'run.paused': (_, { t }) => t.paused,
  'operator.abort': (d, { t, who }) => `${t.aborted} ${who(d.person)}: ${d.reason}`,
  'operator.retry': (d, { t, who }) => `${t.retried} ${who(d.person)}: ${d.reason}`,
  'operator.pause': (d, { t, who }) => `${t.held} ${who(d.person)}: ${d.reason}`,
  'operator.resume': (d, { t, who }) => `${t.resumed} ${who(d.person)}: ${d.reason}`,
  'operator.skip': (d, { t, who, step }) =>
    `${t.wished} ${who(d.person)}: ${step(d.step)}. ${d.reason}`,
  'skip.confirmed': (d, { t, who, step }) => `${t.skipSeconded} ${who(d.person)}: ${step(d.step)}`,
  'skip.declined': (d, { t, who, step }) =>
    `${t.skipDeclined} ${who(d.person)}: ${step(d.step)}. ${d.reason}`,
  'undo.started': (d, { t }) => `${t.undoing}: ${d.reason}`,
  'run.ended': (d, { t }) => [`${t.ended}: ${d.result}`, ...d.reasons].join('\n    '),
};

/** Wall time, time since the opening, words; undefined for what has no line. */
export function lineOf(
  event: JournalEvent,
  shown: Shown,
  telling: { readonly config: Config; readonly language: Language },
): string | undefined {
  const { config, language } = telling;
  const tell = tellers[event.type] as ((data: unknown, tools: Tools) => string) | undefined;
  if (tell === undefined) return undefined;
  const words = tell(event.data, {
    t: language === 'ko' ? ko : en,
    who: (id) => config.people.find((person) => person.id === id)?.name[language] ?? id,
    step: (id) => shown.plan?.steps.find((one) => one.id === id)?.title[language] ?? id,
    run: event.run,
    verb: (verb) => verbIn(language, verb),
    no: (refusal) => refusalIn(language, refusal),
  });
  const elapsed = span(Date.parse(event.ts) - shown.head.openedAt);
  return `${event.ts.slice(11, 19)}Z  T+${elapsed}  ${words}`;
}

const en = {
  opened: 'drill asked for by',
  plan: 'plan',
  calls: 'calls',
  class: 'class',
  registered: 'plan registered at gateway',
  waiting: 'waiting for approval',
  approved: 'approved by',
  denied: 'denied by',
  voided: 'approval void',
  refused: 'refused:',
  done: 'done',
  'not-needed': 'not needed',
  skipped: 'skipped',
  deviated: 'passed over, deviation recorded',
  performed: 'performed by',
  witnessed: 'witnessed by',
  confirmed: 'confirmed by',
  declared: 'disaster declared by',
  paused: 'paused: a person must decide (retry, skip or abort)',
  held: 'held by',
  resumed: 'resumed by',
  wished: 'skip asked for by',
  skipSeconded: 'skip confirmed by',
  skipDeclined: 'skip declined by',
  undoing: 'undoing',
  aborted: 'aborted by',
  retried: 'retried by',
  ended: 'ended',
};

const ko: typeof en = {
  opened: '훈련 요청자',
  plan: '계획',
  calls: '건의 호출',
  class: '위험 등급',
  registered: '계획 등록 완료, 게이트웨이',
  waiting: '승인 대기',
  approved: '승인',
  denied: '반려',
  voided: '승인 무효',
  refused: '거부:',
  done: '완료',
  'not-needed': '불필요',
  skipped: '건너뜀',
  deviated: '이탈로 처리',
  performed: '수행',
  witnessed: '입회',
  confirmed: '업무 확인',
  declared: '재해 선포',
  paused: '일시 정지: 담당자가 결정해야 합니다 (retry, skip 또는 abort)',
  held: '보류',
  resumed: '재개',
  wished: '건너뛰기 요청',
  skipSeconded: '건너뛰기 확인',
  skipDeclined: '건너뛰기 거절',
  undoing: '되돌리기',
  aborted: '중단',
  retried: '재시도',
  ended: '종료',
};

/** `01:02:03` of a duration in ms. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const part = (value: number) => String(value).padStart(2, '0');
  return `${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}`;
}
