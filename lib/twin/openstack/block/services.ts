/** `os-services`: how Cinder's processes say they are, and switching them off and on. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import { bodyOf } from './bodies.ts';
import { failOver, freeze, thaw } from './failover.ts';
import { backendState, readsUp } from './health.ts';
import { invalidInput, onlyAdmin, serviceNotFound } from './refusals.ts';
import type { Service } from './state.ts';
import { stamp } from './views.ts';

/** First minors at which a row has a field more, or a call is there. */
const SINCE = { cluster: 7, failover: 26, backendState: 49 } as const;

export function listServices(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'volume_extension:services:index');
  const [binary, host] = [ask.query.get('binary'), ask.query.get('host')];
  const found = context.state.block.services.filter(
    (one) =>
      (binary ?? one.binary) === one.binary &&
      (host === null || one.host === host || one.host.split('@')[0] === host),
  );
  return json(200, { services: found.map((one) => rowOf(context, one, ask.minor)) });
}

function rowOf(context: CloudContext, service: Service, minor: number) {
  const now = context.clock.now();
  const volume = service.binary === 'cinder-volume';
  return {
    binary: service.binary,
    host: service.host,
    zone: service.zone,
    status: service.disabled ? 'disabled' : 'enabled',
    state: readsUp(service, now) ? 'up' : 'down',
    updated_at: stamp(context, service.deadSince ?? now),
    ...(volume && minor >= SINCE.backendState ? { backend_state: backendState(service, now) } : {}),
    ...(minor >= SINCE.cluster ? { cluster: null } : {}),
    disabled_reason: service.disabledReason,
    ...(volume ? replicationOf(service) : {}),
  };
}

const replicationOf = ({ replicationStatus, activeBackendId, frozen }: Service) => ({
  replication_status: replicationStatus,
  active_backend_id: activeBackendId,
  frozen,
});

const switchSchema = z.strictObject({
  binary: z.string().min(1).max(255).optional(),
  service: z.string().min(1).max(255).optional(),
  host: z.string().max(255).nullable().optional(),
  cluster: z.string().nullable().optional(),
  disabled_reason: z.string().min(1).max(255).optional(),
});

export function updateService(
  context: CloudContext,
  ask: Ask,
  action: string | undefined,
): HttpResponse | Promise<HttpResponse> {
  onlyAdmin(context, ask, 'volume_extension:services:update');
  if (action === 'failover_host') return failOver(context, ask);
  if (action === 'failover' && ask.minor >= SINCE.failover) return failOver(context, ask);
  if (action === 'freeze') return freeze(context, ask);
  if (action === 'thaw') return thaw(context, ask);
  if (action === 'enable') return switched(context, ask, { disabled: false, reasoned: false });
  if (action === 'disable') return switched(context, ask, { disabled: true, reasoned: false });
  if (action === 'disable-log-reason') {
    return switched(context, ask, { disabled: true, reasoned: true });
  }
  throw invalidInput('Unknown action');
}

/** Enabling does not clear the reason: only what is written is changed. */
function switched(
  context: CloudContext,
  ask: Ask,
  { disabled, reasoned }: { readonly disabled: boolean; readonly reasoned: boolean },
): HttpResponse {
  const wish = bodyOf(ask, switchSchema);
  if (!wish.host) throw invalidInput('Host field is missing.');
  const binary = wish.binary ?? wish.service ?? '';
  const service = context.state.block.services.find(
    (one) => one.binary === binary && one.host === wish.host,
  );
  if (service === undefined) {
    throw serviceNotFound(binary, wish.host);
  }
  service.disabled = disabled;
  const reason = reasoned ? { disabled_reason: wish.disabled_reason } : {};
  if (reasoned) service.disabledReason = wish.disabled_reason ?? null;
  return json(200, {
    disabled,
    ...reason,
    host: wish.host,
    service: wish.service ?? '',
    binary: wish.binary ?? '',
    status: disabled ? 'disabled' : 'enabled',
  });
}
