/** The control door: what tests and people turn and read from outside; no gateway knows of it. */
import * as z from 'zod';
import { DrillbookError, nearest } from '../errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../http.ts';
import { faultTable } from './faults/table.ts';
import { serviceBinaries } from './openstack/restarts.ts';
import { volumeSchema } from './openstack/seed.ts';
import { faultSchema } from './scenario.ts';
import type { TwinWorld } from './world.ts';

const ROOT = '/twin/v1';

interface Route {
  readonly asked: string;
  readonly does: string;
  readonly answer: (world: TwinWorld, request: HttpRequest, tls: boolean) => HttpResponse;
}

const routes: readonly Route[] = [
  {
    asked: `GET ${ROOT}`,
    does: 'This list, and where everything is.',
    answer: ({ addresses }) =>
      said(200, {
        asks: routes.map(({ asked, does }) => ({ asked, does })),
        addresses: Object.fromEntries(addresses),
      }),
  },
  {
    asked: `GET ${ROOT}/oracle`,
    does: 'What every volume holds; ?service=… for one only.',
    answer: oracle,
  },
  {
    asked: `GET ${ROOT}/effects`,
    does: 'Every change that an array or a cloud accepted, in order.',
    answer: ({ effects }) => said(200, { effects }),
  },
  {
    asked: `GET ${ROOT}/samples`,
    does: 'Every change of the state of replication.',
    answer: ({ samples }) => said(200, { samples }),
  },
  {
    asked: `GET ${ROOT}/faults`,
    does: 'All faults by name, and where which of them is on.',
    answer: (world) => said(200, { faults: listed(world) }),
  },
  {
    asked: `POST ${ROOT}/faults`,
    does: 'Switches one: {"name":"backlog","on":true,"service":"payments"}.',
    answer: switchFault,
  },
  {
    asked: `POST ${ROOT}/restarts`,
    does: 'Restarts a service: {"cloud":"dr","service":"cinder-scheduler"}.',
    answer: restartService,
  },
  {
    asked: `POST ${ROOT}/rows`,
    does: 'Restores rows of Cinder\'s database: {"cloud":"dr","rows":[…]}.',
    answer: restoreRows,
  },
];

/**
 * Answers 404 with the nearest path, 400 with a reason and the nearest name. `tls`: whether arrays and
 * clouds have certificates at all.
 */
export function controlDoor(world: TwinWorld, { tls } = { tls: false }): Http {
  return async (request) => {
    const path = new URL(request.url).pathname.replace(/\/$/, '');
    const asked = `${request.method} ${path}`;
    const route = routes.find((one) => one.asked === asked);
    if (route !== undefined) return route.answer(world, request, tls);
    const near = nearest(
      asked,
      routes.map((one) => one.asked),
    );
    return said(404, { what: `Nothing is at ${asked}.${hint(near)}`, index: `GET ${ROOT}` });
  };
}

const hint = (near: string | undefined): string =>
  near === undefined ? '' : ` Did you mean ${near}?`;

function listed(world: TwinWorld) {
  const on = world.faultsOn();
  return faultTable.map((line) => ({
    ...line,
    on: on.filter(({ name }) => name === line.name).map(({ where }) => where),
  }));
}

function oracle({ oracle: sees, units }: TwinWorld, { url }: HttpRequest): HttpResponse {
  const wished = new URL(url).searchParams.get('service');
  try {
    const chosen = wished === null ? units : [sees.unit(wished)];
    return said(200, {
      resyncUnderPath: sees.resyncUnderPath(),
      groups: chosen.map((unit) => ({
        service: unit.id,
        group: unit.cloneGroup ?? unit.group,
        recordsBehind: sees.recordsBehind(unit.id),
        copiesEqualOneInstant: sees.copiesEqualOneInstant(unit.id),
        moves: sees.moves(unit.id),
        volumes: unit.pairs.map(({ pvol, svol }) => {
          const copy = unit.copies.get(svol);
          return {
            pvol: { ldevId: pvol, ...sees.contents(unit.from, pvol) },
            svol: { ldevId: svol, ...sees.contents(unit.to, svol) },
            ...(copy === undefined
              ? {}
              : { copy: { ldevId: copy, ...sees.contents(unit.to, copy) } }),
          };
        }),
      })),
    });
  } catch (error) {
    return refused(error);
  }
}

const switchSchema = faultSchema.safeExtend({ on: z.boolean() });

function switchFault(world: TwinWorld, { body }: HttpRequest, tls: boolean): HttpResponse {
  const wish = switchSchema.safeParse(parsed(body));
  if (!wish.success) return said(400, { what: misread(wish.error, parsed(body)) });
  const { on, ...fault } = wish.data;
  if (fault.name === 'certificate-expired' && on && !tls) {
    return said(409, { what: 'No port here has a certificate; start the twin with TLS.' });
  }
  try {
    world.fault(fault.name, on, fault);
  } catch (error) {
    return refused(error);
  }
  return said(200, { name: fault.name, on });
}

const restartSchema = z.strictObject({ cloud: z.string(), service: z.enum(serviceBinaries) });

function restartService(world: TwinWorld, { body }: HttpRequest): HttpResponse {
  const wish = restartSchema.safeParse(parsed(body));
  if (!wish.success) return said(400, { what: flat(wish.error) });
  try {
    world.restartService(wish.data.cloud, wish.data.service);
  } catch (error) {
    return refused(error);
  }
  return said(200, wish.data);
}

const rowsSchema = z.strictObject({ cloud: z.string(), rows: z.array(volumeSchema) });

function restoreRows(world: TwinWorld, { body }: HttpRequest): HttpResponse {
  const wish = rowsSchema.safeParse(parsed(body));
  if (!wish.success) return said(400, { what: flat(wish.error) });
  try {
    world.restoreRows(wish.data.cloud, wish.data.rows);
  } catch (error) {
    return refused(error);
  }
  return said(200, { rows: wish.data.rows.length });
}

function misread(error: z.ZodError, given: unknown): string {
  const named = z.object({ name: z.string() }).safeParse(given);
  const names = faultTable.map(({ name }) => name as string);
  if (!named.success || names.includes(named.data.name)) {
    const ours = named.data?.name === 'gateway-restarted';
    return ours ? 'A gateway is restarted at the control port of the house.' : flat(error);
  }
  return `There is no fault ${named.data.name}.${hint(nearest(named.data.name, names))}`;
}

const flat = (error: z.ZodError): string => z.prettifyError(error).replaceAll(/\s*\n\s*/g, ' ');

function refused(error: unknown): HttpResponse {
  if (error instanceof DrillbookError) return said(400, error.toRefusal());
  throw error;
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

function said(status: number, value: object): HttpResponse {
  const headers = { 'content-type': 'application/json', 'x-simulator': 'true' };
  return { status, headers, body: JSON.stringify({ simulated: true, ...value }) };
}
