/**
 * ShadowImage: what each operation does in each pair state, one line a cell, so that a finding on a
 * real array changes one line. `(SP)` is our name for a split whose background copy still runs; the
 * array itself reports plain PSUS with a copy progress below 100.
 */

export type CloneState = 'SMPL' | 'COPY' | 'PAIR' | 'PSUS(SP)' | 'PSUS' | 'PSUE' | 'RCPY';
export type CloneOperation = 'split' | 'resync' | 'restore' | 'delete';
/** `act` = carried out; `no-op` = succeeds and changes nothing; `reject` = the job fails. */
export type CloneCell = 'act' | 'no-op' | 'reject';

export const cloneTable: readonly (readonly [CloneState, CloneOperation, CloneCell])[] = [
  ['SMPL', 'split', 'reject'],
  ['SMPL', 'resync', 'reject'],
  ['SMPL', 'restore', 'reject'],
  ['SMPL', 'delete', 'reject'],

  ['COPY', 'split', 'act'], // quick, or in a consistency group
  ['COPY', 'resync', 'no-op'],
  ['COPY', 'restore', 'reject'],
  ['COPY', 'delete', 'act'], // the copy is incomplete

  ['PAIR', 'split', 'act'],
  ['PAIR', 'resync', 'no-op'],
  ['PAIR', 'restore', 'reject'], // must be split first
  ['PAIR', 'delete', 'act'],

  ['PSUS(SP)', 'split', 'no-op'],
  ['PSUS(SP)', 'resync', 'reject'], // wait for the background copy
  ['PSUS(SP)', 'restore', 'reject'],
  ['PSUS(SP)', 'delete', 'reject'],

  ['PSUS', 'split', 'no-op'],
  ['PSUS', 'resync', 'act'], // writes to the copy are overwritten
  ['PSUS', 'restore', 'act'], // only while the remote mirror is suspended
  ['PSUS', 'delete', 'act'], // the copy keeps its data

  ['PSUE', 'split', 'no-op'],
  ['PSUE', 'resync', 'act'],
  ['PSUE', 'restore', 'reject'],
  ['PSUE', 'delete', 'act'],

  ['RCPY', 'split', 'reject'],
  ['RCPY', 'resync', 'no-op'],
  ['RCPY', 'restore', 'no-op'],
  ['RCPY', 'delete', 'reject'],
];

export function cloneCell(state: CloneState, operation: CloneOperation): CloneCell {
  const row = cloneTable.find(([from, name]) => from === state && name === operation);
  return row === undefined ? 'reject' : row[2];
}
