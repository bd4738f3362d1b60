/**
 * One time for all processes of one machine. It runs `factor` times as fast as the wall clock and
 * goes on where it stopped: a house that was down for a night has not slept through its approvals.
 */
import { type Clock, type ClockSettings, scaledClock, systemClock } from '../clock.ts';
import type { LocalFolder } from './folder.ts';

/** A drill of half an hour takes a minute and a half; `--real-time` is 1. */
export const DRILL_FACTOR = 20;
const NOTE = 'clock.json';
const NOTE_EVERY_REAL_MS = 500;

export interface HouseTime {
  readonly settings: ClockSettings;
  readonly clock: Clock;
  /** Stops noting the time. */
  stop(): void;
}

export function houseTime(folder: LocalFolder, factor: number): HouseTime {
  const real = systemClock();
  const realStartMs = real.now();
  const noted = Number(folder.read(NOTE) ?? realStartMs);
  const virtualStartMs = factor === 1 ? Math.max(noted, realStartMs) : noted;
  const settings = { realStartMs, virtualStartMs, factor };
  const clock = scaledClock(settings);
  const ended = new AbortController();
  void noteTime();
  async function noteTime(): Promise<void> {
    while (!ended.signal.aborted) {
      folder.write(NOTE, String(clock.now()));
      await real.sleep(NOTE_EVERY_REAL_MS, ended.signal);
    }
  }
  return { settings, clock, stop: () => ended.abort() };
}
