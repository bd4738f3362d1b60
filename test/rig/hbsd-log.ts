/** What cinder-volume wrote to its log, by the time written at the start of each line. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

export interface LogLine {
  /** Local time, as `2026-11-22 16:20:31.123`. */
  readonly at: string;
  readonly text: string;
}

export class DriverLog {
  private start: number;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
    this.start = statSync(file).size;
  }

  /** Lines since this object was made, or since `forget`; those of a traceback count one by one. */
  lines(): LogLine[] {
    const file = openSync(this.file, 'r');
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - this.start));
      readSync(file, bytes, 0, bytes.length, this.start);
      return bytes
        .toString('utf8')
        .split('\n')
        .filter((text) => /^\d{4}-\d\d-\d\d /.test(text))
        .map((text) => ({ at: text.slice(0, 23), text }));
    } finally {
      closeSync(file);
    }
  }

  /** What an operator would be woken for. */
  errors(): LogLine[] {
    return this.lines().filter(({ text }) => / (ERROR|CRITICAL|TRACE) /.test(text.slice(0, 60)));
  }

  /** Ids of the messages in which the driver warned of something or complained, each once. */
  said(): string[] {
    const ids = this.lines().flatMap(({ text }) => /MSGID\d{4}-[WE]/.exec(text)?.[0] ?? []);
    return [...new Set(ids)];
  }

  forget(): void {
    this.start = statSync(this.file).size;
  }
}

/** Now, as the log writes it. */
export function stamp(): string {
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').slice(0, 23);
}
