/** A wave: services approved together. Its approval covers the hash of the list of its plans. */
import { hashOf } from '../canonical.ts';
import type { Statement } from '../gateway/protocol.ts';
import type { Plan } from '../runbook/plan.ts';

export type WaveList = NonNullable<Statement['wave']>;

/** What stands as `planHash` in the statements of a wave. */
export const waveHash = (list: WaveList): string => hashOf(list);

/** One plan a statement may be about. */
interface Subject {
  readonly run: string;
  readonly planHash: string;
  readonly factsHash: string;
}

/** The fields in which a statement is about something else than this plan; empty when it fits. */
export function differences(statement: Statement, plan: Subject): string[] {
  const { wave, planHash, factsHash, run } = statement;
  if (wave === undefined) {
    return [
      ...(run === plan.run ? [] : ['run']),
      ...(planHash === plan.planHash ? [] : ['planHash']),
      ...(factsHash === plan.factsHash ? [] : ['factsHash']),
    ];
  }
  // A member's plan hash covers its facts; the list's hash stands for those of all.
  const member = wave.find((one) => one.run === plan.run);
  const once = wave.filter((one) => one.run === plan.run).length === 1;
  return [
    ...(planHash === waveHash(wave) && factsHash === planHash ? [] : ['planHash']),
    ...(once && member?.planHash === plan.planHash ? [] : ['wave']),
  ];
}

/**
 * How long before its end a statement may be given (ms). The members of a wave begin one after
 * another, so its statements hold for collecting and for running together.
 */
export const longestMs = (statement: Pick<Statement, 'wave'>, { approval }: Plan): number =>
  approval.expiresMs + (statement.wave === undefined ? 0 : approval.runWithinMs);
