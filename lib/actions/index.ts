/** Every action a runbook can use, by the name it is written with. */
import type { Action } from './action.ts';
import { checkAll } from './check/all.ts';
import { cloneAssert } from './clone/assert.ts';
import { cloneResync } from './clone/resync.ts';
import { cloneSplit } from './clone/split.ts';
import { inventoryAssertClean } from './inventory/assert-clean.ts';
import { networkAssertIsolated } from './network/assert-isolated.ts';
import { peopleConfirm } from './people/confirm.ts';
import { peopleDo } from './people/do.ts';
import { replicationAssert } from './replication/assert.ts';
import { replicationAssertTaken } from './replication/assert-taken.ts';
import { replicationTakeover } from './replication/takeover.ts';
import { serversBoot } from './servers/boot.ts';
import { serversDelete } from './servers/delete.ts';

const all: readonly Action[] = [
  replicationAssert,
  replicationTakeover,
  replicationAssertTaken,
  cloneAssert,
  cloneSplit,
  cloneResync,
  networkAssertIsolated,
  serversBoot,
  serversDelete,
  peopleDo,
  peopleConfirm,
  checkAll,
  inventoryAssertClean,
];

export const actions: ReadonlyMap<string, Action> = new Map(
  all.map((action) => [action.name, action]),
);
