/** Why something failed, for whoever asks `GET /messages`: the volume itself does not say. */
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import type { Message } from './state.ts';

const causes = {
  noBackend: {
    action: ['001', 'schedule allocate volume'],
    detail: ['003', 'Could not find any available weighted backend.'],
  },
  driverFailedCreate: {
    action: ['008', 'create volume from backend storage'],
    detail: ['012', 'Driver failed to create the volume.'],
  },
  noBackendToExtend: {
    action: ['007', 'extend volume'],
    detail: ['003', 'Could not find any available weighted backend.'],
  },
  driverFailedExtend: {
    action: ['007', 'extend volume'],
    detail: ['010', 'Volume Driver failed to extend volume.'],
  },
  snapshotFailed: {
    action: ['009', 'create snapshot'],
    detail: ['013', 'Snapshot failed to create.'],
  },
  backupFailed: {
    action: ['013', 'create backup'],
    detail: ['019', 'Failed to get backup device from the volume service.'],
  },
} as const;

interface About {
  readonly type: 'VOLUME' | 'VOLUME_SNAPSHOT' | 'VOLUME_BACKUP';
  readonly id: string;
  readonly projectId: string;
  readonly requestId?: string;
}

export function leaveMessage(
  context: CloudContext,
  cause: keyof typeof causes,
  { type, id, projectId, requestId }: About,
): void {
  const { action, detail } = causes[cause];
  const message: Message = {
    id: uuid(context.random),
    resourceType: type,
    resourceId: id,
    action: action[0],
    detail: detail[0],
    text: `${action[1]}:${detail[1]}`,
    // What fails in its own time no longer knows whose request it was.
    requestId: requestId ?? `req-${uuid(context.random)}`,
    projectId,
    createdAt: context.clock.now(),
  };
  context.state.block.messages.push(message);
}
