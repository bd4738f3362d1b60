/**
 * A copy of the sources with Stryker beside it, in a folder of its own: neither becomes a dependency
 * of the program. Stryker is fetched once and kept for the next time.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const VERSION = '9.6.1';
const PACKAGES = ['core', 'api', 'jest-runner'].map(
  (name) => `@stryker-mutator/${name}@${VERSION}`,
);
const SOURCES = ['lib', 'handlers', 'runbooks', 'config', 'docs', 'package.json', 'tsconfig.json'];

export interface Mutant {
  readonly mutatorName: string;
  readonly status: string;
  /** What failed. */
  readonly statusReason?: string;
  readonly replacement: string;
  readonly location: {
    readonly start: { readonly line: number; readonly column: number };
    readonly end: { readonly line: number; readonly column: number };
  };
}

export interface Report {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

interface Task {
  readonly file: string;
  /** `12:3-12:9`: lines from 1 and columns from 0 of the mutants to try; all when left out. */
  readonly places?: readonly string[];
  readonly tests: readonly string[];
  readonly workers: number;
  /** Beyond what the tests need by themselves. */
  readonly timeoutMs: number;
}

/** Where Stryker lies, installed when it is not there yet. */
function stryker(): string {
  const folder = join(tmpdir(), `drillbook-stryker-${VERSION}`);
  const program = join(folder, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  if (existsSync(program)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const done = spawnSync('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (done.status !== 0) throw new Error(`npm could not install Stryker ${VERSION}`);
  return folder;
}

/** Returns the folder of the copy; the caller removes it. */
export function openWorkshop(): string {
  const copy = mkdtempSync(join(stryker(), 'copy-'));
  for (const name of SOURCES) cpSync(name, join(copy, name), { recursive: true });
  // The rig is Python and sockets; nothing here runs it.
  cpSync('test', join(copy, 'test'), { recursive: true, filter: (from) => !from.includes('rig') });
  cpSync('.ci/mutation/words.mjs', join(copy, 'words.mjs'));
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Tries one file; throws when the tests fail before anything is mutated. */
export function mutate(copy: string, task: Task): Report {
  const { transform, extensionsToTreatAsEsm } = JSON.parse(
    readFileSync('jest.config.json', 'utf8'),
  );
  // Jest looks for its tests anew for each mutant: in few folders, and without other programs.
  const roots = [...new Set(task.tests.map((name) => dirname(name)))];
  const quick = { roots, watchman: false, haste: { forceNodeFilesystemAPI: true } };
  const jest = { testEnvironment: 'node', transform, extensionsToTreatAsEsm, ...quick };
  const testMatch = task.tests.map((name) => `<rootDir>/${name}`);
  writeFileSync(join(copy, 'jest.json'), JSON.stringify({ ...jest, testMatch }));
  const plugins = join(copy, '../node_modules/@stryker-mutator/jest-runner/dist/src/index.js');
  const settings = {
    plugins: [plugins, './words.mjs'],
    ignorers: ['words'],
    testRunner: 'jest',
    testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    jest: { projectType: 'custom', configFile: 'jest.json', enableFindRelatedTests: false },
    mutate: task.places?.map((place) => `${task.file}:${place}`) ?? [task.file],
    coverageAnalysis: 'perTest',
    concurrency: task.workers,
    inPlace: true,
    tsconfigFile: 'none.json',
    reporters: ['json'],
    timeoutMS: task.timeoutMs,
    // Modules of a run that is over stay in memory: a worker is let go before it is full of them.
    maxTestRunnerReuse: 60,
    jsonReporter: { fileName: 'report.json' },
  };
  writeFileSync(join(copy, 'stryker.json'), JSON.stringify(settings));
  const program = join(copy, '../node_modules/@stryker-mutator/core/bin/stryker.js');
  const args = [program, 'run', 'stryker.json', '--logLevel', 'warn'];
  const done = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`Stryker: ${done.stdout.slice(0, 800)}`);
  const report: Report | undefined = JSON.parse(readFileSync(join(copy, 'report.json'), 'utf8'))
    .files[task.file];
  if (report === undefined) throw new Error(`Stryker says nothing about ${task.file}`);
  return report;
}
