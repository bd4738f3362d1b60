/**
 * Killed at every boundary: each line of a journal, each line of a gateway's disk, and both sides of
 * every message that changes something. A few by default; DRILLBOOK_BOUNDARIES=changes takes all of
 * these, DRILLBOOK_BOUNDARIES=all every read as well.
 */
import { describe, expect, it } from '@jest/globals';
import { type Boundary, courses, struck, uninterrupted } from './boundaries.ts';

const wanted = process.env['DRILLBOOK_BOUNDARIES'] ?? 'few';
const FEW = 1;

/** What is written down, and what is sent to change something. */
const matters = ({ label }: Boundary): boolean =>
  /^(store\.(append|putLock|claim)|disk|PUT |DELETE )/.test(label) ||
  (label.startsWith('POST ') && !/\/v1\/reads$|sessions|tokens/.test(label));

describe.each(Object.entries(courses))('%s', (_, course) => {
  it('ends as if nothing had been, wherever a process is killed', async () => {
    const whole = await uninterrupted(course);
    expect(whole).toMatchObject({ result: 'passed', violations: [] });
    const chosen = chosenOf(whole.boundaries);
    const bad: string[] = [];
    for (const boundary of chosen) {
      for (const side of ['before', 'after'] as const) {
        const { result, effects, violations } = await struck(course, boundary, side);
        const same = JSON.stringify(effects) === JSON.stringify(whole.effects);
        if (result === 'passed' && same && violations.length === 0) continue;
        const { process: name, label } = boundary;
        bad.push(`${side} ${label} of ${name}: ${result} ${violations.join('; ')}`);
      }
    }
    process.stderr.write(`${chosen.length} of ${whole.boundaries.length} boundaries, both sides\n`);
    expect(bad).toEqual([]);
  }, 3_600_000);
});

function chosenOf(all: readonly Boundary[]): readonly Boundary[] {
  if (wanted === 'all') return all;
  const those = all.filter(matters);
  if (wanted === 'changes') return those;
  return those.filter((_, i) => i % Math.ceil(those.length / FEW) === 0);
}
