/** What is mutated, a group of files at a time, and the tests that must notice. */
export interface Group {
  readonly name: string;
  readonly files: readonly string[];
  /** Quick ones that go through these files: each mutant runs those of them that reach it. */
  readonly tests: readonly string[];
}

const below = (folder: string, ...names: readonly string[]): string[] =>
  names.map((name) => `${folder}/${name}.ts`);
const tests = (folder: string, ...names: readonly string[]): string[] =>
  names.map((name) => `test/${folder}/${name}.test.ts`);

export const groups: readonly Group[] = [
  {
    name: 'approval',
    files: below(
      'lib/approval',
      ...['confirmation', 'evaluate', 'personal', 'statement', 'wave', 'words'],
    ),
    tests: tests('approval', 'evaluate', 'personal', 'statements'),
  },
  {
    name: 'runbook',
    files: below('lib/runbook', 'guards', 'danger', 'diff', 'grants'),
    tests: tests('runbook', 'danger', 'edges'),
  },
  {
    name: 'array',
    files: below('lib/vsp', 'danger', 'predicates', 'pairs', 'takeover'),
    tests: tests('vsp', 'pairs', 'tables'),
  },
  {
    name: 'cloud',
    files: below('lib/openstack', 'danger', 'predicates'),
    tests: tests('openstack', 'tables'),
  },
  {
    name: 'chain',
    files: [...below('lib/run', 'journal'), ...below('lib/evidence', 'verify')],
    tests: [...tests('run', 'journal'), ...tests('evidence', 'trials')],
  },
  {
    name: 'matching',
    files: below('lib/gateway/server', 'checks', 'standing', 'order'),
    tests: tests('gateway', 'order', 'refusals', 'epochs', 'matching'),
  },
  {
    name: 'orders',
    files: [...below('lib/run', 'verbs'), ...below('lib/actions', 'unknown')],
    tests: tests('run', 'tables', 'unknown'),
  },
];
