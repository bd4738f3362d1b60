/** Which ShadowImage group or pair a request names. */
import type { Call } from '../parts.ts';
import { bad, missing } from '../wire.ts';
import type { CloneGroup, ClonePair } from './clone-pairs.ts';
import { groupId } from './clone-views.ts';
import type { CloneRegister } from './register.ts';

export const GROUPS = 'local-clone-copygroups';
export const PAIRS = 'local-clone-copypairs';

/** The pairs an operation was ordered for: a whole group, or one pair of it. */
export interface Target {
  readonly group: CloneGroup;
  readonly pairs: readonly ClonePair[];
  readonly whole: boolean;
}

/** `ids`: copy group, P-VOL and S-VOL device group; and the pair's name when a pair is meant. */
export function targetOf(register: CloneRegister, { ids }: Call, of: 'group' | 'pair'): Target {
  if (ids.length !== (of === 'group' ? 3 : 4)) throw bad('The object ID is not valid.');
  const group = groupNamed(register, ids.slice(0, 3));
  if (of === 'group') return { group, pairs: group.pairs, whole: true };
  const pair = group.pairs.find(({ name }) => name === ids[3]);
  if (pair === undefined) throw missing(`copy pair ${ids.join(',')}`);
  return { group, pairs: [pair], whole: false };
}

export function groupNamed(register: CloneRegister, ids: readonly string[]): CloneGroup {
  const group = register.find(ids[0] ?? '');
  if (group === undefined || groupId(group) !== ids.join(',')) {
    throw missing(`copy group ${ids.join(',')}`);
  }
  return group;
}

/** As a job names it in `affectedResources`. */
export function affectedBy({ group, pairs, whole }: Target): readonly string[] {
  const id = groupId(group);
  return [whole ? `${GROUPS}/${id}` : `${PAIRS}/${id},${pairs[0]?.name ?? ''}`];
}
