/**
 * Reading the log: every line carries a hash over itself and the line before, so that what is read
 * is what was promised, in that order, or a reason not to start.
 */
import { canonical, sha256 } from '../../../canonical.ts';
import { GatewayError } from '../../errors.ts';
import { type Entry, entrySchema } from '../entries.ts';

/** Where the next line goes, and what stands before it. */
export interface Place {
  readonly file: string;
  /** Lines promised since the log began, archived ones included; this never falls. */
  readonly count: number;
  /** Hash of the last line. */
  readonly sum: string;
  /** Length of what was promised. */
  readonly bytes: number;
  /** The last promised line with its end. */
  readonly last: string;
}

export interface ReadLog extends Place {
  readonly entries: readonly Entry[];
  /** Bytes of a line that was being written when the power went. */
  readonly torn: number;
}

/** Throws GW-DISK with the line when anything but the end is not what was written. */
export function readLog(file: string, found: Buffer): ReadLog {
  const whole = found.subarray(0, found.lastIndexOf(0x0a) + 1);
  const lines = whole.toString('utf8').split('\n').slice(0, -1);
  const entries: Entry[] = [];
  let sum = '';
  for (const [index, line] of lines.entries()) {
    try {
      const entry = entrySchema.parse(JSON.parse(line).entry);
      if (index === 0 && entry.type === 'segment') sum = entry.before.sum;
      const next = nextLine(sum, entry);
      if (line !== next.line) throw new TypeError('It differs from what its hash says.');
      sum = next.sum;
      entries.push(entry);
    } catch (cause) {
      throw new GatewayError('GW-DISK', `${file} is damaged.`, {
        why: `Line ${index + 1} of ${lines.length} is not what was written.`,
        cause,
      });
    }
  }
  const last = lines.length === 0 ? '' : `${lines.at(-1)}\n`;
  const torn = found.length - whole.length;
  return { file, entries, sum, bytes: whole.length, last, torn, count: countOf(entries) };
}

/** The line of an entry behind the line with hash `sum`. */
export function nextLine(sum: string, entry: Entry): { line: string; sum: string } {
  const next = sha256(`${sum}${canonical(entry)}`);
  return { line: canonical({ entry, sum: next }), sum: next };
}

/** Carried lines were counted when they were first written. */
function countOf(entries: readonly Entry[]): number {
  const [first] = entries;
  if (first?.type !== 'segment') return entries.length;
  return first.before.count + entries.length - first.carried;
}
