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
    name: 'who asks may approve',
    rules: [1],
    edits: [
      {
        file: 'lib/approval/evaluate.ts',
        find: "decision.verb === 'approve' && decision.person === request.requester",
        replace: "decision.verb === 'approve' && decision.person === ''",
      },
    ],
    seeds: 40,
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
    seeds: 40,
  },
  {
    name: 'who has left has approved all the same',
    rules: [2],
    edits: [
      {
        file: 'lib/run/moves/approve.ts',
        find: 'const lost = await lostStandings(session);',
        replace: 'const lost: string[] = [];',
      },
    ],
    seeds: 40,
  },
  {
    name: 'what is accepted may be lost with the power',
    rules: [3],
    edits: [
      {
        file: 'lib/gateway/server/disk/appender.ts',
        find: 'await handle.datasync();',
        replace: '',
      },
    ],
    seeds: 20,
  },
  {
    name: 'copies are resynced under running servers',
    rules: [4],
    edits: [
      {
        file: 'lib/run/decide/backward.ts',
        find: "(phase === 'undo' ? lastFirst(state, plan, steps) : steps).find(",
        replace: `(phase === 'undo' ? lastFirst(state, plan, steps) : [...steps].sort(
    (a, b) => Number(b.uses === 'clone/resync') - Number(a.uses === 'clone/resync'))).find(`,
      },
      {
        file: 'lib/actions/clone/resync.ts',
        find: '...clone.pairs.map((pair) => pathGuard(site, pair.svol)),',
        replace: '',
      },
      {
        file: 'lib/actions/clone/resync.ts',
        find: '...copies.map((volume) => volumeFreeGuard(site, volume.copyVolume)),',
        replace: '',
      },
      {
        file: 'lib/actions/clone/resync.ts',
        find: 'if (users.length > 0) return',
        replace: 'if (users.length < 0) return',
      },
    ],
    seeds: 20,
  },
  {
    name: 'DR is opened while main may write',
    rules: [5],
    edits: [
      {
        file: 'lib/actions/replication/takeover.ts',
        find: 'guards: takeoverGuards(site, bound, given.data),',
        replace: 'guards: [],',
      },
      {
        file: 'lib/actions/replication/takeover.ts',
        find: "if (links.includes('NML') || active > 0) {",
        replace: 'if (active < 0) {',
      },
    ],
    seeds: 40,
  },
  {
    name: 'who lost the unit goes on',
    rules: [5],
    edits: [
      {
        file: 'lib/gateway/server/epochs.ts',
        find: 'if (epoch >= known && !taken) return;',
        replace: 'return;',
      },
      {
        file: 'lib/run/moves/locks.ts',
        find: 'if (now === undefined || now.epoch <= epoch) return;',
        replace: 'return;',
      },
    ],
    seeds: 40,
  },
  {
    name: 'what somebody else did counts as done',
    rules: [6],
    edits: [
      {
        file: 'lib/actions/clone/split.ts',
        find: "preexisting: 'refuse',",
        replace: "preexisting: 'accept',",
      },
    ],
    seeds: 40,
  },
  {
    name: 'what was skipped has passed',
    rules: [7],
    edits: [
      {
        file: 'lib/run/decide/result.ts',
        find: "return passedOver.length > 0 ? 'conditional' : 'passed';",
        replace: "return 'passed';",
      },
    ],
    seeds: 40,
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
    seeds: 20,
  },
  {
    name: 'no answer counts as an answer',
    rules: [9],
    edits: [
      {
        file: 'lib/run/moves/calls.ts',
        find: "return asked.state === 'void' ? 'void' : 'lost';",
        replace: "return asked.state === 'void' ? 'void' : 'answered';",
      },
    ],
    seeds: 40,
  },
  {
    name: 'nobody can give an order without Slack',
    rules: [10],
    edits: [
      {
        file: 'lib/slack/directory.ts',
        find: "if (origin.via !== 'slack') {",
        replace: "if (origin.via === 'api') {",
      },
    ],
    seeds: 10,
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
    seeds: 40,
  },
  {
    name: 'a directory that is silent means yes',
    rules: [12],
    edits: [
      {
        file: 'lib/approval/evaluate.ts',
        find: 'for (const rule of rules) {',
        replace: `const known = at.standing.state === 'known';
  for (const rule of rules.filter(({ code }) => known || !/-(DIRECTORY|ROLE)$/.test(code))) {`,
      },
    ],
    seeds: 40,
  },
  {
    name: 'a gateway reads whatever address it is given',
    rules: [13],
    edits: [
      {
        file: 'lib/gateway/server/reads.ts',
        find: 'probes.urls.includes(path)',
        replace: "(probes.urls.includes(path) || path !== '')",
      },
    ],
    seeds: 20,
  },
];
