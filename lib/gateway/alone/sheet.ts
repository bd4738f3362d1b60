/**
 * Answers written down before anybody is asked: words of a command line, or what comes through a
 * pipe. Each is given when it fits what is asked, and once.
 */
import type { Head } from '../../run/head.ts';
import { parseTyped, type Typed } from './answers.ts';

/** Whether a line would be an answer now. */
export type Fits = (typed: Typed) => boolean;

export interface Sheet {
  add(line: string): void;
  /** The first line that fits, or that nobody could understand; empty when there is none. */
  take(fits: Fits): string;
}

export function openSheet(given: readonly string[]): Sheet {
  const lines = [...given];
  return {
    add: (line) => void lines.push(line),
    take: (fits) => {
      const index = lines.findIndex((line) => {
        const typed = parseTyped(line);
        return typed === undefined || fits(typed);
      });
      return index < 0 ? '' : (lines.splice(index, 1)[0] ?? '');
    },
  };
}

const PARTS: Readonly<Record<string, string>> = {
  confirm: 'confirmed',
  performed: 'performed',
  witnessed: 'witnessed',
};
/** Said to a run that stopped; at any other time they would stop one that goes well. */
const WHEN_PAUSED: readonly string[] = [
  ...['retry', 'skip', 'confirm-skip', 'decline-skip', 'abort', 'undo', 'resume'],
];

/** What a run that looks like this waits for. */
export const wanted =
  (head: Head | undefined): Fits =>
  ({ verb, step, person }) => {
    if (head === undefined || verb === 'open') return false;
    if (verb === 'approve') {
      const { approval, state } = head;
      const mine = approval?.granted.some((one) => one.person === person) === true;
      return state === 'awaiting-approval' && approval !== undefined && !mine;
    }
    if (verb === 'declare') return head.asks.some(({ parts }) => parts.includes('declared'));
    const part = PARTS[verb];
    if (part !== undefined) {
      return head.asks.some((ask) => ask.step === step && ask.parts.some((one) => one === part));
    }
    return WHEN_PAUSED.includes(verb) ? head.pause !== undefined : true;
  };
