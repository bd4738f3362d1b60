/** A plan is exact calls; the same input gives the same hash. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { actions } from '../../lib/actions/index.ts';
import { compile, planHash } from '../../lib/runbook/compile.ts';
import { evaluateIn } from '../../lib/runbook/expressions.ts';
import { loadRunbook } from '../../lib/runbook/load.ts';
import { runbookJsonSchema } from '../../lib/runbook/schema.ts';
import { keysAt } from '../../lib/schema-keys.ts';
import { configOf, openLab } from '../actions/lab.ts';

const lab = openLab();
const facts = await lab.facts();
const drill = readFileSync('runbooks/drill-copy.yml', 'utf8');

const compiled = (source: string, change: Partial<Parameters<typeof compile>[0]> = {}) =>
  compile({
    run: 'r-0123456789',
    runbook: loadRunbook({ file: 'mine.yml', text: source }),
    source,
    service: lab.service,
    config: configOf(lab),
    facts,
    actions,
    ...change,
  });

test('the same input gives the same hash; another run, runbook or fact another', () => {
  const hash = planHash(compiled(drill));
  expect(planHash(compiled(drill))).toBe(hash);
  expect(planHash(compiled(drill, { run: 'r-9876543210' }))).not.toBe(hash);
  expect(planHash(compiled(`${drill}# note\n`))).not.toBe(hash);
  const other = { ...facts, classed: { ...facts.classed, replication: 'copying' } };
  expect(planHash(compiled(drill, { facts: other }))).not.toBe(hash);
});

test('the drill: steps in order, undo in always, limits in milliseconds', () => {
  const plan = compiled(drill);
  expect(
    plan.steps.map((step) => [step.id, step.needs.join(), step.phase, step.withinMs / 60_000]),
  ).toEqual([
    ['healthy', '', 'forward', 10],
    ['copies', 'healthy', 'forward', 5],
    ['split', 'copies', 'forward', 75],
    ['isolated', 'split', 'forward', 2],
    ['boot', 'isolated', 'forward', 30],
    ['database', 'boot', 'forward', 15],
    ['verify', 'database', 'forward', 15],
    ['business', 'verify', 'forward', 60],
    ['remove', '', 'always', 30],
    ['resync', 'remove', 'always', 360],
    ['clean', 'resync', 'always', 5],
  ]);
  expect(plan).toMatchObject({ unit: 'PAY01+PAY01-DRILL', class: 'copy', sites: ['main', 'dr'] });
  expect(plan.approval).toEqual({
    people: 2,
    role: 'dr-approver',
    expiresMs: 7_200_000,
    runWithinMs: 28_800_000,
  });
});

test('one call splits all pairs; per server volumes, ports, start; mirrored at the end', () => {
  const plan = compiled(drill);
  const ids = (step: string) =>
    plan.calls.filter((call) => call.step === step).map((call) => call.id);
  expect(ids('split')).toEqual(['split.split']);
  expect(ids('boot')).toHaveLength(12 + 4 + 4);
  expect(ids('remove')).toHaveLength(12 + 4 + 4);
  const start = plan.calls.find((call) => call.id === 'boot.start-pay-app1');
  expect(start?.after).toEqual([
    'boot.unpark-pay-app1-1',
    'boot.unpark-pay-app1-2',
    'boot.port-pay-app1-1',
    'boot.start-pay-db1',
    'boot.start-pay-mq1',
  ]);
  expect(start?.holes).toEqual([
    { name: 'port1', call: 'boot.port-pay-app1-1', pointer: '/port/id' },
  ]);
});

test('calls stand after calls that stand above them, holes name calls that make something', () => {
  const plan = compiled(drill);
  const ids = plan.calls.map((call) => call.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [i, call] of plan.calls.entries()) {
    for (const before of call.after) expect(ids.slice(0, i)).toContain(before);
    for (const hole of call.holes) {
      expect(plan.calls.find((one) => one.id === hole.call)?.creates).toBeDefined();
    }
    expect(call.sends).toBe(1);
    expect(call.words.ko).toMatch(/[가-힣]/);
  }
});

test('every create carries a key of its own, the same each time, of this run only', () => {
  const keys = (run: string) =>
    compiled(drill, { run }).calls.flatMap((call) => call.creates?.key ?? []);
  expect(keys('r-1')).toEqual(keys('r-1'));
  expect(new Set([...keys('r-1'), ...keys('r-2')]).size).toBe(16);
  for (const key of keys('r-1')) expect(key).toMatch(/^drillbook-[0-9a-f]{16}$/);
});

test('the embedded API: POST and the short path', async () => {
  const embedded = Object.assign(openLab(), { api: 'embedded' as const });
  const plan = await embedded.plan();
  const split = plan.calls.find((call) => call.id === 'split.split');
  expect([split?.method, split?.path]).toEqual([
    'POST',
    '/v1/objects/local-clone-copygroups/PAY01-DRILL,PAY01-DRILLP_,PAY01-DRILLS_/actions/split/invoke',
  ]);
});

test.each<[string, (text: string) => string, RegExp]>([
  [
    'another group',
    (text) => text.replace(`"\${{ service.drill.group }}", atTime`, 'IBK01-DRILL, atTime'),
    /^ACT-PLAN: Copy group IBK01-DRILL/,
  ],
  [
    'another network',
    (text) =>
      text.replace(`network: "\${{ service.drill.network }}" }`, `network: "\${{ service.id }}" }`),
    /^ACT-PLAN: Network payments/,
  ],
  [
    'another replication',
    (text) => text.replace('[UR]', '[TC]'),
    /^RB-REPLICATION: drill-copy does not fit payments\..*UR.*TC/,
  ],
  [
    'an expression that gives the wrong kind',
    (text) => text.replace('lagBelow: 5m', `lagBelow: "\${{ service.rtoMinutes }}"`),
    /^RB-LINT: mine\.yml:\d+:\d+: input: replication\/assert, input lagBelow/,
  ],
  [
    'an expression that fails',
    (text) => text.replace('lagBelow: 5m', `lagBelow: "\${{ service.servers[9].name }}"`),
    /^RB-LINT: mine\.yml:\d+:\d+: expression/,
  ],
  [
    'an action that is none',
    (text) => text.replace('uses: check/all', 'uses: check/al'),
    /^RB-LINT: mine\.yml:\d+:11: unknown-action: .*did you mean check\/all\?/,
  ],
])('refused: %s', (_, spoil, message) => {
  expect(() => compiled(spoil(drill))).toThrow(message);
});

test('copies that do not split at one instant are refused', async () => {
  const apart = Object.assign(openLab(), {
    copyGroupOf: (pair: { pvol: number }) => pair.pvol % 2,
  });
  await expect(apart.plan()).rejects.toThrow(
    /^ACT-PLAN: PAY01-DRILL does not split at one instant/,
  );
  const none = Object.assign(openLab(), { copyGroupOf: () => null });
  await expect(none.plan()).rejects.toThrow(/one instant/);
});

test('a pair that belongs to no volume of the service is refused', async () => {
  const stray = openLab();
  stray.pairs.push({
    ...(stray.pairs[0] as (typeof stray.pairs)[0]),
    name: 'PAY01-13',
    pvol: 1800,
    svol: 2800,
    copy: 3800,
    main: 'unknown',
  });
  await expect(stray.plan()).rejects.toThrow(/^ACT-PLAN: Pair copy-PAY01-13/);
});

test('if leaves a step out and hands its needs on', () => {
  const without = compiled(
    drill.replace(
      '  - id: isolated\n',
      `  - id: isolated\n    if: "\${{ service.tier == 'gold' }}"\n`,
    ),
  );
  expect(without.steps.find((step) => step.id === 'boot')?.needs).toEqual(['split']);
  const kept = compiled(
    drill.replace('  - id: isolated\n', '  - id: isolated\n    if: service.rtoMinutes + 1 > 120\n'),
  );
  expect(kept.steps.find((step) => step.id === 'boot')?.needs).toEqual(['isolated']);
  const odd = drill.replace('  - id: isolated\n', '  - id: isolated\n    if: service.tier\n');
  expect(() => compiled(odd)).toThrow(/if must be true or false, it is "platinum"/);
});

test('a value that is wholly an expression keeps its type, text around it makes text', () => {
  const scope = {
    service: { n: 3, list: [1, 'a'], name: { ko: '지급 결제' } },
    site: {},
    params: {},
    facts: {},
  };
  const json = fc
    .jsonValue({ maxDepth: 2 })
    .filter((value) => !JSON.stringify(value).includes('{{'));
  expect(evaluateIn(`\${{ service.n + 1 }}`, scope)).toBe(4);
  expect(evaluateIn({ a: [`\${{ service.list }}`] }, scope)).toEqual({ a: [[1, 'a']] });
  expect(evaluateIn(`업무 \${{ service.name.ko }} / \${{ service.n }}`, scope)).toBe(
    '업무 지급 결제 / 3',
  );
  fc.assert(
    fc.property(json, (value) => {
      expect(evaluateIn(value, scope)).toEqual(value);
    }),
    { seed: 11 },
  );
});

test('config/runbook.schema.json is fresh (node --import tsx .ci/runbook-schema.ts)', () => {
  const text = readFileSync('config/runbook.schema.json', 'utf8');
  expect(JSON.parse(text)).toEqual(runbookJsonSchema(actions.keys()));
});

test('docs/runbooks.md tells of every action and of each of its inputs', () => {
  const text = readFileSync('docs/runbooks.md', 'utf8');
  for (const action of actions.values()) {
    const entry = `- \`${action.name}\`:`;
    expect(text).toContain(entry);
    const section = text.slice(text.indexOf(entry));
    const line = section.slice(0, section.indexOf('\n'));
    for (const input of keysAt(action.input, [], {})) expect(line).toContain(`\`${input}\``);
  }
});
