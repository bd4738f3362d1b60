/**
 * Where the halves of the twin touch: a simulated cloud drives LU paths on the simulated array of
 * its site, and a simulated server shows what its volumes hold.
 */

/** What a volume holds, by the data oracle. */
export interface Contents {
  /** Number of the last record of the write load on this LDEV; 0 = none. */
  readonly record: number;
  /**
   * Number of the last heartbeat. A heartbeat is written to all volumes of a copy group at one
   * instant, so a copy taken at one instant shows the same number on all of them.
   */
  readonly heartbeat: number;
  /** Writes made by drill servers since the copy was split; gone after a resync. */
  readonly drillWrites: number;
}

/** One heartbeat: its number, and when it was written (ms). */
export interface Beat {
  readonly heartbeat: number;
  readonly at: number;
}

/** Absent where there is none. */
export interface Beats {
  readonly last?: Beat;
  /** What was there before the host that writes now began to write. */
  readonly found?: Beat;
}

/** What a Cinder driver learns of an LDEV. */
export interface LdevFacts {
  readonly ldevId: number;
  readonly label: string;
  /** 512-byte blocks. */
  readonly blockCapacity: number;
  readonly status: string;
  readonly emulationType: string;
  readonly attributes: readonly string[];
  readonly numOfPorts: number;
}

/** A host that has paths to both halves reaches the data as long as one of them is left. */
export interface OtherHalf {
  readonly arrayId: string;
  readonly ldevId: number;
  /** It alone takes reads and writes now. */
  readonly alone: boolean;
}

/**
 * The array as a cloud sees it: what its Cinder driver, an attach, a detach and a running guest do
 * to LDEVs. Every method throws a TwinError when the array refuses.
 */
export interface ArrayPort {
  /** Maps the LDEV to the host group of one compute host. */
  addPath(ldevId: number, host: string): void;
  removePath(ldevId: number, host: string): void;
  /**
   * A guest writes once. Throws when the LDEV is not writable by hosts (an S-VOL in PAIR …), or when
   * no path leads there from the host that is named.
   */
  write(ldevId: number, host?: string): void;
  contents(ldevId: number): Contents;
  beats(ldevId: number): Beats;
  /** A new DP volume; its number. */
  create(wish: { readonly sizeGiB: number; readonly label: string }): number;
  /** A new volume with the same data (snapshot, clone, volume from snapshot); its number. */
  copy(ldevId: number, wish: { readonly sizeGiB: number; readonly label: string }): number;
  expand(ldevId: number, sizeGiB: number): void;
  remove(ldevId: number): void;
  relabel(ldevId: number, label: string): void;
  /** undefined = not defined. */
  facts(ldevId: number): LdevFacts | undefined;
  /** By label, the first in LDEV order. */
  labelled(label: string): LdevFacts | undefined;
  /**
   * A guest that runs on a host uses this LDEV, or does no longer (no host): the write load of its
   * service follows.
   */
  use(ldevId: number, by: { readonly guest: string; readonly host: string | null }): void;
  /** The other half of a global-active device; undefined = the LDEV is in no such pair. */
  otherHalf(ldevId: number): OtherHalf | undefined;
  /** Whether hosts reach its volumes; they may while its REST API does not answer. */
  serves(): boolean;
  /** Whether the driver reaches the array's REST API now. */
  answers(): boolean;
  /** Whether what it reaches answers every change with a 5xx, which the driver repeats for long. */
  errs(): boolean;
}

/** Name of the project `projectId` in every simulated cloud, as `clouds.yaml` says it. */
export const PROJECT_NAME = 'drillbook';

/** One accepted change, in the order the twin saw it: what "at most once" is proved with. */
export interface Effect {
  readonly at: number;
  readonly site: string;
  readonly target: 'array' | 'cinder' | 'glance' | 'keystone' | 'nova' | 'neutron';
  readonly method: string;
  readonly path: string;
  readonly bodyHash: string;
}
