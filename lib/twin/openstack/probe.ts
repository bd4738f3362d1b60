/**
 * The forward proxy into the isolated drill networks, and the small program that answers on every
 * simulated server: `/health` writes to the disks and says so, `/records` shows what they hold.
 */
import type { HttpRequest, HttpResponse } from '../../http.ts';
import type { Beats } from '../seams.ts';
import { reached } from './block/backends.ts';
import type { Volume } from './block/state.ts';
import { isRunning } from './compute/guests.ts';
import type { Server } from './compute/state.ts';
import type { CloudContext } from './state.ts';
import { json } from './wire.ts';

const GUEST_PORT = '8080';

export function answerProbe(context: CloudContext, request: HttpRequest): HttpResponse {
  const url = new URL(request.url);
  const server = url.port === GUEST_PORT ? listening(context, url.hostname) : undefined;
  if (server === undefined) return json(502, { error: `no server answers at ${url.host}` });
  if (request.method.toUpperCase() !== 'GET') return json(405, { error: 'only GET' });
  if (url.pathname === '/health') return health(context, server);
  if (url.pathname === '/records') return records(context, server);
  return json(404, { error: 'not found' });
}

function listening(context: CloudContext, ip: string): Server | undefined {
  const owners = context.state.network.ports
    .filter(({ fixedIps }) => fixedIps.some((one) => one.ip === ip))
    .map(({ deviceId }) => deviceId);
  return context.state.compute.servers.find(
    (server) => owners.includes(server.id) && isRunning(context, server),
  );
}

/** A database that cannot write to its disks is not healthy. */
function health(context: CloudContext, server: Server): HttpResponse {
  for (const { device, volume } of disksOf(context, server)) {
    try {
      const { array, ldevId } = reached(context, volume);
      array.write(ldevId, server.host ?? undefined);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return json(503, { status: 'failing', server: server.name, device, reason });
    }
  }
  return json(200, { status: 'ok', server: server.name });
}

function records(context: CloudContext, server: Server): HttpResponse {
  const volumes = disksOf(context, server).map(({ device, volume }) => {
    const { array, ldevId } = reached(context, volume);
    const { record, heartbeat } = array.contents(ldevId);
    return { device, record, heartbeat };
  });
  const beats = [...new Set(volumes.map(({ heartbeat }) => heartbeat))];
  const heartbeat = beats.length === 1 ? beats[0] : null;
  return json(200, { server: server.name, heartbeat, ...beatsOn(context, server), volumes });
}

/** Of all its volumes the oldest: what is not on one of them is not there. */
function beatsOn(context: CloudContext, server: Server) {
  const beats = disksOf(context, server).map(({ volume }) => {
    const { array, ldevId } = reached(context, volume);
    return array.beats(ldevId);
  });
  const oldest = (which: keyof Beats) => {
    const all = beats.map((one) => one[which]);
    const known = all.filter((beat) => beat !== undefined).sort((a, b) => a.at - b.at);
    if (known.length < all.length || known[0] === undefined) return {};
    const { heartbeat, at } = known[0];
    return { [which]: { heartbeat, at: new Date(at).toISOString() } };
  };
  return { ...oldest('last'), ...oldest('found') };
}

function disksOf(
  context: CloudContext,
  server: Server,
): readonly { readonly device: string; readonly volume: Volume }[] {
  return server.disks.flatMap(({ volumeId, device }) => {
    const volume = context.state.block.volumes.find(({ id }) => id === volumeId);
    return volume === undefined ? [] : [{ device, volume }];
  });
}
