/**
 * Random lives of two and three centres: requests of every kind, failures, time, restarts. A small
 * number here; DRILLBOOK_PROPERTIES=2000 tries as many of each kind. A failure prints its seed and
 * the shortest life that breaks the invariant.
 */
import * as fc from 'fast-check';
import { live } from './life.ts';
import { KINDS } from './plans.ts';
import { stepsArbitrary } from './steps.ts';

const RUNS = Number(process.env['DRILLBOOK_PROPERTIES'] ?? 6);
const seed = process.env['DRILLBOOK_SEED'];
const LENGTH = 30;

describe.each(KINDS)('random lives of %s', (kind) => {
  it(`break no invariant`, async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary(kind, LENGTH), (steps) => live(kind, steps)),
      { numRuns: RUNS, ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
  }, 3_600_000);
});
