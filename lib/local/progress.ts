/** What a person at a terminal sees of a run: one line per thing that happened, a live last line. */
import type { Config } from '../config.ts';
import type { Shown } from '../run/advance.ts';
import type { JournalEvent } from '../run/events.ts';
import type { Head } from '../run/head.ts';
import { type Language, lineOf, span } from './telling.ts';

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

export function plainProgress(
  screen: Screen,
  options: { readonly config: Config; readonly language: Language; readonly json: boolean },
): Progress {
  const seen = new Map<string, number>();
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
        if (event.seq <= (seen.get(event.run) ?? 0)) continue;
        seen.set(event.run, event.seq);
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
  const done = head.steps.filter(({ state }) =>
    ['done', 'not-needed', 'skipped', 'deviated'].includes(state),
  ).length;
  const what = current === undefined ? head.state : current.title[language];
  return `  ${done}/${head.steps.length} ${what} … ${span(now - since)} (T+${span(now - head.openedAt)})`;
}
