/** What the engine is given. Everything outside it is an argument, so that a seed replays a run. */
import type { Action } from '../actions/action.ts';
import type { Directory } from '../approval/directory.ts';
import type { Witness } from '../approval/statement.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Gateway } from '../gateway/protocol.ts';
import type { Random } from '../random.ts';
import type { Blobs, Store } from '../store/store.ts';

/** The ledger numbers drills without gaps; both calls are idempotent per run. */
export interface LedgerPort {
  openDrill(opening: {
    readonly run: string;
    readonly service: string;
    readonly runbook: string;
    readonly requester: string;
    /** Number of a drill to join; another number in the answer says that it is closed. */
    readonly drill?: string;
    /** Runs of one wave are runs of one drill. */
    readonly wave?: string;
  }): Promise<{ readonly drill: string; readonly hash: string }>;
  closeRun(closing: {
    readonly drill: string;
    readonly run: string;
    readonly head: string;
    readonly events: number;
    readonly result: string;
  }): Promise<unknown>;
}

export interface Engine {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly actions: ReadonlyMap<string, Action>;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly ledger: LedgerPort;
  readonly witness: Witness;
  /** Read anew each time: a changed file is a changed fact. */
  config(): Promise<Config>;
  /** The YAML of a runbook; throws a coded error that names the nearest one. */
  runbook(id: string): Promise<{ readonly file: string; readonly text: string }>;
}
