/**
 * Mutation testing of what decides (docs/testing.md): changes the program in one small place at a
 * time and asks whether a test notices.
 *
 *   node --import tsx .ci/mutation/run.ts                  all groups
 *   node --import tsx .ci/mutation/run.ts approval chain   only these
 *   node --import tsx .ci/mutation/run.ts lib/runbook/grants.ts
 *
 * Prints each file's share and every survivor; the last line is `N passed, N failed`, a file being
 * one. A file fails below 90 %, or when a survivor is not explained in survivors.yml.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Group, groups } from './modules.ts';
import { type Mutant, mutate, openWorkshop } from './workshop.ts';

const LEAST = 90;
const RESULT = '.ci/mutation/result.json';

interface Score {
  readonly killed: number;
  readonly survived: number;
  /** Of the survivors, those that change nothing anybody could see. */
  readonly explained: number;
}

interface Explained {
  readonly file: string;
  /** The line as it stands in the file, trimmed. */
  readonly line: string;
  /** What the mutant puts there; any when left out. */
  readonly with?: string;
  readonly why: string;
}

const explanations: readonly Explained[] = parse(
  readFileSync('.ci/mutation/survivors.yml', 'utf8'),
);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function scoreOf(file: string, source: string, mutants: readonly Mutant[]): Score {
  const lines = source.split('\n');
  const counted = mutants.filter(({ status }) => !/^(Ignored|CompileError)$/.test(status));
  const alive = counted.filter(({ status }) => !/^(Killed|Timeout|RuntimeError)$/.test(status));
  let explained = 0;
  for (const { location, mutatorName, replacement } of alive) {
    const line = (lines[location.start.line - 1] ?? '').trim();
    const known = explanations.some(
      (one) => one.file === file && one.line === line && (one.with ?? replacement) === replacement,
    );
    if (known) explained++;
    else
      say(`    ${file}:${location.start.line} ${mutatorName}\n      ${line}\n      ${replacement}`);
  }
  return { killed: counted.length - alive.length, survived: alive.length, explained };
}

const shareOf = ({ killed, survived }: Score): number =>
  killed + survived === 0 ? 100 : (100 * killed) / (killed + survived);

/** One group in a fresh copy; what it scored stays in the file of results at once. */
function run(group: Group, workers: number): Record<string, Score> {
  const copy = openWorkshop();
  try {
    const scores = Object.fromEntries(
      Object.entries(mutate(copy, group, workers)).map(([file, { source, mutants }]) => [
        file,
        scoreOf(file, source, mutants),
      ]),
    );
    const before = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')) : {};
    const sorted = Object.entries({ ...before, ...scores }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(RESULT, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
    return scores;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const part = (group: Group, wanted: readonly string[]): Group => ({
  ...group,
  files: group.files.filter((file) => wanted.includes(file)),
});

function main(): number {
  const wanted = process.argv.slice(2);
  const workers = Number(process.env['DRILLBOOK_WORKERS'] ?? 2);
  const chosen = groups
    .map((group) =>
      wanted.length === 0 || wanted.includes(group.name) ? group : part(group, wanted),
    )
    .filter(({ files }) => files.length > 0);
  let [passed, failed] = [0, 0];
  for (const group of chosen) {
    say(`${group.name}`);
    for (const [file, score] of Object.entries(run(group, workers))) {
      const { killed, survived, explained } = score;
      const good = shareOf(score) >= LEAST && explained === survived;
      if (good) passed++;
      else failed++;
      say(
        `  ${good ? 'passed' : 'FAILED'}  ${file}  ${shareOf(score).toFixed(1)} %  ` +
          `${killed} killed, ${survived} survived, ${explained} of them explained`,
      );
    }
  }
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 && chosen.length > 0 ? 0 : 1;
}

process.exitCode = main();
