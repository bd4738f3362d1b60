/** What is mutated, and the tests that must notice: each mutant loads all of them, so few and quick. */
export interface Module {
  readonly group: string;
  readonly file: string;
  readonly tests: readonly string[];
}

const on = (group: string, file: string, ...tests: readonly string[]): Module => ({
  group,
  file: `lib/${file}.ts`,
  tests: tests.map((name) => `test/${name}.test.ts`),
});

/** Group by group, in a group the quick ones first. */
export const modules: readonly Module[] = [
  on('approval', 'approval/confirmation', 'approval/statements'),
  on('approval', 'approval/statement', 'approval/statements'),
  on('approval', 'approval/wave', 'approval/statements'),
  on('approval', 'approval/words', 'approval/statements'),
  on('approval', 'approval/skip', 'approval/signing'),
  on('approval', 'approval/personal', 'approval/personal', 'approval/signing'),
  on('approval', 'approval/evaluate', 'approval/evaluate'),
  on('runbook', 'runbook/guards', 'runbook/edges'),
  on('runbook', 'runbook/grants', 'runbook/edges'),
  on('runbook', 'runbook/diff', 'runbook/edges'),
  on('runbook', 'runbook/danger', 'runbook/danger-facts'),
  on('array', 'vsp/pairs', 'vsp/pairs', 'vsp/tables'),
  on('array', 'vsp/takeover', 'vsp/tables'),
  on('array', 'vsp/predicates', 'vsp/tables'),
  on('array', 'vsp/danger', 'vsp/tables'),
  on('cloud', 'openstack/predicates', 'openstack/tables'),
  on('cloud', 'openstack/danger', 'openstack/tables'),
  on('chain', 'run/journal', 'run/journal', 'run/hostile'),
  on('chain', 'evidence/verify', 'evidence/trials', 'evidence/signers'),
  on('orders', 'run/verbs', 'run/tables'),
  on('orders', 'actions/unknown', 'run/unknown', 'run/tables', 'run/decide'),
  on('matching', 'gateway/server/standing', 'gateway/matching'),
  on('matching', 'gateway/server/order', 'gateway/after', 'gateway/checks'),
  on('matching', 'gateway/server/checks', 'gateway/checks', 'gateway/matching'),
];
