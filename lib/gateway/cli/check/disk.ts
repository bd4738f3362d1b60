/** Whether promises can be kept: writable, room, and how long an fsync takes. */
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../../random.ts';
import { GatewayError } from '../../errors.ts';
import { type Finding, fault, fine, warning } from './finding.ts';

const MIB = 1024 * 1024;
const LITTLE = 1024 * MIB;
const TOO_LITTLE = 128 * MIB;
/** Each call waits for two of these. */
const SLOW_MS = 50;
const ROUNDS = 5;

export async function checkDisk(folder: string, random: Random): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const room = `${Math.floor(free / MIB)} MiB are free.`;
  const space = { about: 'disk', code: 'GW-DISK-FULL', what: room } as const;
  const took = await fsyncMs(join(folder, `check-${random(6)}`));
  const speed = `An fsync takes ${took.toFixed(1)} ms.`;
  return [
    free < TOO_LITTLE ? fault(space) : free < LITTLE ? warning(space) : fine('disk', room),
    took > SLOW_MS
      ? warning({ about: 'disk', code: 'GW-DISK-SLOW', what: speed })
      : fine('disk', speed),
  ];
}

/** The median of several, on a file of its own beside the log. */
async function fsyncMs(file: string): Promise<number> {
  const times: number[] = [];
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const began = process.hrtime.bigint();
        await handle.appendFile('one line of a log\n');
        await handle.datasync();
        times.push(Number(process.hrtime.bigint() - began) / 1e6);
      }
    } finally {
      await handle.close();
      await rm(file);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('GW-DISK-READONLY', 'The disk takes no line.', { why, cause });
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}
