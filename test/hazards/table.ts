/**
 * Where each of the sixteen hazards can arise, and who keeps it away. By action, so that it holds of every
 * runbook; the page of hazards is made from it, and the plans of all runbooks are held against it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { loadRunbook, type Runbook } from '../../lib/runbook/load.ts';
import type { Guard } from '../../lib/runbook/plan.ts';

/** Hazards that a step meets by what it does to arrays, or by what it starts on them. */
export const meets: Readonly<Record<string, readonly number[]>> = {
  'replication/swap': [2, 5, 6, 8, 11, 13, 14, 16],
  'replication/reverse': [2, 3, 4, 5, 6, 8, 13, 14, 16],
  'replication/resync': [3, 5, 6, 8, 13, 14, 16],
  'replication/takeover': [1, 5, 6, 8, 9, 14, 16],
  'replication/drain': [5, 6, 8, 11, 16],
  'replication/delta': [3, 4, 5, 6, 8, 13, 14, 16],
  'gad/swap-split': [5, 6, 8, 11, 13, 14, 16],
  'gad/resync': [3, 4, 5, 6, 8, 13, 14, 16],
  'gad/survive': [5, 6, 8, 9, 16],
  'servers/evacuate': [1, 6, 8, 9, 16],
  'servers/start': [2, 9],
  'servers/stop': [7],
  'servers/assert': [4],
  'servers/assert-off': [2],
  'paths/restore': [2],
  'paths/remove': [14],
  'clone/split': [5, 6, 7, 8, 9, 14, 16],
  'clone/resync': [5, 6, 8, 9, 14, 16],
  'protection/prepare': [14],
  'protection/pair': [3, 7, 13, 14],
  'protection/copy': [7, 14],
  'protection/release': [5, 13, 14],
  'volumes/clone': [9, 14],
  'volumes/cut': [5, 9, 14],
};

/** Of servers that run on replicated volumes; copies and backups are nobody's replica. */
const BOOT_ON_REPLICAS = [2, 9];

/** In every plan that has to do with pairs, and in one that changes them: what no state excuses. */
const WHOEVER_LOOKS = [12, 15];
const WHOEVER_CHANGES = [10];

interface Keeping {
  readonly hazard: string;
  readonly engine: string;
  readonly gateway: string;
}

