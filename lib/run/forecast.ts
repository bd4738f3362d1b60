/** How long a run will probably take, from runs of the same runbook for the same service. Pure. */
import type { Head } from './head.ts';

export interface Forecast {
  /** How many runs it is made from. */
  readonly runs: number;
  /** From the order (T2) to the confirmation (T4), or to the end where nobody confirms; ms. */
  readonly tookMs: number;
  /** Forward steps by id; ms. A step that never ended well is left out. */
  readonly steps: Readonly<Record<string, number>>;
}

/** Older runs say less: arrays and services have changed since. */
const RUNS_MAX = 5;

/** Medians of the last runs that ended well; undefined when there is none. `past`: newest first. */
export function forecastOf(head: Head, past: readonly Head[]): Forecast | undefined {
  const alike = past
    .filter(({ run, runbook, service, result }) => {
      const same = runbook.id === head.runbook.id && service.id === head.service.id;
      return run !== head.run && same && result?.result === 'passed';
    })
    .slice(0, RUNS_MAX);
  const took = median(
    alike.flatMap(({ clocks, result }) => spanOf(clocks.t2, clocks.t4 ?? result?.endedAt)),
  );
  if (took === undefined) return undefined;
  const forward = head.steps.filter(({ phase }) => phase === 'forward');
  const steps = forward.flatMap(({ id }): [string, number][] => {
    const ms = median(alike.flatMap((one) => lengthOf(one, id)));
    return ms === undefined ? [] : [[id, ms]];
  });
  return { runs: alike.length, tookMs: took, steps: Object.fromEntries(steps) };
}

function lengthOf({ steps }: Head, id: string): number[] {
  const step = steps.find((one) => one.id === id && one.state === 'done');
  return step === undefined ? [] : spanOf(step.startedAt, step.endedAt);
}

const spanOf = (from: number | undefined, to: number | undefined): number[] =>
  from === undefined || to === undefined || to < from ? [] : [to - from];

/** Of an even number the longer one of the two in the middle: late is worse than early. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
