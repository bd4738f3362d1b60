/**
 * Mutation testing of what decides (docs/testing.md): changes the program in one small place at a
 * time and asks whether a test notices.
 *
 *   node --import tsx .ci/mutation/run.ts                  the tool itself, then all files
 *   node --import tsx .ci/mutation/run.ts approval chain   only these groups
 *   node --import tsx .ci/mutation/run.ts lib/runbook/grants.ts
 *   node --import tsx .ci/mutation/run.ts --changed        only files changed since, or not good then
 *   node --import tsx .ci/mutation/run.ts --prove          only the tool: does it find a bad test?
 *
 * Prints each file's share and every survivor; the last line is `N passed, N failed`, a file being
 * one. A file fails below 90 %, or when a survivor is not explained in survivors.yml.
 */
import { readFileSync, rmSync } from 'node:fs';
import { parse } from 'yaml';
import { type Module, modules } from './modules.ts';
import { prove } from './proof.ts';
import { isDone, isGood, keep, type Score, shareOf } from './scores.ts';
import { type Mutant, mutate, openWorkshop } from './workshop.ts';

/** For what took too long the first time: a busy machine is slow, an endless loop never ends. */
const PATIENCE_MS = 30_000;

interface Explained {
  readonly file: string;
  /** The line as it stands in the file, trimmed. */
  readonly line: string;
  /** What the mutant takes away; any when left out. */
  readonly of?: string;
  /** What it puts there; any when left out. */
  readonly with?: string;
  readonly why: string;
}

const explanations: readonly Explained[] = parse(
  readFileSync('.ci/mutation/survivors.yml', 'utf8'),
);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** An error while a test file is read fails that file, as it fails `npm test`; a lost worker does not. */
const isNoticed = ({ status, statusReason = '' }: Mutant): boolean =>
  /^(Killed|Timeout)$/.test(status) ||
  (status === 'RuntimeError' && !statusReason.includes('Test runner crashed'));

function scoreOf(file: string, source: string, mutants: readonly Mutant[]): Score {
  const lines = source.split('\n');
  const counted = mutants.filter(({ status }) => !/^(Ignored|CompileError)$/.test(status));
  const alive = counted.filter((one) => !isNoticed(one));
  const timeout = counted.filter(({ status }) => status === 'Timeout').length;
  let explained = 0;
  for (const { location, mutatorName, replacement, status } of alive) {
    const { start, end } = location;
    const whole = lines[start.line - 1] ?? '';
    const line = whole.trim();
    const gone = whole.slice(
      start.column - 1,
      end.line === start.line ? end.column - 1 : undefined,
    );
    const known = explanations.some(
      (one) =>
        one.file === file &&
        one.line === line &&
        (one.of ?? gone) === gone &&
        (one.with ?? replacement) === replacement,
    );
    if (known) {
      explained++;
      continue;
    }
    say(`    ${file}:${start.line} ${status === 'Survived' ? '' : `${status} `}${mutatorName}`);
    say(`      ${line}\n      - ${gone}\n      + ${replacement}`);
  }
  const killed = counted.length - alive.length - timeout;
  return { mutants: counted.length, killed, timeout, survived: alive.length, explained };
}

/** Where, and what is put there. */
const nameOf = ({ location: { start, end }, replacement }: Mutant): string =>
  `${start.line}:${start.column}-${end.line}:${end.column} ${replacement}`;

/** Stryker takes columns from 0 and tells them from 1. */
const placeOf = ({ location: { start, end } }: Mutant): string =>
  `${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;

/** What ran out of time, once more with patience. */
function again(copy: string, { file, tests }: Module, mutants: readonly Mutant[]): Mutant[] {
  const late = mutants.filter(({ status }) => status === 'Timeout');
  if (late.length === 0) return [...mutants];
  const places = [...new Set(late.map(placeOf))];
  const repeated = mutate(copy, { file, places, tests, workers: 1, timeoutMs: PATIENCE_MS });
  const found = new Map(repeated.mutants.map((mutant) => [nameOf(mutant), mutant]));
  return mutants.map((one) => (late.includes(one) ? (found.get(nameOf(one)) ?? one) : one));
}

/** One file in a fresh copy; what it scored is kept at once. */
function run(module: Module, workers: number): boolean {
  const { file, tests } = module;
  const copy = openWorkshop();
  try {
    const { source, mutants } = mutate(copy, { file, tests, workers, timeoutMs: 5_000 });
    const score = scoreOf(file, source, again(copy, module, mutants));
    keep(file, source, score);
    const { killed, timeout, survived, explained } = score;
    const good = isGood(score);
    say(
      `  ${good ? 'passed' : 'FAILED'}  ${file}  ${shareOf(score).toFixed(1)} %  ${killed} killed, ` +
        `${timeout} timed out, ${survived} survived, ${explained} of them explained`,
    );
    return good;
  } catch (error) {
    say(`  FAILED  ${file}  ${String(error)}`);
    return false;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function runProof(): boolean {
  const { ok, seen } = prove();
  say(`  ${ok ? 'passed' : 'FAILED'}  a hole in a test is found: ${seen}`);
  return ok;
}

function main(): number {
  const args = process.argv.slice(2);
  const [onlyProof, onlyChanged] = [args.includes('--prove'), args.includes('--changed')];
  const wanted = args.filter((name) => !name.startsWith('--'));
  const workers = Number(process.env['DRILLBOOK_WORKERS'] ?? 2);
  const chosen = modules.filter(
    ({ file, group }) =>
      !onlyProof &&
      (wanted.length === 0 || wanted.includes(group) || wanted.includes(file)) &&
      !(onlyChanged && isDone(file)),
  );
  const results = [
    ...(onlyProof || args.length === 0 ? [runProof()] : []),
    ...chosen.map((module) => run(module, workers)),
  ];
  const failed = results.filter((good) => !good).length;
  say(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && (results.length > 0 || onlyChanged) ? 0 : 1;
}

process.exitCode = main();
