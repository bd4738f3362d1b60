/** What a night runs: by section the commands, how much of each, and what to tell of them. */
import {
  boundaryParts,
  disasterParts,
  jest,
  killParts,
  type Part,
  rehearsalParts,
  SCENARIOS,
  seedParts,
} from './parts.ts';

export interface Section {
  readonly name: string;
  /** What it shows, for docs/night.md. */
  readonly shows: string;
  readonly parts: readonly Part[];
  /** Lines of the output that are told. */
  readonly tells: RegExp;
  /** One part may take this long (hours). */
  readonly hours: number;
  /** Its parts use both cores or fixed ports: one after another. */
  readonly alone?: boolean;
}

interface Sizes {
  readonly short: boolean;
  /** For what is drawn by chance; printed, so that a night can be had again. */
  readonly seed: string;
}

/** Has few mutants. */
const SMALLEST = 'lib/runbook/grants.ts';

export function sectionsOf({ short, seed }: Sizes): readonly Section[] {
  const much = (whole: number | string, tiny: number | string): string =>
    String(short ? tiny : whole);
  const drawn = { DRILLBOOK_SEED: seed };
  const one = (
    key: string,
    files: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Part => ({ key, command: jest(...files), env });
  const tests = /^\d+ passed, \d+ failed/;
  return [
    {
      name: 'simulate',
      shows: 'engine, gateways, store, Slack and twin under one seed; the thirteen rules hold',
      parts: seedParts(short ? [2, 1] : [10_000, 500]),
      tells: /seeds kept all rules$/,
      hours: 6,
    },
    {
      name: 'boundaries',
      shows: 'every runbook killed at every operation, both sides: ends as if nothing had been',
      parts: boundaryParts(short, seed),
      tells: /boundaries, both sides: /,
      hours: 6,
    },
    {
      name: 'matrix',
      shows: 'every runbook under every named fault: the verdict, the end once mended, no harm',
      parts: [
        {
          key: 'matrix',
          command: [
            ...SCENARIOS,
            ...(short ? ['--runbook', 'drill-copy', '--fault', 'boot-failing'] : []),
          ],
          env: {},
        },
      ],
      tells: / cells, \d+ runbooks x /,
      hours: 6,
    },
    {
      name: 'disasters',
      shows:
        'disasters at random moments, then the right runbook: nothing lost that nobody gave up',
      parts: disasterParts(short ? [2, 1] : [1_000, 100]),
      tells: /disasters came out right$/,
      hours: 6,
    },
    {
      name: 'rehearsals',
      shows: 'every shipped runbook from beginning to end, pack verified, with real processes',
      parts: rehearsalParts(short),
      tells: /^drill .*pack/,
      hours: 1,
      alone: true,
    },
    {
      name: 'node24',
      shows: 'all tests on Node 24',
      parts: [{ key: 'node24', command: ['npm', 'run', '-s', 'test:node24'], env: {} }],
      tells: tests,
      hours: 1,
      alone: true,
    },
    {
      name: 'store-lost',
      shows: 'cloud gone on both sides of every line: finished from the disk of the DR gateway',
      parts: [
        one('store-lost', ['test/scenarios/store-lost.long.test.ts'], {
          DRILLBOOK_BOUNDARIES: much('all', 1),
        }),
      ],
      tells: /^store lost at/,
      hours: 6,
    },
    {
      name: 'broken',
      shows: 'builds with one promise taken out are all found by the simulation',
      parts: [
        one('broken', ['test/simulation/broken.test.ts'], { DRILLBOOK_BROKEN: much('all', 'one') }),
      ],
      tells: tests,
      hours: 6,
    },
    {
      name: 'histories',
      shows: 'random approvals end as rules 1 and 2 say; old journals replay on this engine',
      parts: [
        one('approvals', ['test/approval/histories.test.ts'], {
          DRILLBOOK_HISTORIES: much(200_000, 200),
        }),
        one('released', ['test/histories'], { DRILLBOOK_HISTORIES: much('all', 'few') }),
      ],
      tells: /✓ \d+ histories|^\d+ passed, \d+ failed/,
      hours: 2,
    },
    {
      name: 'properties',
      shows:
        'random lives of centres, smuggled calls, flapping links, two planes, pre-emptions, hazards',
      parts: [
        one('lives', ['test/twin/properties'], { ...drawn, DRILLBOOK_PROPERTIES: much(2_000, 1) }),
        one('smuggled', ['test/runbook/smuggling.test.ts'], {
          DRILLBOOK_SMUGGLED: much(200_000, 50),
        }),
        one('flaps', ['test/gateway/isolation.test.ts'], { DRILLBOOK_FLAPS: much(300, 1) }),
        one('planes', ['test/scenarios/two-planes'], { DRILLBOOK_PLANES: much(50, 1) }),
        one('preemptions', ['test/scenarios/preempt.long.test.ts'], {
          DRILLBOOK_PREEMPTIONS: much('all', 3),
        }),
        one('protection', ['test/scenarios/protect.long.test.ts'], {
          DRILLBOOK_PROTECT: much('all', 'few'),
        }),
        one('hazards', ['test/hazards'], { DRILLBOOK_HAZARDS: much('all', 3) }),
        one('conductors', ['test/conductor/conductor.test.ts'], {
          DRILLBOOK_CONDUCTORS: much('all', 'few'),
        }),
        one('items', ['test/scenarios/foreach.test.ts'], { DRILLBOOK_ITEMS: much(10_000, 100) }),
      ],
      tells: tests,
      hours: 6,
    },
    {
      name: 'mutation',
      shows: 'the program changed in one small place at a time: a test notices',
      parts: [
        {
          key: 'mutation',
          command: ['node', '--import', 'tsx', '.ci/mutation/run.ts', ...(short ? [SMALLEST] : [])],
          env: {},
        },
      ],
      tells: /^ {2}(passed|FAILED) |^\d+ passed, \d+ failed/,
      hours: 6,
      alone: true,
    },
    {
      name: 'kills',
      shows: 'kill -9 of real processes during drills; effects counted by the twin',
      parts: [
        ...killParts(short, drawn),
        one('alone', ['test/gateway/alone-process.long.test.ts'], {
          DRILLBOOK_ALONE_KILLS: much(3, 1),
        }),
      ],
      tells: /kills in \d+ drills|^\d+ passed, \d+ failed/,
      hours: 12,
      alone: true,
    },
    {
      name: 'truncation',
      shows:
        'the gateway’s file cut at every byte of its last records; crash in each step of a write',
      parts: [
        one('truncation', ['test/gateway/truncation.long.test.ts', 'test/gateway/disk.test.ts']),
      ],
      tells: tests,
      hours: 1,
    },
    {
      name: 'fuzz',
      shows: 'anything at runbooks, doors of gateways, the Slack door, packs: no crash, no hang',
      parts: [one('fuzz', ['test/fuzz'], { ...drawn, DRILLBOOK_FUZZ: much(20_000, 20) })],
      tells: / inputs, slowest /,
      hours: 12,
    },
    {
      name: 'soak',
      shows: 'many runs in one process: the memory in use does not grow',
      parts: [
        {
          key: 'soak',
          command: ['node', '--expose-gc', '--import', 'tsx', 'test/soak/run.ts', much(400, 12)],
          env: {},
        },
      ],
      tells: /runs: /,
      hours: 6,
      alone: true,
    },
  ];
}
