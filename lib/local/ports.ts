/** The ports of one machine, counted from a base, so that two houses can stand side by side. */
import { createServer } from 'node:net';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { TwinPorts } from '../twin/serve.ts';
import { LocalError } from './folder.ts';

export const DEFAULT_BASE = 4700;

export interface Ports {
  readonly control: number;
  readonly arrayMain: number;
  readonly cloudMain: number;
  readonly arrayDr: number;
  readonly cloudDr: number;
  readonly probe: number;
  readonly twinControl: number;
  readonly homeProbe: number;
  readonly arrayFar: number;
  readonly cloudFar: number;
  readonly gatewayMain: number;
  readonly gatewayDr: number;
  readonly gatewayFar: number;
  readonly slack: number;
  readonly store: number;
  readonly doors: number;
  readonly lambda: number;
}

export function portsFrom(base: number): Ports {
  return {
    control: base,
    arrayMain: base + 1,
    cloudMain: base + 2,
    arrayDr: base + 3,
    cloudDr: base + 4,
    probe: base + 5,
    twinControl: base + 6,
    homeProbe: base + 7,
    arrayFar: base + 8,
    cloudFar: base + 9,
    gatewayMain: base + 10,
    gatewayDr: base + 20,
    gatewayFar: base + 25,
    slack: base + 30,
    store: base + 40,
    doors: base + 50,
    lambda: base + 52,
  };
}

/**
 * The twin's part of them: a site that services are replicated from has the ports of main, one that
 * they are replicated to those of DR.
 */
export function twinPorts({ sites, services }: Config, ports: Ports): TwinPorts {
  const isEnd = (end: 'from' | 'to', site: string) =>
    services.some(({ replication }) => replication[end] === site);
  const placed = sites.map(({ id, cloud }) => {
    const [array, door] = isEnd('from', id)
      ? [ports.arrayMain, ports.cloudMain]
      : isEnd('to', id)
        ? [ports.arrayDr, ports.cloudDr]
        : [ports.arrayFar, ports.cloudFar];
    return { id, cloud, array, door };
  });
  return {
    arrays: Object.fromEntries(placed.map(({ id, array }) => [id, array])),
    clouds: Object.fromEntries(placed.map(({ cloud, door }) => [cloud, door])),
    probe: ports.probe,
    homeProbe: ports.homeProbe,
    control: ports.twinControl,
  };
}

/** Processes of a house that was killed need a moment to notice (real ms). */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 100;

/** Throws LOCAL-PORT naming the first port that stays taken. */
export async function checkPorts(ports: Ports): Promise<void> {
  const real = systemClock();
  const until = real.now() + PATIENCE_MS;
  for (const [name, port] of Object.entries(ports)) {
    while (!(await isFree(port))) {
      if (real.now() > until) {
        throw new LocalError('LOCAL-PORT', `Port ${port} (${name}) is taken.`);
      }
      await real.sleep(LOOK_EVERY_MS);
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
