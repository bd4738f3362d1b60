/** `npm run bench`: how the twin bears large centres, what a drill costs. `--json`: bare figures. */
import { engineTable, measureEngine } from './engine.ts';
import { type Measure, type Measured, measureAll, measures, type Times } from './measures.ts';
import { measureMoves, movesTable } from './moves.ts';

/** What we want of the large centres, by the median (ms). */
const aims: Readonly<Partial<Record<Measure, number>>> = {
  'load-10000': 5000,
  'read-group-50': 20,
};

/** Two figures of one run: a busy machine is busy for both. */
const ratios: readonly (readonly [Measure, Measure])[] = [
  ['load-10000', 'load-1000'],
  ['read-group-50', 'read-group-1'],
  ['list-ldevs-16384', 'list-ldevs-100'],
];

function lineOf([name, { first, median, max, runs }]: [string, Times]): string {
  const aim = aims[name as Measure];
  const figures = [first, median, max].map((ms) => ms.toFixed(1).padStart(9)).join(' ');
  const verdict = aim === undefined ? '' : `  aim ${aim}: ${median <= aim ? 'met' : 'MISSED'}`;
  return `${measures[name as Measure].padEnd(54)}${figures} ${String(runs).padStart(5)}${verdict}`;
}

function tableOf({ scale, times, stateMiB, memory }: Measured): string {
  const mib = (value: number) => `${value.toFixed(0)} MiB`;
  const { before, after } = memory;
  return [
    `2 arrays, ${scale.groups} copy groups, ${scale.pairs} pairs; milliseconds`,
    `${''.padEnd(54)}${'first    median       max'.padStart(29)}  runs`,
    ...Object.entries(times).map(lineOf),
    '',
    ...ratios.map(([one, other]) => {
      const ratio = times[one].median / times[other].median;
      return `${measures[one]} : ${measures[other]} = ${ratio.toFixed(1)}`;
    }),
    `state on disk ${stateMiB.toFixed(1)} MiB`,
    `memory of the process ${mib(after.rssMiB)}, heap ${mib(after.heapMiB)}` +
      ` (before: ${mib(before.rssMiB)}, ${mib(before.heapMiB)})`,
  ].join('\n');
}

const measured = await measureAll();
const engine = await measureEngine();
const moves = await measureMoves();
const json = process.argv.includes('--json');
const text = json
  ? JSON.stringify({ ...measured, engine, moves }, null, 2)
  : [tableOf(measured), '', ...engineTable(engine), '', ...movesTable(moves)].join('\n');
process.stdout.write(`${text}\n`);
