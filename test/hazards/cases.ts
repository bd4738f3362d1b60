/**
 * Hazards made in the twin while a run is under way: who refuses, the engine by what it judges and the
 * gateway when the call is put past the engine. Both must say the hazard.
 */
import type { FaultName } from '../../lib/twin/faults/table.ts';
import { type Course, courses } from '../matrix/courses.ts';

export interface HazardCase {
  readonly hazard: number;
  readonly runbook: string;
  /** Left out where the hazard is how things are when the run begins. */
  readonly fault?: Exclude<FaultName, 'gateway-restarted'>;
  /** Somebody has made the pairs again before: nothing is taken over any more. */
  readonly remade?: true;
  /** As in the matrix: at the `start`, or with the first such line of the journal. */
  readonly at: string;
  readonly course: Course;
  /** What the gateway is asked to do past the engine; left out where no plan was made. */
  readonly call?: string;
  /** Another hazard that the engine sees before this one. */
  readonly engine?: number | RegExp;
}

interface Row extends Pick<HazardCase, 'fault' | 'at' | 'call' | 'engine' | 'remade'> {
  readonly runbooks: readonly string[];
  readonly course?: Partial<Course>;
}

const moves = ['switchover', 'drill-switch', 'failback'];
const swapping = { runbooks: moves, at: 'step.started swap', call: 'swap.swap' };
const reversing = {
  runbooks: ['reprotect'],
  at: 'step.started reverse',
  call: 'reverse.reverse',
};
const taking = {
  runbooks: ['takeover', 'failover', 'failover-copy'],
  at: 'step.started takeover',
  call: 'takeover.takeover',
};
const parting = {
  runbooks: ['gad-maintenance'],
  at: 'step.started alone',
  call: 'alone.swap-split',
};
const surviving = {
  runbooks: ['site-loss-gad'],
  at: 'step.started volumes',
  call: 'evacuate.down-seoul-compute-1',
};
const dissolving = { runbooks: ['extend', 'retire'], at: 'start', call: 'release.drop-pair-1201' };
const joining = { runbooks: ['protect'], at: 'start', call: 'pair.pair-0' };

const brokenAnew = { fault: 'replication-suspended', remade: true } as const;
const locked = { fault: 'lock-held' } as const;

const nobodyDied = { prelude: async () => [] };
/** The runbook with its direction turned round by whoever wrote it. */
const backwards = {
  edit: {
    ...courses['gad-maintenance']?.edit,
    'runbooks/gad-maintenance.yml': (text: string) =>
      text.replace('survived: S-VOL', 'survived: P-VOL'),
  },
};
const wrongSide = {
  edit: {
    'runbooks/reprotect.yml': (text: string) =>
      text.replace(/(active: .*replication\.)to/, '$1from'),
  },
};

const rows: Readonly<Record<number, readonly Row[]>> = {
  1: [
    { ...taking, runbooks: ['takeover', 'failover-copy'], course: nobodyDied },
    { ...taking, runbooks: ['failover'], at: 'step.started silent', course: nobodyDied, engine: 2 },
    {
      ...surviving,
      at: 'step.started evacuate',
      course: nobodyDied,
      engine: /still reports to Nova/,
    },
  ],
  2: [{ ...swapping, runbooks: ['switchover', 'drill-switch'], fault: 'pvol-path-left' }],
  3: [
    { ...joining, fault: 'taken-over' },
    { ...parting, at: 'step.started mirror', call: 'mirror.resync', course: backwards, engine: 4 },
  ],
  4: [
    { runbooks: ['reprotect'], at: 'start', course: wrongSide },
    { ...reversing, ...brokenAnew },
    { ...parting, at: 'step.started mirror', call: 'mirror.resync', ...brokenAnew },
  ],
  5: [
    { ...swapping, fault: 'pairs-deleted' },
    { ...reversing, fault: 'pairs-deleted' },
    { ...dissolving, fault: 'taken-over' },
    {
      runbooks: ['failover', 'takeover', 'failover-copy', 'site-loss-gad'],
      at: 'before',
      fault: 'pairs-deleted',
    },
  ],
  6: [
    { ...swapping, fault: 'partial-group' },
    { ...taking, fault: 'partial-group' },
    { ...parting, fault: 'partial-group' },
    { ...surviving, fault: 'partial-group' },
  ],
  7: [
    {
      runbooks: [...moves, 'drill-copy', 'protect', 'extend', 'retire', 'gad-maintenance'],
      at: 'start',
      fault: 'volume-added',
    },
    {
      ...swapping,
      runbooks: ['switchover', 'drill-switch'],
      at: 'step.started stop',
      call: 'stop.stop-loan-db1',
      fault: 'volume-added',
    },
  ],
  8: [
    { ...swapping, fault: 'second-group' },
    { ...taking, fault: 'second-group' },
    { runbooks: ['drill-copy', 'failover'], at: 'before', fault: 'second-group' },
  ],
  9: [
    { ...taking, fault: 'pair-stuck' },
    {
      runbooks: ['drill-copy'],
      at: 'step.started split',
      call: 'split.split',
      fault: 'pair-stuck',
      engine: /PAIR|COPY/,
    },
  ],
  11: [
    { ...swapping, fault: 'replication-suspended' },
    { ...parting, fault: 'replication-suspended' },
  ],
  // The array refuses it: it was put, and nothing came of it.
  14: [
    { ...locked, runbooks: moves, at: 'step.started swap' },
    { ...locked, runbooks: taking.runbooks, at: 'step.started takeover' },
    { ...locked, runbooks: ['gad-maintenance'], at: 'step.started alone' },
    { ...locked, runbooks: ['extend', 'retire'], at: 'step.started release' },
  ],
  16: [
    { ...swapping, fault: 'pair-added' },
    { ...taking, fault: 'group-shared' },
    { ...parting, fault: 'pair-added' },
    { ...surviving, fault: 'pair-added' },
    {
      runbooks: ['delta-resync'],
      at: 'step.started delta',
      call: 'delta.delta',
      fault: 'pair-added',
    },
    { ...reversing, fault: 'group-shared' },
  ],
};

export const hazardCases: readonly HazardCase[] = Object.entries(rows).flatMap(([hazard, list]) =>
  list.flatMap(({ runbooks, course, ...row }) =>
    runbooks.flatMap((runbook): HazardCase[] => {
      const usual = courses[runbook];
      if (usual === undefined) throw new Error(`no course for ${runbook}`);
      return [{ ...row, hazard: Number(hazard), runbook, course: { ...usual, ...course } }];
    }),
  ),
);
