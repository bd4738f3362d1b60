/** Set by a takeover, cleared once the copy runs the other way: until then there is no other copy. */
export const protectionMark = (group: string): string => `replication:${group}`;
