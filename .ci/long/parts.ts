/** The commands of a night that come in many parts, so that it can be stopped and goes on where it was. */
import { readdirSync } from 'node:fs';

export interface Part {
  /** Under which it is remembered as done. */
  readonly key: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export const jest = (...files: readonly string[]): string[] => [
  ...['node', '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  // What `npm test` leaves out is not left out here.
  ...['node_modules/jest/bin/jest.js', '--testPathIgnorePatterns=none', '--maxWorkers=1', ...files],
];

const SIMULATE = ['node', '--import', 'tsx', 'test/simulation/cli.ts'];
export const SCENARIOS = ['node', '--import', 'tsx', 'test/matrix/cli.ts'];

/** What `npm run drill -- --new --runbook <name>` does, each in a folder of its own. */
export function rehearsalParts(short: boolean): Part[] {
  const names = readdirSync('runbooks').map((file) => file.replace(/\.yml$/, ''));
  return names.slice(0, short ? 1 : names.length).map((name) => ({
    key: `drill ${name}`,
    command: [
      ...['node', '--import', 'tsx', 'handlers/cli.ts', 'drill', '--new', '--runbook', name],
      ...['--state', `.drillbook/night/state-${name}`, '--ports', '28400'],
    ],
    env: {},
  }));
}

/** Of each runbook in so many parts; in a short night a few places of each. */
const COURSES = [
  ['drill-copy', 8],
  ['copies-resync', 2],
  ['takeover', 1],
  ['switchover', 4],
  ['failover', 2],
  ['adopt', 1],
  ['config-compare', 1],
  ['config-export', 1],
  ['protect-volumes', 1],
  ['protect', 1],
] as const;
const EQUAL_OF_A_PART = 10;

export function boundaryParts(short: boolean, draw: string): Part[] {
  return COURSES.flatMap(([course, parts]) =>
    Array.from({ length: short ? 1 : parts }, (_, i) => {
      const share = short ? ['--states', '2'] : ['--part', `${i + 1}/${parts}`];
      const equal = ['--equal', String(short ? 1 : EQUAL_OF_A_PART), '--draw', draw];
      return {
        key: `${course} ${i + 1} of ${parts}`,
        command: [...SIMULATE, '--boundaries', course, ...share, ...equal],
        env: {},
      };
    }),
  );
}

/** 200 kills, ten to a drill; in a short night one. */
const [KILLS, KILLS_OF_A_DRILL, KILLS_OF_A_PART] = [200, 10, 50];

export function killParts(short: boolean, drawn: Readonly<Record<string, string>>): Part[] {
  return Array.from({ length: short ? 1 : KILLS / KILLS_OF_A_PART }, (_, i) => ({
    key: `kills ${i + 1}`,
    command: jest('test/kills'),
    env: {
      ...drawn,
      DRILLBOOK_KILLS: String(short ? 1 : KILLS_OF_A_PART),
      DRILLBOOK_FIRST_DRILL: String((i * KILLS_OF_A_PART) / KILLS_OF_A_DRILL),
    },
  }));
}

export function seedParts([all, each]: readonly [number, number]): Part[] {
  return Array.from({ length: Math.ceil(all / each) }, (_, i) => {
    const first = 1 + i * each;
    const range = ['--first', String(first), '--seeds', String(each)];
    return {
      key: `seeds ${first} to ${first + each - 1}`,
      command: [...SIMULATE, ...range],
      env: {},
    };
  });
}

export function disasterParts([all, each]: readonly [number, number]): Part[] {
  return Array.from({ length: Math.ceil(all / each) }, (_, i) => {
    const first = 1 + i * each;
    const range = ['--seed', String(first), '--disasters', String(each)];
    return {
      key: `disasters ${first} to ${first + each - 1}`,
      command: [...SCENARIOS, ...range],
      env: {},
    };
  });
}
