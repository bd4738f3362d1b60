/** `npm run scenarios`: every runbook under every fault, and disasters drawn by a seed. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { disasters } from '../disasters/cli.ts';
import { type Cell, cellsOf } from './cells.ts';
import { play } from './play.ts';
import { differences, lineOf, type Row, tableOf } from './print.ts';

const HELP = `npm run scenarios -- [options]      runbook x named fault: expected and actual verdict

  --runbook <name>  only this one; may be repeated
  --fault <name>    only this one; may be repeated
  --jobs <n>        processes side by side (2)
  --json            one JSON object per cell or disaster

  --disasters <n>   instead: so many disasters at random moments, each followed by the right runbook
  --seed <n>        the first of them (1); with --disasters 1 it is played again

Exit code 1 when a verdict differs, or anything was lost, sent twice or written on both sides.`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      runbook: { type: 'string', multiple: true },
      fault: { type: 'string', multiple: true },
      jobs: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      disasters: { type: 'string' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [jobs, seed] = [Number(values.jobs), Number(values.seed)];
  const count = values.disasters === undefined ? undefined : Number(values.disasters);
  const numbers = [jobs, seed, count ?? 1];
  if (values.help || !numbers.every((one) => Number.isInteger(one) && one > 0)) {
    say(HELP);
    return values.help ? 0 : 2;
  }
  if (count !== undefined) return disasters({ first: seed, count, json: values.json }, say);
  const wanted = (cell: Cell): boolean =>
    (values.runbook?.includes(cell.runbook) ?? true) &&
    (values.fault?.includes(cell.fault) ?? true);
  const cells = cellsOf().filter(wanted);
  if (cells.length === 0) {
    say(`No such cell.\n\n${HELP}`);
    return 2;
  }
  const rows = await playAll(cells, { jobs, json: values.json });
  const bad = rows.filter((row) => differences(row).length > 0);
  if (!values.json) {
    say(['', ...tableOf(rows), ''].join('\n'));
    for (const row of bad) say(lineOf(row));
    const faults = new Set(rows.map(({ cell }) => cell.fault)).size;
    const runbooks = new Set(rows.map(({ cell }) => cell.runbook)).size;
    say(
      `${rows.length} cells, ${runbooks} runbooks x ${faults} faults: ` +
        `${rows.length - bad.length} equal, ${bad.length} differ`,
    );
  }
  return bad.length === 0 ? 0 : 1;
}

/** Each process takes the next cell when it has done one. */
async function playAll(
  cells: readonly Cell[],
  { jobs, json }: { readonly jobs: number; readonly json: boolean },
): Promise<Row[]> {
  const rows: Row[] = [];
  const waiting = [...cells];
  const told = (row: Row): void => {
    rows.push(row);
    const { cell, played } = row;
    const place = `${String(rows.length).padStart(3)}/${cells.length}`;
    say(json ? JSON.stringify({ ...cell, actual: played }) : `${place} ${lineOf(row)}`);
  };
  const crew = Array.from({ length: Math.min(jobs, cells.length) }, () => worker(waiting, told));
  await Promise.all(crew);
  return cells.flatMap((cell) => rows.find((row) => row.cell === cell) ?? []);
}

/** A process of its own that plays cells until none is left. */
async function worker(waiting: Cell[], told: (row: Row) => void): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['--play']);
  await new Promise<void>((resolve, reject) => {
    let cell: Cell | undefined;
    const next = (): void => {
      cell = waiting.shift();
      if (cell === undefined) child.disconnect();
      else child.send(cell);
    };
    child.on('message', (played: Row['played']) => {
      if (cell !== undefined) told({ cell, played });
      next();
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (cell === undefined) resolve();
      else reject(new Error(`${cell.runbook} x ${cell.fault} ended its process with ${code}`));
    });
    next();
  });
}

/** The other end of `worker`. */
function playOnDemand(): void {
  process.on('message', (cell: Cell) => {
    play(cell).then(
      (played) => process.send?.(played),
      (error: unknown) => {
        const seen = String(error instanceof Error ? error.stack : error);
        process.send?.({ verdict: 'broke', end: undefined, seen, harm: [] });
      },
    );
  });
}

if (process.argv.includes('--play')) playOnDemand();
else {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      say(String(error instanceof Error ? error.stack : error));
      process.exit(1);
    },
  );
}
