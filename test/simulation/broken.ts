/**
 * Deliberately broken builds: each takes one promise out of the program, as a patch to its source.
 * The simulation must say which rule broke; a simulation that finds nothing here proves nothing.
 * Where two walls stand one behind the other, both are taken down: one alone holds.
 */
export interface Broken {
  /** What was taken out. */
  readonly name: string;
  /** Rules of which one must be reported. */
  readonly rules: readonly number[];
  readonly edits: readonly {
    readonly file: string;
    /** Found exactly once in the file. */
    readonly find: string;
    readonly replace: string;
  }[];
  /** Seeds among which it shows; the first that does ends the search. */
  readonly seeds: number;
}

export const brokenBuilds: readonly Broken[] = [
  {
    name: 'one person is enough',
    rules: [1],
    edits: [
      {
        file: 'lib/run/decide/approving.ts',
        find: 'person)).size >= approval.people)',
        replace: 'person)).size >= 1)',
      },
    ],
    seeds: 5,
  },
  {
    name: 'what was approved may change',
    rules: [2],
    edits: [
      {
        file: 'lib/runbook/diff.ts',
        find: "const worse = bound.length > 0 || classed.some((one) => one.verdict === 'worse');",
        replace: 'const worse = false;',
      },
    ],
    seeds: 150,
  },
  {
    name: 'refusals are not written down',
    rules: [8],
    edits: [
      {
        file: 'lib/run/moves/intake.ts',
        find: 'await session.append({ ...event, cause: causeOf(item.delivery) });',
        replace:
          "if (event.type !== 'refused') await session.append({ ...event, cause: causeOf(item.delivery) });",
      },
    ],
    seeds: 40,
  },
  {
    name: 'nobody asks what became of a call',
    rules: [10],
    edits: [
      {
        file: 'lib/run/moves/calls.ts',
        find: 'const early = known.putBy - engine.clock.now();',
        replace: 'const early = known.putBy;',
      },
    ],
    seeds: 30,
  },
  {
    name: 'the gateway does not look for itself',
    rules: [11],
    edits: [
      {
        file: 'lib/gateway/server/guards.ts',
        find: 'await Promise.all(guards.map((guard) => readGuard(parts, guard)));',
        replace:
          'await Promise.all(guards.slice(guards.length).map((guard) => readGuard(parts, guard)));',
      },
    ],
    seeds: 5,
  },
  {
    name: 'the gateway takes approvals as they come',
    rules: [1, 8, 11, 12],
    edits: [
      {
        file: 'lib/gateway/server/approvals.ts',
        find: "    assertGood(parts, { plan, planHash, decision: 'approve' }, signed);",
        replace: '',
      },
    ],
    seeds: 60,
  },
];
