/** Which facts void an approval, and what people are told of it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { actions } from '../../lib/actions/index.ts';
import { hashOf } from '../../lib/canonical.ts';
import { diffFacts } from '../../lib/runbook/diff.ts';
import type { Facts } from '../../lib/runbook/plan.ts';
import { cloneClasses, replicationClasses } from '../../lib/vsp/pairs.ts';
import { takeoverClasses } from '../../lib/vsp/takeover.ts';
import { openLab } from '../actions/lab.ts';

const facts = await openLab().facts();
const classes = {
  replication: replicationClasses,
  clone: cloneClasses,
  takeover: takeoverClasses,
} as const;
const classed = (name: string, value: string): Facts => ({
  ...facts,
  classed: { ...facts.classed, [name]: value },
});
type Json = Facts['bound'][string];

/** Every place in the bound facts where a text or a number stands. */
function leaves(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner as Json, [...path, key]));
}

function changed(value: Json, [key, ...rest]: readonly string[]): Json {
  if (key === undefined) return typeof value === 'number' ? value + 1 : `${String(value)}x`;
  const copy = structuredClone(value) as Record<string, Json>;
  copy[key] = changed(copy[key] as Json, rest);
  return copy as Json;
}

describe('classes of a state table', () => {
  it.each(Object.entries(classes))('%s: their order is total', (name, order) => {
    for (const [i, before] of order.entries()) {
      for (const [j, after] of order.entries()) {
        const wanted = i === j ? 'same' : j < i ? 'better' : 'worse';
        expect(diffFacts(classed(name, before), classed(name, after)).verdict).toBe(wanted);
      }
    }
  });

  it('one that is in no table, or is not there any more, is worse', () => {
    const { replication: _, ...rest } = facts.classed;
    expect(diffFacts(facts, classed('replication', 'wonderful')).verdict).toBe('worse');
    expect(diffFacts(facts, { ...facts, classed: rest }).verdict).toBe('worse');
    expect(diffFacts(facts, classed('novel', 'good')).verdict).toBe('worse');
  });

  it('says from what to what', () => {
    expect(diffFacts(facts, classed('replication', 'suspended')).lines).toEqual([
      'state: replication: replicating -> suspended (worse)',
    ]);
  });
});

describe('bound facts', () => {
  const places = leaves(facts.bound as Json).filter((path) => path.at(-1) !== 'api');

  it('any change at all changes the hash, voids, and is told with old and new', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), (path) => {
        const bound = changed(facts.bound as Json, path) as Facts['bound'];
        // What has no shape is refused elsewhere.
        if (path.at(-1) === 'atTime') return;
        const after = { ...facts, bound };
        expect(hashOf(after)).not.toBe(hashOf(facts));
        const { verdict, lines } = diffFacts(facts, after);
        expect(verdict).toBe('worse');
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) expect(line).toMatch(/^[a-z ]+: .+: .+ -> .+$/);
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it('a better class does not make up for a changed fact', () => {
    const split = classed('clone', 'split');
    const bound = changed(facts.bound as Json, ['network', 'id']) as Facts['bound'];
    expect(diffFacts(split, { ...facts, bound }).verdict).toBe('worse');
  });

  it('thousands of changes are counted, not listed', () => {
    const pairs = Array.from({ length: 3_000 }, (_, i) => ({
      name: `P-${i}`,
      pvol: i,
      svol: i + 10_000,
    }));
    const replication = { ...(facts.bound['replication'] as object), pairs };
    const { lines } = diffFacts(facts, { ...facts, bound: { ...facts.bound, replication } });
    expect(lines.length).toBeLessThan(30);
    expect(lines).toContain('remote copy: and 3000 more changes');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(200);
  });
});

describe('facts are declared by the actions that need them', () => {
  it('guards are named, and their limits are in the plan', async () => {
    const plan = await openLab().plan();
    for (const step of plan.steps) {
      const declared = actions.get(step.uses)?.guarded ?? [];
      const guards = plan.calls.filter((call) => call.step === step.id).flatMap((c) => c.guards);
      for (const { predicate } of guards) expect(declared).toContain(predicate);
    }
    const [journal] = plan.calls
      .flatMap(({ guards }) => guards)
      .filter(({ predicate }) => predicate === 'journal-steady');
    expect(journal?.args['usageAtMost']).toBe(20);
    expect(plan.steps.find(({ id }) => id === 'healthy')?.input).toMatchObject({ lagBelow: '5m' });
  });

  it('each family brings its bound facts and its classes, and nothing else', async () => {
    const always = ['drillable', 'hashes', 'people', 'sites'];
    const families: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
      replication: [['replication'], ['replication']],
      clone: [
        ['clone', 'replication'],
        ['clone', 'replication'],
      ],
      volumes: [
        ['clone', 'replication', 'volumes'],
        ['clone', 'replication'],
      ],
      network: [['network'], []],
      flavors: [['flavors'], []],
    };
    for (const [family, [bound, classed]] of Object.entries(families)) {
      const read = await openLab().facts([family]);
      expect(Object.keys(read.bound).sort()).toEqual([...always, ...bound].sort());
      expect(Object.keys(read.classed).sort()).toEqual([...classed]);
    }
  });
});
