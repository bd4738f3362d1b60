/** undo, on-failure, retry, for-each: what lint says of them, and what compile makes of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { actions } from '../../lib/actions/index.ts';
import { hashOf } from '../../lib/canonical.ts';
import { compile } from '../../lib/runbook/compile.ts';
import { itemsIn } from '../../lib/runbook/each.ts';
import { irreversible } from '../../lib/runbook/irreversible.ts';
import { lintRunbook, loadRunbook } from '../../lib/runbook/load.ts';
import { problemLine } from '../../lib/yaml.ts';
import { configOf, openLab } from '../actions/lab.ts';

const lab = openLab();
const facts = await lab.facts();
const shipped = (name: string) => readFileSync(`runbooks/${name}.yml`, 'utf8');
const drill = shipped('drill-copy');
const compiled = (source: string) =>
  compile({
    run: 'r-0123456789',
    runbook: loadRunbook({ file: 'mine.yml', text: source }),
    source,
    service: lab.service,
    config: configOf(lab),
    facts,
    actions,
  });

const head = `runbook: mine
title: { ko: 훈련, en: Mine }
drillType: isolated-copy
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 2h, runWithin: 8h }
params: { names: [a, b], twice: [a, a], one: a }
`;
const split = `steps:
  - id: split
    uses: clone/split
    with: { group: "\${{ service.drill.group }}" }
`;
const back = `always:
  - id: back
    uses: clone/resync
    undoes: split
    with: { group: "\${{ service.drill.group }}" }
`;
const undo = `    undo: { uses: clone/resync, with: { group: "\${{ service.drill.group }}" } }\n`;
const checks = (more: string) => `steps:
  - id: check
    uses: check/all
    with: { checks: "\${{ service.checks }}" }
${more}`;
const another = `uses: check/all, with: { checks: "\${{ service.checks }}" }`;
const lint = (text: string) =>
  lintRunbook({ file: 'mine.yml', text: head + text }, actions).map((one) => problemLine(one));

test.each<[string, string, string]>([
  [
    'an undo by another action',
    `${split}    undo: { uses: servers/delete }\n${back}`,
    'mine.yml:11:19: undo: clone/split is not undone by servers/delete; did you mean clone/resync?',
  ],
  [
    'an undo of what cannot be taken back',
    checks(`    undo: { uses: check/all, with: { checks: "\${{ service.checks }}" } }\n`),
    'irreversible: check/all cannot be taken back',
  ],
  ['an undo in always', split + back + undo, 'mine.yml:16:5: undo: an always step is not undone'],
  [
    'an input of an undo that is none',
    split + undo.replace('{ group:', '{ groop: 1, group:') + back,
    'unknown-key: clone/resync has no input groop; did you mean group?',
  ],
  [
    'on-failure: undo with nothing to undo',
    `${split}    on-failure: undo\n${back}`,
    'mine.yml:11:17: on-failure: no step of this runbook has an undo; did you mean pause?',
  ],
  [
    'on-failure: continue in always',
    `${split}${back}    on-failure: continue\n`,
    'on-failure: what is left behind must be seen by people; did you mean pause?',
  ],
  [
    'a retry of what sends',
    `${split}    retry: { attempts: 3, backoff: 10s }\n${back}`,
    'mine.yml:11:5: retry: clone/split is not safe to repeat; without retry people decide',
  ],
  [
    'six tries',
    checks('    retry: { attempts: 6, backoff: 10s }\n'),
    'mine.yml:11:24: value: steps[0].retry.attempts: Too big: expected number to be <=5, found 6',
  ],
  [
    'for-each over a text',
    checks(`    for-each: "\${{ service.id }}"\n`),
    'mine.yml:11:15: for-each: for-each takes a list, service.id is none',
  ],
  [
    'for-each over a number',
    checks(`    for-each: "\${{ 3 }}"\n`),
    'mine.yml:11:15: for-each: for-each takes a list, 3 is none',
  ],
  [
    'for-each over a param that is no list',
    checks(`    for-each: "\${{ params.one }}"\n`),
    'mine.yml:11:15: for-each: for-each takes a list, it is "a"',
  ],
  [
    'for-each with a key twice',
    checks(`    for-each: "\${{ params.twice }}"\n`),
    'mine.yml:11:15: for-each: items 1 and 2 of for-each have the key a',
  ],
  [
    'for-each with text around it',
    checks(`    for-each: "all \${{ params.names }}"\n`),
    'for-each takes one expression and nothing around it; did you mean $',
  ],
  [
    'for-each over a name that is none',
    checks(`    for-each: "\${{ service.serves }}"\n`),
    'mine.yml:11:15: expression: service has no serves; did you mean service.servers?',
  ],
  [
    'for-each of people',
    `steps:
  - id: ask
    uses: people/confirm
    for-each: "\${{ params.names }}"
    with: { role: dba }
`,
    'mine.yml:10:5: for-each: people/confirm asks people once; name what it is about in the instruction',
  ],
  [
    'item outside of for-each',
    checks('').replace('service.checks', 'item.checks'),
    'mine.yml:10:21: expression: item is known only to the inputs of a step with for-each',
  ],
  [
    'too many side by side',
    checks('    parallel: 65\n'),
    'mine.yml:11:15: value: steps[0].parallel: Too big: expected number to be <=64, found 65',
  ],
  [
    'steps that wait for each other',
    `${checks('    needs: [two]\n')}  - { id: two, ${another}, needs: [check] }\n`,
    'mine.yml:11:13: needs: check would wait for itself: check -> two -> check; did you mean []?',
  ],
  [
    'an always step that needs a forward one',
    `${split}${back}    needs: [split]\n`,
    'needs: split is over, well or not, when always begins; did you mean []?',
  ],
  [
    'a step that needs an undo',
    `${split}${undo}  - { id: check, ${another}, needs: [undo-split] }\n${back}`,
    'needs: undo-split runs only when the run is undone; did you mean split?',
  ],
  [
    'the name of an undo',
    `${split}${undo}  - { id: undo-split, ${another} }\n${back}`,
    'duplicate-id: undo-split is the name of the undo of split',
  ],
])('lint: %s', (_, text, wanted) => {
  const lines = lint(text);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(wanted);
});

describe('undo', () => {
  const undone = `${head}${split}${undo}    on-failure: undo\n${back}`;

  it('is a step of its own in the plan from the start, with its calls', () => {
    const plan = compiled(undone);
    expect(plan.steps.map(({ id, phase, undoes }) => [id, phase, undoes])).toEqual([
      ['split', 'forward', undefined],
      ['undo-split', 'undo', 'split'],
      ['back', 'always', 'split'],
    ]);
    const call = plan.calls.find(({ step }) => step === 'undo-split');
    expect(call).toMatchObject({ id: 'undo-split.resync', phase: 'undo', class: 'copy' });
    expect(plan.steps[0]).toMatchObject({ onFailure: 'undo' });
  });

  it('is left out with its step', () => {
    const some = undone
      .replace('    with:', "    if: service.tier == 'none'\n    with:")
      .replace('    undoes:', "    if: service.tier == 'none'\n    undoes:");
    expect(compiled(some).steps).toEqual([]);
  });

  it('of calls that nothing takes back is refused, whatever action makes them', () => {
    const array: Parameters<typeof irreversible>[0] = {
      class: 'data',
      method: 'POST',
      path: '/v1/objects/x',
      holes: [],
      target: 'array:900000040015',
    };
    const hole = [{ name: 'server', call: 'boot.start', pointer: '/server/id' }];
    const table: [object, RegExp | undefined][] = [
      [{ class: 'takeover' }, /takeover/],
      [{ path: '/v1/objects/local-clone-copygroups/G,P,S/actions/restore/invoke' }, /restore/],
      [{ path: '/v1/objects/remote-mirror-copygroups/G/actions/resync/invoke' }, /resync/],
      [{ path: '/v1/objects/remote-mirror-copypairs' }, /initial copy/],
      [{ method: 'DELETE', path: '/v1/objects/ldevs/7' }, /gone/],
      [{ target: 'nova:dr', method: 'DELETE', path: '/servers/1' }, /gone/],
      [
        { target: 'nova:dr', method: 'DELETE', path: '/servers/{{server}}', holes: hole },
        undefined,
      ],
      [{ path: '/v1/objects/local-clone-copygroups/G,P,S/actions/split/invoke' }, undefined],
    ];
    for (const [change, why] of table) {
      const found = irreversible({ ...array, ...change });
      if (why === undefined) expect(found).toBeUndefined();
      else expect(found).toMatch(why);
    }
    const clone = actions.get('clone/split');
    if (clone === undefined) throw new Error('no clone/split');
    const cruel = new Map(actions).set('clone/split', {
      ...clone,
      plan: (input, context) =>
        clone.plan(input, context).map((call) => ({
          ...call,
          path: call.path.replace('/split/', '/resync/'),
        })),
    });
    const runbook = loadRunbook({ file: 'mine.yml', text: undone });
    expect(() =>
      compile({
        run: 'r-1',
        runbook,
        source: undone,
        service: lab.service,
        config: configOf(lab),
        facts,
        actions: cruel,
      }),
    ).toThrow(/^RB-LINT: mine\.yml:11:11: irreversible: split cannot be taken back: a resync/);
  });
});

describe('for-each', () => {
  const each = `${head}steps:
  - id: check
    uses: check/all
    for-each: "\${{ service.checks }}"
    parallel: 3
    with: { checks: ["\${{ item }}"] }
    retry: { attempts: 3, backoff: 5s }
    on-failure: continue
`;

  it('gives each item its key and its input', () => {
    const [step] = compiled(each).steps;
    expect(step).toMatchObject({
      input: {},
      parallel: 3,
      onFailure: 'continue',
      retry: { attempts: 3, backoffMs: 5_000 },
    });
    expect(step?.items?.map(({ key }) => key)).toEqual(lab.service.checks.map(({ id }) => id));
    expect(step?.items?.[0]?.input).toEqual({ checks: [lab.service.checks[0]] });
  });

  it('is refused at its place when the list is empty, no list, too long, or has a key twice', () => {
    const of = (list: string) => () => compiled(each.replace('service.checks', list));
    expect(of('service.checks.filter(c, false)')).toThrow(
      /^RB-LINT: mine\.yml:10:15: for-each: for-each has no items; use if/,
    );
    expect(of("service.tier + 'x'")).toThrow(/10:15: for-each: for-each takes a list, it is/);
    expect(of('service.checks + service.checks')).toThrow(/10:15: for-each: items \d+ and \d+/);
    expect(of('service.checks[99]')).toThrow(/10:15: expression/);
    expect(itemsIn(Array.from({ length: 10_001 }, (_, i) => i))).toEqual({
      fault: 'for-each takes 10000 items, it has 10001',
    });
  });

  it('says of an item with a wrong input where it stands', () => {
    expect(() => compiled(each.replace(/\["(.*item.*)"\]/, '"$1"'))).toThrow(
      /^RB-LINT: mine\.yml:12:21: input: check\/all, input checks/,
    );
  });

  it('keys do not move when the list does, and never meet', () => {
    const item = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.record({ id: fc.string() }),
      fc.record({ name: fc.string(), size: fc.integer() }),
      fc.array(fc.integer()),
    );
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 20 }), (list) => {
        const items = itemsIn(list);
        if ('fault' in items) return;
        const keys = items.map(({ key }) => key);
        expect(new Set(keys).size).toBe(list.length);
        const turned = itemsIn([...list].reverse());
        expect('fault' in turned ? [] : turned.map(({ key }) => key)).toEqual(keys.reverse());
        for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]*$/);
      }),
      { seed: 4 },
    );
  });
});

/** What is sent, when, and under which conditions; not the words, nor which configuration it was. */
function bare(source: string): string {
  const { factsHash: _hash, facts, calls, ...plan } = compiled(source);
  const { hashes: _hashes, ...bound } = facts.bound;
  return hashOf({
    ...{ ...plan, facts: { ...facts, bound } },
    calls: calls.map(({ words: _words, ...call }) => call),
  });
}

