/** The twin on real ports: array and cloud of each centre, the probe proxy, a control door. */

import * as z from 'zod';
import { DrillbookError } from '../errors.ts';
import { type Http, type HttpRequest, type HttpResponse, serveHttp } from '../http.ts';
import { faultSchema } from './scenario.ts';
import { originOf, type World } from './world.ts';

/** 0 lets the system choose a port. */
export interface TwinPorts {
  readonly arrayMain: number;
  readonly cloudMain: number;
  readonly arrayDr: number;
  readonly cloudDr: number;
  readonly probe: number;
  readonly control: number;
}

export interface ServedTwin {
  readonly urls: Readonly<Record<keyof TwinPorts, string>>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Opens all ports; rejects with the system's error when one is taken, with none left open. */
export async function serveTwin(world: World, ports: TwinPorts): Promise<ServedTwin> {
  const open: { url: string; close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(open.map((one) => one.close()));
  };
  async function serve(handler: Http, port: number): Promise<string> {
    const served = await serveHttp(handler, { host: HOST, port });
    open.push(served);
    return served.url;
  }
  async function cloud(site: string, port: number): Promise<string> {
    const name = world.config.sites.find(({ id }) => id === site)?.cloud ?? site;
    const origin = originOf('cloud', name);
    const url = await serve(handlerAt(world, origin), port);
    world.addresses.set(origin, url);
    return url;
  }
  try {
    const urls = {
      arrayMain: await serve(handlerAt(world, originOf('array', 'main')), ports.arrayMain),
      cloudMain: await cloud('main', ports.cloudMain),
      arrayDr: await serve(handlerAt(world, originOf('array', 'dr')), ports.arrayDr),
      cloudDr: await cloud('dr', ports.cloudDr),
      probe: await serve(world.probe, ports.probe),
      control: await serve(controlDoor(world), ports.control),
    };
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function handlerAt({ handlers }: World, origin: string): Http {
  const handler = handlers.get(origin);
  if (handler === undefined) throw new Error(`the configuration has nobody at ${origin}`);
  return handler;
}

const switchSchema = faultSchema.extend({ on: z.boolean() });

/** What tests and people turn and read from outside; no gateway knows of it. */
export function controlDoor(world: World): Http {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const asked = `${request.method} ${pathname}`;
    if (asked === 'GET /twin/v1/oracle') return said(200, oracle(world));
    if (asked === 'GET /twin/v1/effects') return said(200, { effects: world.effects });
    if (asked === 'GET /twin/v1/samples') return said(200, { samples: world.samples });
    if (asked === 'POST /twin/v1/faults') return switchFault(world, request);
    return said(404, { what: `Nothing is at ${asked}.` });
  };
}

function oracle({ oracle: sees, map }: World) {
  return {
    resyncUnderPath: sees.resyncUnderPath(),
    groups: map.services.map((service) => ({
      service: service.id,
      group: service.cloneGroup,
      copiesEqualOneInstant: sees.copiesEqualOneInstant(service.cloneGroup),
      volumes: service.volumes.map(({ pvol, svol, copyLdev }) => ({
        pvol: { ldevId: pvol, ...sees.contents(service.from, pvol) },
        svol: { ldevId: svol, ...sees.contents(service.to, svol) },
        copy: { ldevId: copyLdev, ...sees.contents(service.to, copyLdev) },
      })),
    })),
  };
}

function switchFault(world: World, { body }: HttpRequest): HttpResponse {
  const wish = switchSchema.safeParse(parsed(body));
  if (!wish.success) return said(400, { what: z.prettifyError(wish.error) });
  const { name, on, service, site } = wish.data;
  try {
    world.fault(name, on, {
      ...(service === undefined ? {} : { service }),
      ...(site === undefined ? {} : { site }),
    });
  } catch (error) {
    if (error instanceof DrillbookError) return said(400, error.toRefusal());
    throw error;
  }
  return said(200, { name, on });
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
