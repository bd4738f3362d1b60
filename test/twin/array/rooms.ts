/** Rooms as small as can be: one whose change takes a minute, one that binds LDEV 1000. */
import type { Room, RoomMaker } from '../../../lib/twin/array/room.ts';

const plain: Room = {
  name: 'plain',
  routes: [],
  settle: () => undefined,
  attributes: () => [],
  bound: () => undefined,
  shut: () => undefined,
  holds: () => undefined,
  snapshot: () => null,
  restore: () => undefined,
};

export const slowCopy: RoomMaker = () => ({
  ...plain,
  routes: [
    {
      type: 'copies',
      create: {
        change: (_, { now }) => ({ affected: ['copies/1'], copiedAt: now + 60_000 }),
        roles: ['local-copy'],
      },
    },
  ],
});

const BOUND = 1000;

export const binding: RoomMaker = () => ({
  ...plain,
  attributes: (ldevId) => (ldevId === BOUND ? ['HORC', 'CVS'] : []),
  fields: (ldevId) => (ldevId === BOUND ? { journalId: 7 } : {}),
  bound: (ldevId) => (ldevId === BOUND ? 'P-VOL of pair ONE' : undefined),
  shut: (ldevId) => (ldevId === BOUND ? 'P-VOL of a pair that is restored' : undefined),
  holds: (ldevId) => (ldevId === BOUND ? [{ writer: 'host', since: 1, until: 2 }] : undefined),
});
