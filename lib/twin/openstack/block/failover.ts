/**
 * Failover, freeze and thaw of a back end. What Cinder's books say is modelled, with its traps;
 * the takeover on the arrays is not, for the driver of this release does none.
 */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, fault } from '../wire.ts';
import { bodyOf } from './bodies.ts';
import { readsUp, volumeService } from './health.ts';
import { bad, invalidInput, onlyAdmin } from './refusals.ts';
import type { Service, Volume } from './state.ts';

const FAILOVER_MS = 1_000;
/** `rpc_response_timeout`: how long a call waits for a dead process (ms). */
const RPC_TIMEOUT_MS = 60_000;

const word = z.string().max(255).nullable().optional();
const failoverSchema = z.strictObject({ host: word, backend_id: word, cluster: word });
const freezeSchema = z.strictObject({ host: word, cluster: word });

/** `backend_id` that means: back to where it came from. */
const FAILBACK = 'default';
/** What a back end does not replicate, it does not fail over. */
const UNREPLICATED = ['disabled', 'not-capable'];

export function failOver(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'volume:failover_host');
  const { host, backend_id: target = null } = bodyOf(ask, failoverSchema);
  const service = serviceAt(context, host);
  const now = context.clock.now();
  const ready = ['enabled', 'failed-over'].includes(service.replicationStatus ?? '');
  if (!ready || !readsUp(service, now)) {
    const field = `replication_status in ['${service.host}']`;
    const rule = "must be ['enabled', 'failed-over'] and must be up to failover.";
    throw invalidInput(`No service could be changed: ${field} ${rule}`);
  }
  service.replicationStatus = 'failing-over';
  service.failover = { to: target, dueAt: now + FAILOVER_MS };
  if (target !== FAILBACK) giveUpUnreplicated(context, service, now);
  return empty(202);
}

const volumesOn = ({ state }: CloudContext, service: Service): Volume[] =>
  state.block.volumes.filter(({ host }) => host?.split('#')[0] === service.host);

/** Before the driver is asked, so also when it then fails or does not know the target. */
function giveUpUnreplicated(context: CloudContext, service: Service, now: number): void {
  for (const volume of volumesOn(context, service)) {
    if (!UNREPLICATED.includes(volume.replicationStatus ?? '')) continue;
    Object.assign(volume, { status: 'error', replicationStatus: 'not-capable', updatedAt: now });
    for (const snapshot of context.state.block.snapshots) {
      if (snapshot.volumeId === volume.id) snapshot.status = 'error';
    }
  }
}

export function settleFailovers(context: CloudContext, now: number): void {
  for (const service of context.state.block.services) {
    const { failover } = service;
    if (failover === null || failover.dueAt > now || service.deadSince !== null) continue;
    service.failover = null;
    finish(context, service, failover.to);
  }
}

function finish(context: CloudContext, service: Service, to: string | null): void {
  const backend = context.seed.backends.find(({ host }) => host === service.host);
  const back = to === FAILBACK;
  const target = to ?? backend?.replicates?.backendId;
  if (!back && target !== backend?.replicates?.backendId) {
    // An unknown target is forgotten without a word.
    service.replicationStatus = service.activeBackendId ? 'failed-over' : 'enabled';
    return;
  }
  // The way out asks the other array only, the way back needs the one it left.
  const asked = back ? backend?.arrayId : backend?.replicates?.arrayId;
  if (context.arrays[asked ?? '']?.answers() === false) {
    Object.assign(service, { replicationStatus: 'failover-error', disabled: true });
    return;
  }
  if (back) {
    const reason = service.frozen ? 'frozen' : '';
    Object.assign(service, { replicationStatus: 'enabled', activeBackendId: '' });
    Object.assign(service, { disabled: service.frozen, disabledReason: reason });
  } else {
    Object.assign(service, { replicationStatus: 'failed-over', activeBackendId: target });
    Object.assign(service, { disabled: true, disabledReason: 'failed-over' });
  }
  for (const volume of volumesOn(context, service)) {
    if (UNREPLICATED.includes(volume.replicationStatus ?? '')) continue;
    volume.replicationStatus = service.replicationStatus;
  }
}

/** A call that waits for the process: a dead one costs a minute and a 500. */
export function freeze(context: CloudContext, ask: Ask): HttpResponse | Promise<HttpResponse> {
  onlyAdmin(context, ask, 'volume:freeze_host');
  return change(context, ask, true);
}

export function thaw(context: CloudContext, ask: Ask): HttpResponse | Promise<HttpResponse> {
  onlyAdmin(context, ask, 'volume:thaw_host');
  return change(context, ask, false);
}

function change(
  context: CloudContext,
  ask: Ask,
  on: boolean,
): HttpResponse | Promise<HttpResponse> {
  const service = serviceAt(context, bodyOf(ask, freezeSchema).host);
  if (service.frozen === on) {
    const rule = `must be ${on ? 'False' : 'True'} to failover.`;
    throw invalidInput(`No service could be changed: frozen in ['${service.host}'] ${rule}`);
  }
  service.frozen = on;
  if (service.deadSince !== null) return timeout(context);
  // A thaw enables the service, whatever it was disabled for.
  Object.assign(service, { disabled: on, disabledReason: on ? 'frozen' : '' });
  return empty(200);
}

async function timeout(context: CloudContext): Promise<HttpResponse> {
  await context.clock.sleep(RPC_TIMEOUT_MS);
  return fault(500, 'The server has either erred or is incapable of performing the request.');
}

function serviceAt(context: CloudContext, host: string | null | undefined): Service {
  if (!host) throw invalidInput('Host field is missing.');
  const service = volumeService(context, host);
  if (service === undefined) throw bad(`No service found with host=${host}`);
  return service;
}
