/**
 * How well Cinder's processes are, as they are and as the API says: the heartbeat lags, the
 * scheduler's opinion of a back end lags more and can be wrong for good.
 */
import type { ServiceBinary } from '../restarts.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { arrayBelow } from './backends.ts';
import type { Service, Volume } from './state.ts';

/** `service_down_time`: a dead process reads `up` for this long (ms). */
const SERVICE_DOWN_MS = 60_000;
/** How often a back end reports its statistics (ms). */
const STATS_MS = 60_000;

export function volumeService({ state }: CloudContext, host: string | null): Service | undefined {
  const [backend] = (host ?? '').split('#');
  return state.block.services.find((one) => one.binary === 'cinder-volume' && one.host === backend);
}

/** What `state: up` is about. */
export const readsUp = ({ deadSince }: Pick<Service, 'deadSince'>, now: number): boolean =>
  deadSince === null || now - deadSince <= SERVICE_DOWN_MS;

/** Whether the driver reaches its array at this moment. */
export const reachesArray = (context: CloudContext, host: string | null): boolean =>
  !hasFault(context, 'backend-down') && arrayBelow(context, host).answers();

/** `backend_state`: null while nothing reports, and `down` for ever once the scheduler lost it. */
export function backendState(service: Service, now: number): 'up' | 'down' | null {
  if (service.disabled || service.frozen || !readsUp(service, now)) return null;
  const cut = service.cutSince !== null && now - service.cutSince >= STATS_MS;
  return cut || service.stale ? 'down' : 'up';
}

/** Whether the scheduler would put something on it. */
export const takesWork = (service: Service, now: number): boolean =>
  !service.disabled && readsUp(service, now);

/** Reports of the back ends to the scheduler. */
export function settleHealth(context: CloudContext, now: number): void {
  for (const service of context.state.block.services) {
    if (service.binary !== 'cinder-volume') continue;
    const reached = reachesArray(context, service.host);
    if (!reached) service.cutSince ??= now;
    else if (service.cutSince !== null) {
      // The scheduler keeps a back end that once reported nothing as down, for a missing key.
      service.stale ||= now - service.cutSince >= STATS_MS;
      service.cutSince = null;
    }
    if (reached && service.deadSince === null && now - service.stats.at >= STATS_MS) {
      service.stats = { at: now, usedGiB: usedGiB(context, service.host) };
    }
  }
}

const lies = (host: string) => (volume: Volume) => volume.host?.split('#')[0] === host;

function usedGiB({ state }: CloudContext, host: string): number {
  const here = state.block.volumes.filter(lies(host));
  return here.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
}

/** The fault `cinder-down`: every cinder-volume dies, or comes back. */
export function cinderDied(context: CloudContext, dead: boolean): void {
  for (const service of context.state.block.services) {
    if (service.binary !== 'cinder-volume') continue;
    service.deadSince = dead ? context.clock.now() : null;
    if (!dead) startAnew(context, service);
  }
}

export function restart(context: CloudContext, binary: ServiceBinary): void {
  for (const service of context.state.block.services) {
    if (service.binary !== 'cinder-volume') continue;
    if (binary === 'cinder-scheduler') service.stale = false;
    else startAnew(context, service);
  }
}

/** It reads its replication status from the driver anew, and leaves `disabled` as it is. */
function startAnew({ seed }: CloudContext, service: Service): void {
  if (service.replicationStatus === 'failed-over') return;
  const backend = seed.backends.find(({ host }) => host === service.host);
  service.replicationStatus = backend?.replicates === undefined ? 'disabled' : 'enabled';
}
