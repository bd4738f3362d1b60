/** Lint says file, line, column, rule, and what to write instead. */
import { readdirSync, readFileSync } from 'node:fs';
import { actions } from '../../lib/actions/index.ts';
import { lintRunbook, loadRunbook } from '../../lib/runbook/load.ts';
import { problemLine } from '../../lib/yaml.ts';

const shipped = readFileSync('runbooks/drill-copy.yml', 'utf8');
const lint = (text: string) =>
  lintRunbook({ file: 'mine.yml', text }, actions).map((problem) => problemLine(problem));

const head = `runbook: mine
title: { ko: 우리 은행 재해복구 모의훈련, en: Mine }
drillType: isolated-copy
replication: [UR]
approval: { people: 2, role: dr-approver, expires: 2h, runWithin: 8h }
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

test('the shipped runbooks have no fault and are named as their files', () => {
  for (const name of readdirSync('runbooks')) {
    const source = { file: name, text: readFileSync(`runbooks/${name}`, 'utf8') };
    expect(lintRunbook(source, actions)).toEqual([]);
    expect(`${loadRunbook(source, actions).runbook}.yml`).toBe(name);
  }
});

test.each<[string, string, string]>([
  [
    'a key that is none',
    `${head}${split}    witin: 5m\n`,
    'mine.yml:10:5: unknown-key: steps[0].witin is not a key here; did you mean within?',
  ],
  [
    'a key at the top',
    `${head}alway: []\n${split}`,
    'mine.yml:6:1: unknown-key: alway is not a key here; did you mean always?',
  ],
  [
    'an action that is none',
    head + split.replace('clone/split', 'clone/spilt'),
    'mine.yml:8:11: unknown-action: there is no action clone/spilt; did you mean clone/split?',
  ],
  [
    'an input that is none',
    head + split.replace('{ group:', '{ atTme: true, group:') + back,
    'mine.yml:9:13: unknown-key: clone/split has no input atTme; did you mean atTime?',
  ],
  [
    'an input of another kind',
    head + split.replace('{ group:', '{ atTime: 1, group:') + back,
    'mine.yml:9:21: input: clone/split, input atTime: Invalid input: expected boolean, received number',
  ],
  [
    'a missing input',
    head + split.replace(`{ group: "\${{ service.drill.group }}" }`, '{}') + back,
    'mine.yml:9:11: input: clone/split, input group: Invalid input: expected string, received undefined',
  ],
  [
    'a name no service has',
    head + split.replace('drill.group', 'dril.group') + back,
    'mine.yml:9:20: expression: service has no dril; did you mean service.drill?',
  ],
  [
    'a name deeper down',
    head + split.replace('drill.group', 'drill.grup') + back,
    'mine.yml:9:20: expression: service.drill has no grup; did you mean service.drill.group?',
  ],
  [
    'a root that is none',
    head + split.replace('service.drill', 'servce.drill') + back,
    'mine.yml:9:20: expression: there is no servce in expressions; did you mean service?',
  ],
  [
    'a param that is none',
    head + split.replace('service.drill.group', 'params.group') + back,
    'mine.yml:9:20: expression: params has no group',
  ],
  [
    'a step that is none in needs',
    `${head}${split}    needs: [splt]\n${back}`,
    'mine.yml:10:13: needs: there is no step splt here; did you mean []?',
  ],
  [
    'a step that needs itself',
    `${head}${split}    needs: [split]\n${back}`,
    'mine.yml:10:13: needs: split does not stand above this step; did you mean []?',
  ],
  [
    'an id twice',
    `${head}${split}  - { id: split, uses: people/confirm, with: { role: x } }\n${back}`,
    'mine.yml:10:11: duplicate-id: the id split stands already in line 7',
  ],
  [
    'undoes in a forward step',
    `${head}${split}    undoes: split\n${back}`,
    'mine.yml:10:5: undoes: only always steps undo others',
  ],
  [
    'undoes by the wrong action',
    `${head}${split}always:\n  - { id: back, uses: servers/delete, undoes: split }\n`,
    'mine.yml:11:23: undoes: clone/split is not undone by servers/delete; did you mean clone/resync?',
  ],
  [
    'an on-failure that is none',
    `${head}${split}    on-failure: contine\n${back}`,
    'mine.yml:10:17: value: steps[0].on-failure: Invalid option: expected one of ' +
      '"pause"|"undo"|"continue", found "contine"; did you mean continue?',
  ],
  [
    'a duration that is none',
    head.replace('2h', '2 hours') + split,
    'mine.yml:5:52: value: approval.expires: a duration such as 90s, 15m or 8h, found "2 hours"',
  ],
  [
    'a kind of drill that is none',
    head.replace('isolated-copy', 'isolated-cpy') + split,
    'mine.yml:3:12: value: drillType: Invalid option: expected one of "tabletop"|"component"|' +
      '"isolated-copy"|"planned-switch"|"unplanned-switch"|"real-disaster"|"maintenance", ' +
      'found "isolated-cpy"; did you mean isolated-copy?',
  ],
  [
    'a title in one language',
    head.replace(', en: Mine', '') + split,
    'mine.yml:2:8: missing: title.en: Invalid input: expected string, received undefined, found nothing',
  ],
])('%s', (_, text, wanted) => {
  expect(lint(text)).toEqual([wanted]);
});

const leftSplit =
  'mine.yml:8:11: undone: no step in always takes back split; ' +
  'did you mean uses: clone/resync, undoes: split?';

test.each<[string, string, string[]]>([
  ['nothing in always', '', [leftSplit]],
  [
    'other things in always',
    'always:\n  - { id: clean, uses: inventory/assert-clean }\n',
    [leftSplit],
  ],
  [
    'an undo of a step that is none',
    back.replace('undoes: split', 'undoes: splat'),
    [leftSplit, 'mine.yml:13:13: undoes: there is no step splat; did you mean split?'],
  ],
  [
    'a reversal that names no step',
    back.replace(/ +undoes.*\n/, ''),
    [
      leftSplit,
      'mine.yml:12:11: undoes: clone/resync in always must name the step it undoes; ' +
        'did you mean undoes: split?',
    ],
  ],
  [
    'an undo that may be left out',
    `${back}    if: service.tier == 'gold'\n`,
    [leftSplit.replace('back split', 'back split in any case')],
  ],
])('a split with %s is refused', (_, always, wanted) => {
  expect(lint(head + split + always)).toEqual(wanted);
});

test('a step and its undo may be left out together', () => {
  const ifGold = "    if: service.tier == 'gold'\n";
  expect(lint(head + split + ifGold + back + ifGold)).toEqual([]);
});

test('servers that are booted and never deleted are refused', () => {
  const text = shipped.replace(/ {2}- id: remove\n(?: {4}.*\n)+/, '');
  expect(text).not.toBe(shipped);
  expect(lint(text)).toEqual([
    expect.stringContaining('undone: no step in always takes back boot'),
  ]);
});

test('one approver is none', () => {
  expect(lint(head.replace('people: 2', 'people: 1') + split + back)).toEqual([
    expect.stringMatching(/^mine\.yml:5:21: value: approval\.people: .*>=2/),
  ]);
});

test('an undo of a call that cannot be taken back is refused', () => {
  const text = shipped.replace('undoes: boot', 'undoes: verify');
  expect(lint(text)).toEqual([
    expect.stringContaining('undone: no step in always takes back boot'),
    expect.stringMatching(/^mine\.yml:\d+:13: irreversible: check\/all cannot be taken back$/),
  ]);
});

test('broken YAML and double keys: line and column, and nothing is started', () => {
  expect(lint(`${head}steps: [\n`)).toEqual([expect.stringMatching(/^mine\.yml:\d+:\d+: yaml: /)]);
  expect(lint(`${head}${head}`)[0]).toMatch(/^mine\.yml:6:1: yaml: Map keys must be unique/);
  expect(() => loadRunbook({ file: 'mine.yml', text: `${head}${split}    witin: 5m\n` })).toThrow(
    /^RB-LINT: mine\.yml:10:5/,
  );
});

test('every fault of a file is told at once, in its order', () => {
  const text = `${head}${split.replace('clone/split', 'x/y').replace('service', 'svc')}    needs: [z]\n`;
  expect(lint(text).map((line) => line.split(':')[1])).toEqual(['8', '9', '10']);
});

test('Korean with spaces survives', () => {
  const { title } = loadRunbook({ file: 'mine.yml', text: head + split + back }, actions);
  expect(title.ko).toBe('우리 은행 재해복구 모의훈련');
});
