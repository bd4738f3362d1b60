/** Pair states as data: what each means for a copy we rely on. */
import type { ClonePair, RemotePair } from './schema.ts';

/** Remote copy, best first. `replicating` and back to full is flicker; the others are not. */
export const replicationClasses = ['replicating', 'copying', 'suspended', 'unknown'] as const;
export type ReplicationClass = (typeof replicationClasses)[number];

/** One row a state, either half. PFUL is full but running. */
export const replicationStates: Readonly<Record<string, ReplicationClass>> = {
  PAIR: 'replicating',
  PFUL: 'replicating',
  COPY: 'copying',
  PSUS: 'suspended',
  SSUS: 'suspended',
  PFUS: 'suspended',
  PSUE: 'suspended',
  SSWS: 'suspended',
  SMPL: 'suspended',
};

/** ShadowImage, best first. `splitting` may pass through COPY; `split-background` is PSUS(SP). */
export const cloneClasses = [
  'paired',
  'copying',
  'split',
  'split-background',
  'failed',
  'unknown',
] as const;
export type CloneClass = (typeof cloneClasses)[number];

/** P-VOL and S-VOL state of one pair; every other combination is `unknown`. */
export const cloneStates: Readonly<Record<string, CloneClass>> = {
  'PAIR/PAIR': 'paired',
  'COPY/COPY': 'copying',
  'PSUS/SSUS': 'split',
  'PSUE/PSUE': 'failed',
  'RCPY/RCPY': 'failed',
  'SMPL/SMPL': 'failed',
};

/** Undefined for a state without a row of its own: `toString` is none. */
export const rowOf = <T>(rows: Readonly<Record<string, T>>, state = ''): T | undefined =>
  Object.hasOwn(rows, state) ? rows[state] : undefined;

/** Worst of the halves that were given; none at all is unknown. */
export function replicationClass(states: readonly (string | undefined)[]): ReplicationClass {
  if (states.length === 0) return 'unknown';
  const worst = Math.max(
    ...states.map((state) =>
      replicationClasses.indexOf(rowOf(replicationStates, state) ?? 'unknown'),
    ),
  );
  return replicationClasses[worst] ?? 'unknown';
}

export function cloneClassOf(pair: ClonePair): CloneClass {
  const state = cloneStates[`${pair.pvolStatus}/${pair.svolStatus}`] ?? 'unknown';
  const background = state === 'split' && (pair.copyProgressRate ?? 100) < 100;
  return background ? 'split-background' : state;
}

/** The class all pairs share, or the worst of a mixture. */
export function cloneClass(pairs: readonly ClonePair[]): CloneClass {
  if (pairs.length === 0) return 'unknown';
  const worst = Math.max(...pairs.map((pair) => cloneClasses.indexOf(cloneClassOf(pair))));
  return cloneClasses[worst] ?? 'unknown';
}

/** All of them are in this consistency group: only so does the array split them at one instant. */
export const isTogether = (pairs: readonly ClonePair[], consistencyGroupId: number): boolean =>
  pairs.every((pair) => pair.consistencyGroupId === consistencyGroupId);

/** States of one side of a group, once each, sorted: `PAIR`, or `PAIR,PSUS` while it changes. */
export const statesOf = (pairs: readonly RemotePair[], side: 'pvol' | 'svol'): string[] =>
  [...new Set(pairs.map((pair) => pair[`${side}Status`] ?? 'unknown'))].sort();

/** qMarkers count in hexadecimal and may have any length. */
export const markerReached = (restore: string, wanted: string): boolean =>
  BigInt(`0x${restore}`) >= BigInt(`0x${wanted}`);

export const sameMarker = (one: string, other: string): boolean =>
  BigInt(`0x${one}`) === BigInt(`0x${other}`);
