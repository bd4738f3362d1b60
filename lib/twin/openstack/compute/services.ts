/** `os-services`: the daemons of Nova, and what an operator says of compute hosts. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { stableUuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, type Route } from '../wire.ts';
import { hostNamed, isUp, serviceOf } from './hosts.ts';
import { times } from './moments.ts';
import { onlyAdmin, readNova, refuse } from './refusals.ts';
import type { ComputeService } from './state.ts';

const bool = z.union([z.boolean(), z.string()]).transform((value) => /^true$/i.test(String(value)));
const oldSchema = z.strictObject({
  host: z.string(),
  binary: z.string(),
  disabled_reason: z.string().max(255).optional(),
  forced_down: bool.optional(),
});
const newSchema = z.strictObject({
  status: z.enum(['enabled', 'disabled']).optional(),
  disabled_reason: z.string().max(255).optional(),
  forced_down: bool.optional(),
});
/** First microversion with `forced_down`, and with UUIDs in the path instead of an action. */
const SINCE = { forcedDown: 11, uuid: 53 } as const;

interface Row {
  readonly id: string;
  readonly number: number;
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly up: boolean;
  readonly service?: ComputeService;
}

export function serviceRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/os-services', (ask) => list(context, ask)],
    ['PUT', '/os-services/:id', (ask, { id = '' }) => update(context, ask, id)],
    ['DELETE', '/os-services/:id', (ask, { id = '' }) => refuseDelete(context, ask, id)],
  ];
}

export const serviceId = (host: string): string => stableUuid('nova-compute', host);

function rows(context: CloudContext): readonly Row[] {
  const controller = `${context.seed.name}-controller`;
  const inner = ['nova-conductor', 'nova-scheduler'].map((binary, place) => ({
    id: stableUuid(binary, controller),
    number: place + 1,
    binary,
    host: controller,
    zone: 'internal',
    up: true,
  }));
  const computes = context.state.compute.services.map((service, place) => ({
    id: serviceId(service.host),
    number: inner.length + place + 1,
    binary: 'nova-compute',
    host: service.host,
    zone: hostNamed(context, service.host)?.zone ?? 'nova',
    up: isUp(context, service.host),
    service,
  }));
  return [...inner, ...computes];
}

function list(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-services:list');
  const { query, minor } = ask;
  const found = rows(context).filter(
    ({ binary, host }) =>
      (query.get('binary') ?? binary) === binary && (query.get('host') ?? host) === host,
  );
  return json(200, { services: found.map((row) => view(context, row, minor)) });
}

function view({ clock }: CloudContext, row: Row, minor: number) {
  const { service } = row;
  return {
    id: minor >= SINCE.uuid ? row.id : row.number,
    binary: row.binary,
    host: row.host,
    zone: row.zone,
    status: service?.disabled ? 'disabled' : 'enabled',
    state: row.up ? 'up' : 'down',
    updated_at: times.micro(service?.deadSince ?? clock.now()),
    disabled_reason: service?.disabledReason ?? null,
    ...(minor >= SINCE.forcedDown ? { forced_down: service?.forcedDown ?? false } : {}),
  };
}

function update(context: CloudContext, ask: Ask, id: string): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-services:update');
  return ask.minor >= SINCE.uuid ? updateById(context, ask, id) : updateByHost(context, ask, id);
}

function updateById(context: CloudContext, ask: Ask, id: string): HttpResponse {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw refuse(400, `Invalid uuid ${id}`);
  const row = rows(context).find((one) => one.id === id);
  if (row === undefined) throw refuse(404, `Service ${id} could not be found.`);
  const { service } = row;
  if (service === undefined) throw notCompute(row.binary);
  const wish = readNova(ask, newSchema);
  if (wish.status === undefined && wish.forced_down === undefined) {
    const fields = "Fields 'status' or 'forced_down' should be specified.";
    throw refuse(400, `No updates were requested. ${fields}`);
  }
  if (wish.status === 'enabled' && wish.disabled_reason !== undefined) {
    throw refuse(400, "Specifying 'disabled_reason' with status 'enabled' is invalid.");
  }
  if (wish.forced_down === false) refuseForcedUp(context, service.host);
  if (wish.status !== undefined) switchOn(service, wish.status, wish.disabled_reason);
  service.forcedDown = wish.forced_down ?? service.forcedDown;
  const now = { ...row, up: isUp(context, service.host) };
  return json(200, { service: view(context, now, ask.minor) });
}

const notCompute = (binary: string) =>
  refuse(
    400,
    `Updating a ${binary} service is not supported. Only nova-compute services can be updated.`,
  );

function switchOn(service: ComputeService, status: 'enabled' | 'disabled', reason?: string): void {
  service.disabled = status === 'disabled';
  service.disabledReason = service.disabled ? (reason ?? null) : null;
}

/** Until 2.52: `/os-services/enable`, `disable`, `disable-log-reason` and `force-down`. */
function updateByHost(context: CloudContext, ask: Ask, action: string): HttpResponse {
  const known = ['enable', 'disable', 'disable-log-reason'];
  const forcing = action === 'force-down' && ask.minor >= SINCE.forcedDown;
  if (!known.includes(action) && !forcing) throw refuse(404, 'Unknown action');
  const { host, binary, ...wish } = readNova(ask, oldSchema);
  if (binary !== 'nova-compute') throw notCompute(binary);
  const service = serviceOf(context, host);
  if (service === undefined) throw refuse(404, `Could not find binary ${binary} on host ${host}.`);
  if (forcing) {
    if (wish.forced_down === undefined) throw refuse(400, 'Missing forced_down field');
    if (!wish.forced_down) refuseForcedUp(context, host);
    service.forcedDown = wish.forced_down;
    return json(200, { service: { host, binary, forced_down: service.forcedDown } });
  }
  const reason = wish.disabled_reason;
  if (action === 'disable-log-reason' && reason === undefined) {
    throw refuse(400, 'Missing disabled reason field');
  }
  const status = action === 'enable' ? 'enabled' : 'disabled';
  switchOn(service, status, action === 'disable-log-reason' ? reason : undefined);
  const said = service.disabledReason === null ? {} : { disabled_reason: service.disabledReason };
  return json(200, { service: { host, binary, status, ...said } });
}

/** A host whose servers were evacuated must have been started anew before it is believed again. */
function refuseForcedUp({ state }: CloudContext, host: string): void {
  const left = state.compute.migrations.some(
    ({ source, status }) => source === host && status === 'done',
  );
  if (!left) return;
  const why = '`done` evacuation migration records remain associated with the host.';
  const moved = 'allowing these records to move to `completed` before retrying this request.';
  const next = `Ensure the compute service has been restarted, ${moved}`;
  throw refuse(400, `Unable to force up host ${host} as ${why} ${next}`);
}

function refuseDelete(context: CloudContext, ask: Ask, id: string): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-services:delete');
  const row = rows(context).find(
    (one) => id === (ask.minor >= SINCE.uuid ? one.id : `${one.number}`),
  );
  if (row === undefined) throw refuse(404, `Service ${id} not found.`);
  const hosting = context.state.compute.servers.some(
    ({ host, vmState }) => host === row.host && vmState !== 'deleted',
  );
  if (hosting) {
    const next = 'Migrate or delete the instances first.';
    throw refuse(409, `Unable to delete compute service that is hosting instances. ${next}`);
  }
  throw refuse(501, 'The hosts of the simulated Nova are those of its seed.');
}