test('runbooks that use none of this have the plan they always had', () => {
  expect(bare(drill)).toBe('4f85174ea879ac213e41f4b5d21efcfe9075aa9c9a1bbf7c15bbd83bd0cd3542');
  expect(bare(shipped('copies-resync'))).toBe(
    'b29c280b4789aa087b1ee8e021d7f2ac298e5b4b662c65338541cd2fa39ce903',
  );
});

describe('what an expression makes that no plan can hold', () => {
  it.each(['1.0 / 0.0', '0.0 / 0.0', 'timestamp("2026-01-01T00:00:00Z")', 'duration("5m")'])(
    '%s is an error of the runbook with its place, alone or within text',
    (expression) => {
      const input = (value: string) => `${head}steps:
  - id: copies
    uses: clone/assert
    with: { group: ${JSON.stringify(value)} }
`;
      for (const value of [`\${{ ${expression} }}`, `group \${{ ${expression} }}`]) {
        expect(() => compiled(input(value))).toThrow(/mine\.yml:10:11: expression: an expression/);
      }
    },
  );

  it('is told by lint where a list is made of it', () => {
    const each = `    for-each: "\${{ [null, 'x'] }}"\n`;
    const [problem] = lintRunbook({ file: 'mine.yml', text: head + checks(each) }, actions);
    expect(problem).toMatchObject({ rule: 'for-each' });
  });
});

it.each([['constructor'], ['a'.repeat(64)]])('no step can be called %s', (name) => {
  const text = head + checks('').replace('id: check', `id: ${name}`);
  const [problem] = lintRunbook({ file: 'mine.yml', text }, actions);
  expect(problem).toMatchObject({ rule: 'value', line: 8 });
});

it('what takes a step back is left out with the step', () => {
  const without = drill.replace(
    '    uses: servers/boot\n',
    '    uses: servers/boot\n    if: "false"\n',
  );
  const ids = compiled(without).steps.map(({ id }) => id);
  expect(ids).not.toContain('boot');
  expect(ids).not.toContain('remove');
  expect(ids).toEqual(expect.arrayContaining(['resync', 'clean']));
});
