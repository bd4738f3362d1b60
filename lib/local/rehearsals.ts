/**
 * What every shipped runbook finds when it is rehearsed: a service it suits, and what has happened
 * before. Nobody comes home who never left.
 */
import type { Service } from '../config.ts';
import type { Doing } from './bank-people.ts';
import type { Need } from './needs.ts';

/** A fault switched on or off at the twin, something done at the bank, or a run of another runbook. */
export type Scene =
  | { readonly fault: string; readonly on: boolean; readonly site?: string }
  | { readonly bank: Doing }
  | { readonly runbook: string };

export interface Rehearsal {
  /** What the service has to have beyond a kind of replication that the runbook takes. */
  readonly need?: Need;
  readonly before?: readonly Scene[];
  /** What is written into the params of its copy; without it the runbook runs as shipped. */
  readonly params?: (service: Service) => Readonly<Record<string, unknown>>;
}

const mainIsGone: Scene = { fault: 'site-dead', on: true, site: 'main' };
const mainIsBack: Scene = { ...mainIsGone, on: false };
const drIsGone: Scene = { ...mainIsGone, site: 'dr' };
const drIsBack: Scene = { ...drIsGone, on: false };
const areLeftSplit: Scene = { fault: 'copies-left-split', on: true };
const isSuspended: Scene = { fault: 'replication-suspended', on: true };
const isBackedUp: Scene = { bank: 'back-up' };

const asShipped: Rehearsal = {};

const lastVolume = ({ servers }: Service): string | undefined => servers.at(-1)?.volumes.at(-1);
/** More than any volume of the twin has (GiB). */
const GROWN_GIB = 250;

export const rehearsals: Readonly<Record<string, Rehearsal>> = {
  adopt: { before: [{ bank: 'unmark' }] },
  'backup-import': { before: [isBackedUp] },
  'config-apply': { before: [{ bank: 'furnish' }] },
  'config-compare': asShipped,
  'config-export': asShipped,
  'copies-resync': { before: [areLeftSplit] },
  'delta-resync': { need: 'third-centre', before: [mainIsGone, { runbook: 'failover' }] },
  'drill-copy': asShipped,
  'drill-switch': asShipped,
  extend: { params: (service) => ({ volume: lastVolume(service), gib: GROWN_GIB }) },
  failback: { before: [{ runbook: 'switchover' }] },
  failover: { before: [mainIsGone] },
  'failover-home': { before: [{ runbook: 'switchover' }, drIsGone] },
  'failover-copy': { need: 'copy', before: [mainIsGone] },
  'failover-cut': { need: 'cut', before: [mainIsGone] },
  'failover-restored': { need: 'restored', before: [mainIsGone] },
  'gad-maintenance': { need: 'one-cloud' },
  'gad-repair': {
    need: 'one-cloud',
    before: [mainIsGone, { runbook: 'site-loss-gad' }, mainIsBack],
  },
  'protect-volumes': { need: 'new-volume' },
  protect: { need: 'new-volume', before: [{ runbook: 'protect-volumes' }] },
  'reprotect-home': {
    before: [{ runbook: 'switchover' }, drIsGone, { runbook: 'failover-home' }, drIsBack],
  },
  reprotect: { before: [mainIsGone, { runbook: 'failover' }, mainIsBack] },
  'restore-backup': { before: [isBackedUp, { runbook: 'backup-import' }, mainIsGone] },
  resync: { before: [isSuspended] },
  retire: { params: (service) => ({ volumes: [lastVolume(service)], delete: true }) },
  'servers-deploy': { need: 'stateless' },
  'site-loss-gad': { need: 'one-cloud', before: [mainIsGone] },
  switchover: asShipped,
  takeover: { before: [mainIsGone] },
};

/** A runbook of one's own is asked for as things are. */
export const rehearsalOf = (runbook: string): Rehearsal => rehearsals[runbook] ?? asShipped;
