/** What a person at a terminal sees of a run: one line per thing that happened, a live last line. */
import type { Config } from '../config.ts';
import type { Shown } from '../run/advance.ts';
import type { JournalEvent } from '../run/events.ts';
import type { Head } from '../run/head.ts';

export interface Screen {
  readonly write: (text: string) => void;
  /** Columns of a terminal; undefined for a pipe, which gets plain lines only. */
  readonly columns: number | undefined;
}

export interface Progress {
  show(shown: Shown): void;
  /** Draws the live line again, so that its clock moves. */
  beat(now: number): void;
  say(line: string): void;
  /** Takes the live line away. */
  end(): void;
}

type Language = 'ko' | 'en';

export function plainProgress(
  screen: Screen,
  options: { readonly config: Config; readonly language: Language; readonly json: boolean },
): Progress {
  let seen = 0;
  let head: Head | undefined;
  let live = '';

  function clear(): void {
    if (live !== '') screen.write('\r\u001b[2K');
    live = '';
  }

  function say(line: string): void {
    clear();
    screen.write(`${line}\n`);
  }

  return {
    show: (shown) => {
      head = shown.head;
      for (const event of shown.events) {
        if (event.seq <= seen) continue;
        seen = event.seq;
        const line = options.json ? jsonLine(event) : lineOf(event, shown, options);
        if (line !== undefined) say(line);
      }
    },
    beat: (now) => {
      if (options.json || screen.columns === undefined || head === undefined) return;
      const next = liveLine(head, now, options.language).slice(0, screen.columns - 1);
      if (next === live) return;
      clear();
      screen.write(next);
      live = next;
    },
    say: (line) => {
      if (!options.json) say(line);
    },
    end: clear,
  };
}

/** One object per event for programs; the whole event stands in the pack. */
function jsonLine({ run, seq, ts, type, data }: JournalEvent): string {
  return JSON.stringify({ kind: 'event', run, seq, ts, type, data });
}

function liveLine(head: Head, now: number, language: Language): string {
  const current = head.steps.findLast(
    (step) => step.state === 'running' || step.state === 'asking',
  );
  const since = current?.startedAt ?? head.openedAt;
  const done = head.steps.filter(
    (step) => step.state === 'done' || step.state === 'not-needed',
  ).length;
  const what = current === undefined ? head.state : current.title[language];
  return `  ${done}/${head.steps.length} ${what} … ${span(now - since)} (T+${span(now - head.openedAt)})`;
}

interface Telling {
  readonly config: Config;
  readonly language: Language;
}

function lineOf(event: JournalEvent, shown: Shown, telling: Telling): string | undefined {
  const words = wordsOf(event, shown, telling);
  if (words === undefined) return undefined;
  const elapsed = span(Date.parse(event.ts) - shown.head.openedAt);
  return `${event.ts.slice(11, 19)}Z  T+${elapsed}  ${words}`;
}

/** Events a person does not miss (intents, judgements) have no line. */
function wordsOf(event: JournalEvent, shown: Shown, telling: Telling): string | undefined {
  const { config, language } = telling;
  const t = language === 'ko' ? ko : en;
  const who = (id: string) =>
    config.people.find((person) => person.id === id)?.name[language] ?? id;
  const step = (id: string) =>
    shown.plan?.steps.find((candidate) => candidate.id === id)?.title[language] ?? id;
  switch (event.type) {
    case 'run.opened':
      return `${event.data.drill}  ${event.data.service}: ${t.opened} ${who(event.data.requester)}  (${event.run})`;
    case 'plan.resolved':
      return `${t.plan} ${event.data.planHash.slice(0, 12)}: ${event.data.calls} ${t.calls}, ${t.class} ${event.data.class}`;
    case 'plan.registered':
      return `${t.registered} ${event.data.site}`;
    case 'approval.requested':
      return `${t.waiting} (${event.data.people} x ${event.data.role})`;
    case 'approval.granted':
      return `${t.approved} ${who(event.data.person)}`;
    case 'approval.rejected':
      return `${t.denied} ${who(event.data.person)}: ${event.data.reason}`;
    case 'approval.voided':
      return `${t.voided}: ${event.data.diff.join('; ')}`;
    case 'refused':
      return `${t.refused} ${who(event.data.person)} (${event.data.verb}): ${event.data.refusal.why}`;
    case 'step.started':
      return `> ${step(event.data.step)}`;
    case 'step.finished':
      return `  ${step(event.data.step)}: ${event.data.result === 'done' ? t.done : t.notNeeded}, ${span(event.data.durationMs)}`;
    case 'step.failed':
      return `! ${step(event.data.step)}: ${event.data.refusal.what} ${event.data.refusal.why} ${event.data.refusal.next}`;
    case 'check.result':
      return `    ${event.data.check}: ${event.data.verdict} (${event.data.actual})`;
    case 'manual.step':
      return `    ${event.data.part}: ${who(event.data.person)} ${event.data.text}`;
    case 'service.confirmed':
      return `    ${t.confirmed} ${who(event.data.person)} ${event.data.text}`;
    case 'run.paused':
      return t.paused;
    case 'operator.abort':
      return `${t.aborted} ${who(event.data.person)}: ${event.data.reason}`;
    case 'operator.retry':
      return `${t.retried} ${who(event.data.person)}: ${event.data.reason}`;
    case 'run.ended':
      return `${t.ended}: ${event.data.result}${event.data.reasons.map((reason) => `\n    ${reason}`).join('')}`;
    default:
      return undefined;
  }
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
  notNeeded: 'not needed',
  confirmed: 'confirmed by',
  paused: 'paused: a person must decide (retry or abort)',
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
  notNeeded: '불필요',
  confirmed: '업무 확인',
  paused: '일시 정지: 담당자가 결정해야 합니다 (retry 또는 abort)',
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
