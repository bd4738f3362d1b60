/** Evacuation: a server of a host that is down goes on elsewhere, on the same volumes. */
import type { HttpResponse } from '../../../http.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { json } from '../wire.ts';
import type { Deed } from './actions.ts';
import { requireIdle } from './find.ts';
import { record } from './history.ts';
import { hostNamed, isUp } from './hosts.ts';
import { invalid, onlyAdmin, refuse, unexpected } from './refusals.ts';
import { PACE } from './settle.ts';

interface Wish {
  readonly host?: string | undefined;
  readonly adminPass?: string | undefined;
  readonly onSharedStorage?: boolean | string | undefined;
  readonly force?: boolean | string | undefined;
}

/**
 * Answered 200, not 202, for the sake of old clients. A host that is up is a 400 here; a server in
 * a wrong state is the 409.
 */
export function evacuate(context: CloudContext, deed: Deed<Wish>): HttpResponse {
  const { ask, server, wish } = deed;
  checkKeys(ask.minor, wish);
  onlyAdmin(context, ask, 'os_compute_api:os-evacuate');
  if (wish.force === true && wish.host === undefined) {
    throw refuse(400, "Can't force to a non-provided destination");
  }
  if (wish.host !== undefined && hostNamed(context, wish.host) === undefined) {
    throw refuse(404, `Compute host ${wish.host} not found.`);
  }
  if (wish.host === server.host) throw refuse(400, "The target host can't be the same one.");
  requireIdle(context, deed, { action: 'evacuate', vmStates: ['active', 'stopped', 'error'] });
  if (isUp(context, server.host)) {
    throw refuse(400, `Compute service of ${server.host} is still in use.`);
  }
  const now = context.clock.now();
  const { migrations } = context.state.compute;
  migrations.push({
    id: migrations.length + 1,
    uuid: uuid(context.random),
    serverId: server.id,
    source: server.host ?? '',
    target: wish.host ?? null,
    status: 'accepted',
    createdAt: now,
    updatedAt: now,
  });
  const task = { name: 'rebuilding', since: now, tookMs: PACE.rebuilding } as const;
  server.task = { ...task, toHost: wish.host ?? null };
  server.updatedAt = now;
  record(context, ask, { server, action: 'evacuate' });
  if (ask.minor < 14) return json(200, { adminPass: wish.adminPass ?? 'simulated' });
  return { status: 200, headers: { 'content-length': '0' }, body: '' };
}

/** `onSharedStorage` until 2.13, `force` from 2.29 to 2.67. */
function checkKeys(minor: number, wish: Wish): void {
  if (minor < 14 && wish.onSharedStorage === undefined) {
    throw invalid('evacuate', "'onSharedStorage' is a required property");
  }
  if (minor >= 14 && wish.onSharedStorage !== undefined) {
    throw invalid('evacuate', unexpected(['onSharedStorage']));
  }
  if (wish.force !== undefined && (minor < 29 || minor > 67)) {
    throw invalid('evacuate', unexpected(['force']));
  }
}