/** By number, from 1 on: what stops it before anything is sent. */
export const keeping: Readonly<Record<number, Keeping>> = {
  1: {
    hazard: 'takeover while main still serves hosts',
    engine:
      'people fence main before a witness; main that answers stops the run; no path may be left',
    gateway: '`remote-paths-down`, `journal-cut-off`',
  },
  2: {
    hazard: 'the old side is open to hosts, or both are',
    engine: 'paths and states of both sides are read before anything is turned or started',
    gateway: '`only-pair-path`, `side-unopened`, `side-primary`, `side-secondary-closed`',
  },
  3: {
    hazard: 'a copy towards the newer side',
    engine:
      'the side named must be the one that was taken; a plain resync only while the other one is closed',
    gateway: '`side-primary-suspended`, `group-leads`, `side-delta-armed`',
  },
  4: {
    hazard: 'a swap resync from a side that was not taken',
    engine: 'every S-VOL must be SSWS, and the servers must run there',
    gateway: '`side-taken`, `side-primary-paired`, `server-active`',
  },
  5: {
    hazard: 'pairs dissolved',
    engine: 'a group that is gone is refused; pairs go only in runbooks of their own',
    gateway: 'a half that is not found; `pair-leads`, `pair-not-taken`, `remote-paths-up`',
  },
  6: {
    hazard: 'a part of the group in another state',
    engine: 'groups only, never pairs; the states are listed',
    gateway: 'each condition on a half wants all pairs in the state',
  },
  7: {
    hazard: 'a volume that is not in the group',
    engine:
      'disks of the servers, services.yml and pairs are compared when the plan is made, and while servers stop',
    gateway: '`server-disks-known`',
  },
  8: {
    hazard: 'several groups or journals',
    engine: 'one group, one journal a side; volumes are counted and joined by label',
    gateway: 'each condition on a half wants all LDEVs of the plan in it',
  },
  9: {
    hazard: 'S-VOL in COPY',
    engine: 'what an S-VOL is worth stands in a table; COPY is worth nothing',
    gateway: '`secondary-takeable`, `secondary-paired`, `side-whole`, `side-writable`, `gad-open`',
  },
  10: {
    hazard: 'restore onto a replicated volume',
    engine: 'a plan that holds one is refused (`RB-CALL`)',
    gateway: 'the sources are read from the array: `GW-HAZARD` when one is replicated or unknown',
  },
  11: {
    hazard: 'a change of sides before everything has arrived',
    engine: '`replication/drain`; both halves PAIR',
    gateway: '`side-primary-paired`, `side-secondary-paired`, `journal-drained`',
  },
  12: {
    hazard: 'a cache is read',
    engine: 'a condition that would read one is refused (`RB-CALL`)',
    gateway: 'no such GET is made, for a condition or for whoever asks: `GW-HAZARD`',
  },
  13: {
    hazard: 'a session at the wrong array',
    engine: 'the lender must have the array that the call names (`RB-CALL`)',
    gateway: 'sessions of its own arrays only (`GW-LEND`), sealed for one call',
  },
  14: {
    hazard: 'somebody else operates the group',
    engine:
      'the unit is locked for one run; what was so before this run is not its effect; a lock is said',
    gateway:
      'the epoch of the unit; every state is read again the instant before; the array refuses under a lock',
  },
  15: {
    hazard: 'a simulated array in place of a real one',
    engine: 'nothing it says is a fact: no plan is made',
    gateway: '`simulated` in gateway.yml and the mark of the answer must agree: `GW-HAZARD`',
  },
  16: {
    hazard: 'volumes that the plan does not name',
    engine: 'services that share a group are refused; volumes are counted',
    gateway: 'each condition on a half wants no other LDEV in it',
  },
};

const namesOf = (): string[] =>
  readdirSync('runbooks')
    .filter((name) => name.endsWith('.yml'))
    .map((name) => name.replace('.yml', ''));

/** By name; hazards of all steps, those of `undo` as well. */
export function hazardsByRunbook(): ReadonlyMap<string, readonly number[]> {
  return new Map(
    namesOf().map((name) => {
      const file = `runbooks/${name}.yml`;
      return [name, hazardsOf(loadRunbook({ file, text: readFileSync(file, 'utf8') }))];
    }),
  );
}

interface Step {
  readonly uses: string;
  readonly with: Readonly<Record<string, unknown>>;
  readonly undo?: Step | undefined;
}

function hazardsOf({ steps }: Runbook): number[] {
  const all = steps.flatMap((step: Step) => (step.undo ? [step, step.undo] : [step]));
  const met = all.flatMap(hazardsOfStep);
  const looks = met.length > 0 ? WHOEVER_LOOKS : [];
  const changes = met.includes(14) ? WHOEVER_CHANGES : [];
  return [...new Set([...met, ...looks, ...changes])].sort((a, b) => a - b);
}

export const hazardsOfStep = ({ uses, with: given }: Step): readonly number[] =>
  uses === 'servers/boot'
    ? ['replicas', 'restored'].includes(String(given['from']))
      ? BOOT_ON_REPLICAS
      : []
    : (meets[uses] ?? []);

/** A half of a group as its array shows it: which volumes are in it, and whether they stand alike. */
const HALVES = /^(side-|secondary-|gad-open)/;

/** Whether a condition stops a call that meets the hazard, and says so. */
export function carries({ id, predicate }: Guard, hazard: number): boolean {
  if ([6, 8, 16].includes(hazard)) return HALVES.test(predicate) && id.includes('#h');
  if (hazard === 5 && HALVES.test(predicate)) return true;
  return id.endsWith(`#h${hazard}`);
}
