/** How each kind of task ends, well or badly. */
import { finishUpload } from '../image/uploads.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { arrayBelow } from './backends.ts';
import { adoptionRefusal, discard, grow, labelOf, make, referenced, sizeOf } from './driver.ts';
import { leaveMessage } from './messages.ts';
import { type Backup, replicationOf, type Snapshot, type Task, type Volume } from './state.ts';
import { gone } from './tasks.ts';

type Thing = Volume | Snapshot | Backup;

interface Ending {
  /** Does the work; throws when the array refuses. */
  well(): void;
  badly(): void;
}

/** `end` does the work of a task if the array can be reached, and writes down how it went. */
export function finishers(context: CloudContext, now: number) {
  return {
    end(thing: Thing, task: Task, reached: boolean): void {
      const { well, badly } = endingOf(context, thing, { task, now });
      try {
        if (reached) well();
        else badly();
      } catch {
        // Whatever the array says against it, Cinder shows a status and no reason.
        badly();
      }
    },
  };
}

interface Due {
  readonly task: Task;
  readonly now: number;
}

function endingOf(context: CloudContext, thing: Thing, due: Due): Ending {
  if ('ldevId' in thing && 'host' in thing) return volumeEnding(context, thing, due);
  return 'ldevId' in thing
    ? snapshotEnding(context, thing, due)
    : backupEnding(context, thing, due);
}

const failed = (thing: Thing, status: string): void => {
  thing.status = status;
};

function volumeEnding(context: CloudContext, volume: Volume, { task }: Due): Ending {
  const { kind } = task;
  if (kind === 'create' || kind === 'copy') return creation(context, volume, task);
  if (kind === 'delete') {
    return {
      well() {
        if (hasFault(context, 'volume-delete-failing')) return failed(volume, 'error_deleting');
        discard(context, volume.host, volume.ldevId);
        gone(context, volume);
      },
      badly: () => failed(volume, 'error_deleting'),
    };
  }
  if (kind === 'extend') {
    return {
      well() {
        grow(context, volume, task.sizeGiB ?? volume.sizeGiB);
        volume.sizeGiB = task.sizeGiB ?? volume.sizeGiB;
        volume.status = task.backTo ?? 'available';
      },
      badly() {
        failed(volume, 'error_extending');
        leaveMessage(context, 'driverFailedExtend', { ...volume, type: 'VOLUME' });
      },
    };
  }
  if (kind === 'manage') return adoption(context, volume, task);
  if (kind === 'unmanage') {
    return { well: () => gone(context, volume), badly: () => failed(volume, 'error_unmanaging') };
  }
  // Uploading: the image is whole, or it is not there.
  return {
    well() {
      finishUpload(context, task.from ?? '', true);
      volume.status = task.backTo ?? 'available';
    },
    badly() {
      finishUpload(context, task.from ?? '', false);
      volume.status = task.backTo ?? 'available';
    },
  };
}

function creation(context: CloudContext, volume: Volume, { from }: Task): Ending {
  return {
    well() {
      const array = arrayBelow(context, volume.host);
      volume.ldevId = make(array, volume, from === undefined ? undefined : Number(from));
      reportReplication(context, volume);
      volume.status = 'available';
    },
    badly() {
      failed(volume, 'error');
      leaveMessage(context, 'driverFailedCreate', { ...volume, type: 'VOLUME' });
    },
  };
}

/** A driver with replication says of each volume whether it is replicated; another says nothing. */
function reportReplication({ seed, state }: CloudContext, volume: Volume): void {
  const backend = seed.backends.find(({ host }) => host === volume.host?.split('#')[0]);
  if (backend?.replicates === undefined) return;
  volume.replicationStatus = replicationOf(
    state.block.types.find(({ id }) => id === volume.typeId),
  );
}

/** Leaves no message when it fails, and a volume of size 0 that is to be deleted. */
function adoption(context: CloudContext, volume: Volume, { from = '' }: Task): Ending {
  const badly = () => failed(volume, 'error_managing');
  return {
    well() {
      const array = arrayBelow(context, volume.host);
      const ldev = referenced(array, from);
      if (ldev === undefined || adoptionRefusal(ldev) !== undefined) return badly();
      array.relabel(ldev.ldevId, labelOf(volume.id));
      volume.ldevId = ldev.ldevId;
      reportReplication(context, volume);
      volume.sizeGiB = sizeOf(ldev);
      volume.status = 'available';
    },
    badly,
  };
}

function snapshotEnding(context: CloudContext, snapshot: Snapshot, { task }: Due): Ending {
  const source = context.state.block.volumes.find(({ id }) => id === snapshot.volumeId);
  if (task.kind === 'delete') {
    return {
      well() {
        discard(context, source?.host ?? null, snapshot.ldevId);
        gone(context, snapshot);
      },
      badly: () => failed(snapshot, 'error_deleting'),
    };
  }
  return {
    well() {
      if (hasFault(context, 'snapshot-failing')) return this.badly();
      const array = arrayBelow(context, source?.host ?? null);
      snapshot.ldevId = make(array, snapshot, source?.ldevId ?? -1);
      snapshot.status = 'available';
    },
    badly() {
      failed(snapshot, 'error');
      leaveMessage(context, 'snapshotFailed', { ...snapshot, type: 'VOLUME_SNAPSHOT' });
    },
  };
}

function backupEnding(context: CloudContext, backup: Backup, { task, now }: Due): Ending {
  const { volumes } = context.state.block;
  const free = (id: string, status: string) => {
    const volume = volumes.find((one) => one.id === id);
    if (volume !== undefined) Object.assign(volume, { status, updatedAt: now });
  };
  if (task.kind === 'delete') {
    return { well: () => gone(context, backup), badly: () => failed(backup, 'error_deleting') };
  }
  if (task.kind === 'restore') {
    return {
      well() {
        backup.status = 'available';
        free(task.from ?? '', 'available');
      },
      badly() {
        backup.status = 'available';
        free(task.from ?? '', 'error_restoring');
      },
    };
  }
  return {
    well() {
      backup.status = 'available';
      free(backup.volumeId, task.backTo ?? 'available');
    },
    badly() {
      failed(backup, 'error');
      backup.failReason = 'Failed to get backup device from the volume service.';
      free(backup.volumeId, task.backTo ?? 'available');
      leaveMessage(context, 'backupFailed', { ...backup, type: 'VOLUME_BACKUP' });
    },
  };
}
