/** Every action a runbook can use, by the name it is written with. */
import type { Action } from './action.ts';
import { backupsDiscard } from './backups/discard.ts';
import { backupsImport } from './backups/import.ts';
import { backupsRestore } from './backups/restore.ts';
import { checkAll } from './check/all.ts';
import { cloneAssert } from './clone/assert.ts';
import { cloneResync } from './clone/resync.ts';
import { cloneSplit } from './clone/split.ts';
import { configurationApply } from './configuration/apply.ts';
import { configurationCompare } from './configuration/compare.ts';
import { configurationExport } from './configuration/export.ts';
import { disasterDeclare } from './disaster/declare.ts';
import { gadAssert } from './gad/assert.ts';
import { gadResync } from './gad/resync.ts';
import { gadSurvive } from './gad/survive.ts';
import { gadSwapSplit } from './gad/swap-split.ts';
import { heartbeatMeasure } from './heartbeat/measure.ts';
import { inventoryAssertClean } from './inventory/assert-clean.ts';
import { networkAnswersFrom } from './network/answers-from.ts';
import { networkAssertIsolated } from './network/assert-isolated.ts';
import { networkResolves } from './network/resolves.ts';
import { pathsRemove } from './paths/remove.ts';
import { pathsRestore } from './paths/restore.ts';
import { peopleConfirm } from './people/confirm.ts';
import { peopleDo } from './people/do.ts';
import { protectionAdopt } from './protection/adopt.ts';
import { protectionAssert } from './protection/assert.ts';
import { protectionCopy } from './protection/copy.ts';
import { protectionDiscard } from './protection/discard.ts';
import { protectionGrow } from './protection/grow.ts';
import { protectionMap } from './protection/map.ts';
import { protectionPair } from './protection/pair.ts';
import { protectionPrepare } from './protection/prepare.ts';
import { protectionRelease } from './protection/release.ts';
import { protectionVolumes } from './protection/volumes.ts';
import { replicationAssert } from './replication/assert.ts';
import { replicationAssertTaken } from './replication/assert-taken.ts';
import { replicationDelta } from './replication/delta.ts';
import { replicationDrain } from './replication/drain.ts';
import { replicationResync } from './replication/resync.ts';
import { replicationReverse } from './replication/reverse.ts';
import { replicationSwap } from './replication/swap.ts';
import { replicationTakeover } from './replication/takeover.ts';
import { serversAssert } from './servers/assert.ts';
import { serversAssertOff } from './servers/assert-off.ts';
import { serversBoot } from './servers/boot.ts';
import { serversDelete } from './servers/delete.ts';
import { serversDeploy } from './servers/deploy.ts';
import { serversEvacuate } from './servers/evacuate.ts';
import { serversRetire } from './servers/retire.ts';
import { serversStart } from './servers/start.ts';
import { serversStop } from './servers/stop.ts';
import { taskRun } from './task/run.ts';
import { volumesClone } from './volumes/clone.ts';
import { volumesCut } from './volumes/cut.ts';
import { volumesManage } from './volumes/manage.ts';

const all: readonly Action[] = [
  replicationAssert,
  replicationTakeover,
  replicationAssertTaken,
  replicationDelta,
  replicationDrain,
  replicationSwap,
  replicationReverse,
  replicationResync,
  gadAssert,
  gadSurvive,
  gadSwapSplit,
  gadResync,
  pathsRemove,
  pathsRestore,
  cloneAssert,
  cloneSplit,
  cloneResync,
  networkAssertIsolated,
  networkResolves,
  networkAnswersFrom,
  taskRun,
  serversAssert,
  serversAssertOff,
  serversBoot,
  serversDelete,
  serversDeploy,
  serversEvacuate,
  serversRetire,
  serversStart,
  serversStop,
  backupsImport,
  backupsRestore,
  backupsDiscard,
  peopleDo,
  peopleConfirm,
  checkAll,
  disasterDeclare,
  heartbeatMeasure,
  inventoryAssertClean,
  configurationExport,
  configurationCompare,
  configurationApply,
  protectionVolumes,
  protectionPrepare,
  protectionPair,
  protectionCopy,
  protectionAssert,
  protectionRelease,
  protectionGrow,
  protectionDiscard,
  protectionAdopt,
  protectionMap,
  volumesClone,
  volumesCut,
  volumesManage,
];

export const actions: ReadonlyMap<string, Action> = new Map(
  all.map((action) => [action.name, action]),
);
