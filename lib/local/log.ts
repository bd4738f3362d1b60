/** The log of a house: JSON lines in its folder, so that the terminal stays for people. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { iso } from '../clock.ts';
import { type Log, redact } from '../logger.ts';
import type { LocalFolder } from './folder.ts';

export function houseLog(folder: LocalFolder, clock: Clock): Log {
  const file = join(folder.logs, 'house.log');
  const line =
    (level: string) =>
    (message: string, fields: object = {}) => {
      const entry = { at: iso(clock.now()), level, message, ...(redact(fields) as object) };
      appendFileSync(file, `${JSON.stringify(entry)}\n`);
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
