/** Planned times come from runs that are like this one, and from nothing else. */
import { forecastOf } from '../../lib/run/forecast.ts';
import type { Head } from '../../lib/run/head.ts';

type Steps = Readonly<Record<string, readonly [state: 'done' | 'failed', ms: number]>>;

function headOf(
  run: string,
  change: Partial<Head> = {},
  steps: Steps = { boot: ['done', 1_000] },
): Head {
  const name = { ko: 'x', en: 'x' };
  return {
    ...{ v: 1, run, drill: 'DR-2026-001', seq: 9, state: 'ended', openedAt: 0, requester: 'p' },
    ...{ service: { id: 'loans', name }, runbook: { id: 'failover', title: name }, asks: [] },
    steps: Object.entries(steps).map(([id, [state, ms]]) => ({
      ...{ id, title: name, phase: 'forward', state, startedAt: 5_000, endedAt: 5_000 + ms },
    })),
    clocks: { t2: 1_000, t4: 61_000 },
    result: { result: 'passed', reasons: [], endedAt: 91_000 },
    ...change,
  };
}

const mine = headOf('r-mine', { state: 'awaiting-approval' });
const name = { ko: 'x', en: 'x' };

test('the median of runs of the same runbook for the same service that passed', () => {
  const past = [
    mine,
    headOf('r-1', {}, { boot: ['done', 9_000] }),
    headOf('r-2', { clocks: { t2: 1_000 } }, { boot: ['done', 3_000] }),
    headOf('r-3', { clocks: { t2: 1_000, t4: 31_000 } }, { boot: ['failed', 50_000] }),
    headOf('r-4', { service: { id: 'payments', name } }, { boot: ['done', 77_000] }),
    headOf('r-5', { runbook: { id: 'switchover', title: name } }, { boot: ['done', 77_000] }),
    headOf('r-6', { result: { result: 'aborted', reasons: [], endedAt: 2_000 } }),
  ];
  expect(forecastOf(mine, past)).toEqual({ runs: 3, tookMs: 60_000, steps: { boot: 9_000 } });
});

test('nothing is foretold from nothing, and only the last five count', () => {
  expect(forecastOf(mine, [mine])).toBeUndefined();
  const past = Array.from({ length: 9 }, (_, i) =>
    headOf(`r-${i}`, {}, { boot: ['done', i < 5 ? 1_000 : 99_000] }),
  );
  expect(forecastOf(mine, past)).toEqual({ runs: 5, tookMs: 60_000, steps: { boot: 1_000 } });
});
