/** Servers as far as the caller may see and change them. */
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import type { Ask } from '../wire.ts';
import { noServer, refuse, wrongState } from './refusals.ts';
import type { Server } from './state.ts';

interface Which {
  readonly id: string | undefined;
  /** Deleted servers are gone for nearly everything. */
  readonly deletedToo?: boolean;
}

/** Deleted for good: for a moment a server is DELETED and listed still. */
export const isGone = ({ vmState, task }: Pick<Server, 'vmState' | 'task'>): boolean =>
  vmState === 'deleted' && task === null;

/** Throws the 404 for a server that is not there, deleted, or of another project. */
export function findServer(
  context: CloudContext,
  ask: Ask,
  { id, deletedToo = false }: Which,
): Server {
  const caller = callerOf(context, ask);
  const server = context.state.compute.servers.find((one) => one.id === id);
  if (server === undefined || (isGone(server) && !deletedToo)) throw noServer(id);
  if (!caller.admin && server.projectId !== caller.projectId) throw noServer(id);
  return server;
}

/** A locked server is changed by administrators only. */
export function refuseLocked(context: CloudContext, ask: Ask, server: Server): void {
  if (server.lock === null || callerOf(context, ask).admin) return;
  throw refuse(409, `Instance ${server.id} is locked`);
}

interface Need {
  readonly action: string;
  /** undefined = any. */
  readonly vmStates?: readonly Server['vmState'][];
}

/** The server is not locked, in one of the states, doing nothing else, and was up once. */
export function requireIdle(
  context: CloudContext,
  { ask, server }: { readonly ask: Ask; readonly server: Server },
  { action, vmStates }: Need,
): void {
  refuseLocked(context, ask, server);
  const { id } = server;
  // No host has it yet: it is a wish, and Nova looks for servers.
  if (server.vmState === 'building' && server.host === null) throw noServer(id);
  if (vmStates !== undefined && !vmStates.includes(server.vmState)) {
    throw wrongState(action, { id, attr: 'vm_state', state: server.vmState });
  }
  if (server.task !== null) {
    throw wrongState(action, { id, attr: 'task_state', state: server.task.name });
  }
  // The real server has no state to name here, and says so.
  if (server.launchedAt === null) {
    throw refuse(409, `Instance ${id} is in an invalid state for '${action}'`);
  }
}
