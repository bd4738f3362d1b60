/** What of a drill is the engine's time, what the gateways', what the arrays' and clouds'. */
import { type NewEvent, parseEvent } from '../../lib/run/events.ts';
import { foldRun } from '../../lib/run/fold.ts';
import { type Own, timed } from './timed.ts';

export interface EngineFigures {
  readonly steps: number;
  readonly lines: number;
  /** Milliseconds of this machine, waits left out, by who had them. */
  readonly own: Own;
  /** How long the drill took (ms of its own clock): what arrays and servers need. */
  readonly drillMs: number;
  /** Milliseconds to add up a journal with so many calls. */
  readonly fold: { readonly calls1000: number; readonly calls10000: number };
}

async function oneDrill(): Promise<Omit<EngineFigures, 'fold'>> {
  return timed({}, async (bank) => {
    const run = await bank.ask('drill payments');
    const begun = bank.clock.now();
    const head = await bank.drive(run);
    if (head.result?.result !== 'passed') throw new Error(`the drill ${head.result?.result}`);
    return { steps: head.steps.length, lines: head.seq, drillMs: head.result.endedAt - begun };
  });
}

const at = { v: 1, run: 'r-bench', ts: '2026-11-22T01:00:00.000Z', prev: '0'.repeat(64) } as const;

/** A journal in which so many calls were handed over and answered, one after the other. */
function journalOf(calls: number) {
  const actor = { id: 'drillbook', kind: 'system' } as const;
  const events = Array.from({ length: calls }, (_, i): NewEvent[] => {
    const call = { step: 'boot', call: `boot.${i}`, attempt: 1, key: `key-${i}` };
    return [
      { type: 'intent', actor, data: { ...call, putBy: 1, epoch: 1 } },
      { type: 'outcome', actor, data: { ...call, state: 'answered', status: 202 } },
    ];
  });
  return events.flat().map((event, i) => {
    const line = { ...event, ...at, seq: i + 1, id: `e-${i}`, evidence: [] };
    return parseEvent(JSON.stringify(line));
  });
}

function foldTime(calls: number): number {
  const events = journalOf(calls);
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    foldRun(events);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[2] ?? 0;
}

export async function measureEngine(): Promise<EngineFigures> {
  // The first drill warms the machine up: it is not the one that counts.
  await oneDrill();
  const drill = await oneDrill();
  return { ...drill, fold: { calls1000: foldTime(1_000), calls10000: foldTime(10_000) } };
}

/** The figures as lines a person reads; all ratios are of this one run. */
export function engineTable({ steps, lines, own, drillMs, fold }: EngineFigures): string[] {
  const { engine, gateways, twin } = own;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const ours = (100 * (engine + gateways)) / drillMs;
  return [
    `a drill of payments: ${steps} steps, ${lines} lines, ${Math.round(drillMs / 1000)} s of its clock`,
    `engine ${ms(engine / steps)} a step, ${ms(engine / lines)} a line`,
    `engine : gateways : twin = 1 : ${(gateways / engine).toFixed(1)} : ${(twin / engine).toFixed(1)}`,
    `share of the drill that is ours rather than the arrays' and servers': ${ours.toFixed(2)} %`,
    `adding up 10,000 calls : 1,000 calls = ${(fold.calls10000 / fold.calls1000).toFixed(1)}` +
      ` (${ms(fold.calls10000)})`,
  ];
}
