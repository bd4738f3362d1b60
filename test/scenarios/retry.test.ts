/** Tries that a runbook asks for, by the journal's times only. */
import { describe, expect, it } from '@jest/globals';
import { openSmall, runbookOf, type Small } from '../support/small.ts';

const retried = runbookOf(`  - id: verify
    uses: check/all
    with: { name: verify }
    retry: { attempts: 4, backoff: 10s }
  - id: other
    uses: check/all
    needs: []
    with: { name: other }
`);

async function times(small: Small, type: 'step.started' | 'step.failed'): Promise<number[]> {
  return (await small.events()).flatMap((event) =>
    event.type === type && event.data.step === 'verify' ? [Date.parse(event.ts)] : [],
  );
}

describe('retry', () => {
  it('waits twice as long each time, then passes', async () => {
    const small = openSmall([]);
    let left = 3;
    small.checks = (name) => name !== 'verify' || left-- <= 0;
    const head = await small.start(retried);
    expect(head.result?.result).toBe('passed');
    const failed = await times(small, 'step.failed');
    const started = await times(small, 'step.started');
    const waits = failed.map((at, i) => Math.round(((started[i + 1] ?? 0) - at) / 1_000));
    expect(waits).toEqual([10, 20, 40]);
  });

  it('asks people when the tries are over, and not before', async () => {
    const small = openSmall([]);
    small.checks = (name) => name !== 'verify';
    const head = await small.start(retried);
    expect(head.pause).toMatchObject({ step: 'verify', refusal: { code: 'RUN-REFUSED' } });
    expect(await times(small, 'step.started')).toHaveLength(4);
    const pauses = (await small.events()).filter(({ type }) => type === 'run.paused');
    expect(pauses).toHaveLength(1);
  });

  it('does not hold up a step beside it', async () => {
    const small = openSmall([]);
    let left = 3;
    small.checks = (name) => name !== 'verify' || left-- <= 0;
    await small.start(retried);
    const events = await small.events();
    const other = events.findIndex(
      (event) => event.type === 'step.finished' && event.data.step === 'other',
    );
    const last = events.findLastIndex(
      (event) => event.type === 'step.started' && event.data.step === 'verify',
    );
    expect(other).toBeLessThan(last);
  });
});
