/** Notes on a copy group that outlive a run: whether it is protected, and where the service works. */
import type { Judgement } from '../action.ts';

/** Set by a takeover, cleared once the copy runs the other way: until then there is no other copy. */
export const protectionMark = (group: string): string => `replication:${group}`;

/**
 * Names the site at which volumes were opened (SSWS), until the copy runs from there: what the other
 * array says of itself alone does not tell that the service has left it.
 */
export const openedMark = (group: string): string => `opened:${group}`;

/** What is noted when the volumes of a group are seen open at a site, whoever opened them. */
export const openedAt = (group: string, site: string): NonNullable<Judgement['marks']> => [
  { name: protectionMark(group) },
  { name: openedMark(group), site },
];
